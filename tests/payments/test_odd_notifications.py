"""Genuine signatures around bodies of odd shapes: never a fault of the shop's own."""

import json
from typing import Any

import pytest

from orders.models import Order
from payments.clients import midtrans_notification
from payments.clients.midtrans_notification import (
    BadSignature,
    MalformedNotification,
    parse_notification,
)
from payments.models import GatewayEvent, GatewayTransaction
from payments.services import charges, notifications
from sandbox.midtrans import Midtrans, sign
from tests.factories import make_order

TRANSACTION = "0c9b0a51-1c0e-4f2b-9d6a-000000000001"


def signed(order_id: str, amount: int, **claims: Any) -> dict[str, Any]:
    body = {
        "order_id": order_id,
        "status_code": "201",
        "gross_amount": f"{amount}.00",
        "currency": "IDR",
        "merchant_id": "G123456789",
        "transaction_status": "pending",
        "transaction_id": TRANSACTION,
        "payment_type": "bank_transfer",
    }
    signature = sign(
        order_id=body["order_id"],
        status_code=body["status_code"],
        gross_amount=body["gross_amount"],
        key="SB-Mid-server-sandbox",
    )
    return {**body, "signature_key": signature, **claims}


@pytest.fixture
def order(gateway: Midtrans) -> Order:
    order = make_order()
    charges.start_payment(order.number)
    return order


def outcome_of(order: Order, gateway: Midtrans, **claims: Any) -> str:
    """Deliver an odd body that the gateway stands by, oddness included."""
    body = signed(f"{order.number}-01", order.grand_total, **claims)
    gateway.settings.scripted[TRANSACTION] = body
    notifications.receive(json.dumps(body).encode())
    return GatewayEvent.objects.get().outcome


@pytest.mark.parametrize(
    "text",
    [r'"\ud800"', r'"a\u0000b"', "NaN", "Infinity", "1e999", r'{"\ud800": 1}'],
)
def test_what_the_database_cannot_hold_is_malformed(text: str) -> None:
    body = json.dumps(signed("KRM-1", 1000, extra="@")).replace('"@"', text)
    with pytest.raises(MalformedNotification):
        parse_notification(body.encode())


def test_lone_surrogate_in_a_signed_field_is_malformed() -> None:
    body = json.dumps({**signed("KRM-1", 1000), "order_id": "\ud800"})
    with pytest.raises(MalformedNotification):
        parse_notification(body.encode())


def test_other_digits_are_no_amount() -> None:
    body = {**signed("KRM-1", 1000), "gross_amount": "١٠٠٠.00"}
    with pytest.raises((MalformedNotification, BadSignature)):
        parse_notification(json.dumps(body).encode())
    assert midtrans_notification.parse_amount("١٠٠٠.00") is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "claims",
    [
        {"refunds": 5},
        {"refunds": True},
        {"refunds": {"refund_key": "a"}},
        {"refunds": ["a", None, {"bank_confirmed_at": 3}]},
        {"refund_amount": ["1.00"]},
        {"settlement_time": {"at": 1}},
        {"va_numbers": 7},
        {"fraud_status": None},
        {"merchant_id": None},
        {"payment_type": ["bank_transfer"]},
    ],
)
def test_member_of_an_odd_shape_counts_as_absent(
    order: Order, gateway: Midtrans, claims: Any
) -> None:
    assert outcome_of(order, gateway, **claims) == GatewayEvent.Outcome.APPLIED
    assert GatewayTransaction.objects.get().status == "pending"


@pytest.mark.django_db
@pytest.mark.parametrize("value", [None, 7, {}, ["a"]])
def test_transaction_without_a_name_is_put_aside(
    order: Order, gateway: Midtrans, value: Any
) -> None:
    assert (
        outcome_of(order, gateway, transaction_id=value)
        == GatewayEvent.Outcome.MISMATCH
    )
    assert not GatewayTransaction.objects.exists()
