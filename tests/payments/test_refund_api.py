"""Refunds over the API: by a program with the scope, once for each key."""

import json
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from orders.models import Order
from payments.models import Refund
from payments.services import charges, notifications
from sandbox.midtrans import Midtrans
from tests.factories import VariantFactory, make_order
from tests.fixtures_programs import program

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(gateway: Midtrans) -> Order:
    order = make_order(variant=VariantFactory(on_hand=5, price=150_000))
    charges.start_payment(order.number)
    body = gateway.pay(f"{order.number}-01", "gopay")
    notifications.receive(json.dumps(body).encode())
    return order


def refund(app: APIClient, order: Order, *, key: str = "k" * 20, **body: Any) -> Any:
    return app.post(
        f"/api/v1/orders/{order.number}/refund",
        {"reason": "Ukuran habis", **body},
        format="json",
        headers={"Idempotency-Key": key},
    )


def test_part_goes_back_once_for_a_key(order: Order, gateway: Midtrans) -> None:
    app = program("orders:refund")
    first = refund(app, order, amount=10_000)
    assert first.status_code == 201
    (made,) = first.json()["refunds"]
    assert (made["state"], made["amount"]) == ("confirmed", 10_000)
    assert refund(app, order, amount=10_000).json() == first.json()
    other = refund(app, order, amount=11_000)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert gateway.transactions(f"{order.number}-01")[0].refunded == 10_000


@pytest.mark.parametrize("change", [{"by_transfer": True}, {"transaction_id": "other"}])
def test_key_of_another_wish_is_refused(order: Order, change: dict[str, Any]) -> None:
    app = program("orders:refund")
    assert refund(app, order, amount=10_000).status_code == 201
    answer = refund(app, order, amount=10_000, **change)
    assert (answer.status_code, answer.json()["code"]) == (
        422,
        "idempotency_key_reused",
    )
    assert Refund.objects.count() == 1


def test_key_of_a_part_does_not_cancel(order: Order) -> None:
    app = program("orders:refund", "orders:cancel")
    assert refund(app, order, amount=10_000).status_code == 201
    answer = refund(app, order, cancel_order=True)
    assert (answer.status_code, answer.json()["code"]) == (
        422,
        "idempotency_key_reused",
    )
    order.refresh_from_db()
    assert order.status == "confirmed"


def test_long_keys_that_differ_at_their_end_are_two(order: Order) -> None:
    app = program("orders:refund")
    keys = ["k" * 254 + end for end in "ab"]
    answers = [refund(app, order, key=key, amount=1_000) for key in keys]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Refund.objects.count() == 2


def test_too_much_is_refused_with_what_is_left(order: Order) -> None:
    answer = refund(program("orders:refund"), order, amount=999_999)
    assert (answer.status_code, answer.json()["code"]) == (409, "refund_too_large")
    assert answer.json()["left"] == order.grand_total


@pytest.mark.parametrize("body", [{"amount": 0}, {"amount": "x"}, {"reason": ""}])
def test_bad_body_is_refused(order: Order, body: dict[str, Any]) -> None:
    assert refund(program("orders:refund"), order, **body).status_code == 400
    assert not Refund.objects.exists()


def test_key_is_wanted(order: Order) -> None:
    answer = refund(program("orders:refund"), order, key="short")
    assert answer.json()["code"] == "idempotency_key_required"


def test_cancelling_wants_its_scope(order: Order) -> None:
    answer = refund(program("orders:refund"), order, cancel_order=True)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    app = program("orders:refund", "orders:cancel")
    assert refund(app, order, cancel_order=True).status_code == 201
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("cancelled", "refunded")


def test_program_waits_for_a_person_above_the_limit(
    order: Order, settings: Settings
) -> None:
    settings.REFUND_APPROVAL_ABOVE = 0
    (made,) = refund(program("orders:refund"), order).json()["refunds"]
    assert made["state"] == "waiting"
