"""What is counted of money and stock, and what the exporter reads from the database."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from prometheus_client import REGISTRY
from pytest_django import Settings

from accounts.models import User
from catalog.services import stock
from catalog.services.stock import OutOfStock, StockLine
from karima import readings
from karima.readings import Reading
from orders.models import Order
from orders.services import idempotency
from payments.clients.midtrans import GatewayUnavailable
from payments.clients.midtrans_notification import BadSignature, MalformedNotification
from payments.models import PaymentIssue
from payments.services import charges, notifications
from payments.services.watching import READINGS
from sandbox.midtrans import Midtrans
from tests.factories import VariantFactory, make_order

pytestmark = pytest.mark.django_db


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def read() -> dict[tuple[str, ...], float]:
    """Return what the readings say: the name and the labels' values, and the number."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in readings.take(READINGS)
        for sample in family.samples
    }


@pytest.fixture
def counted() -> Iterator[Any]:
    """Return a function that says by how much a count grew in this test."""
    before = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
    }

    def grown(name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return value(name, **labels) - before.get(key, 0.0)

    return grown  # type: ignore[return-value]  # a function is what is given


def pay(gateway: Midtrans, order: Order) -> bytes:
    attempt = charges.start_payment(order.number)
    body = json.dumps(gateway.pay(attempt.provider_order_id, "other_qris")).encode()
    notifications.receive(body)
    return body


def test_readings_of_an_empty_shop_are_all_there() -> None:
    found = read()
    assert {name for name, *_ in found if name == "karima_reading_failed"} == set()
    assert found["karima_orders_created_total",] == 0
    assert found["karima_webhook_inbox_oldest_seconds",] == 0
    assert found["karima_payment_unknown_oldest_seconds",] == 0


def test_order_and_its_money_are_read(gateway: Midtrans, aisyah: User) -> None:
    order = make_order(aisyah, variant=VariantFactory(on_hand=9), quantity=2)
    make_order(variant=VariantFactory(on_hand=1))
    pay(gateway, order)
    found = read()
    assert found["karima_orders_created_total",] == 2
    assert found["karima_orders_paid_total",] == 1
    assert found["karima_order_value_rupiah_total",] == order.grand_total
    assert found["karima_orders", "confirmed"] == 1
    assert found["karima_orders", "pending"] == 1
    assert found["karima_payments", "paid"] == 1
    assert found["karima_reservations_live",] == 3
    assert found["karima_payments_by_method_total", "qris"] == 1
    assert found["karima_gateway_events_total", "notification", "applied"] == 1
    assert found["karima_stock_variants", "none"] == 1
    assert found["karima_messages", "waiting"] > 0


def test_refund_is_read(gateway: Midtrans) -> None:
    order = make_order()
    pay(gateway, order)
    body = gateway.refund(f"{order.number}-01", 5000)
    notifications.receive(json.dumps(body).encode())
    assert read()["karima_refunds_total",] == 1
    assert read()["karima_refunded_rupiah_total",] == 5000


def test_issue_is_read_until_it_is_resolved() -> None:
    kind = PaymentIssue.Kind.LATE_PAYMENT
    PaymentIssue.objects.create(kind=kind, subject="x", detail="?")
    assert read()["karima_payment_issues_open", "late_payment"] == 1
    assert read()["karima_late_payments_total",] == 1


def test_reading_that_fails_costs_only_itself() -> None:
    broken = Reading(name="karima_broken", help="x", sql="SELECT no_such_column")
    whole = Reading(name="karima_whole", help="x", sql="SELECT 7")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in readings.take([broken, whole])
        for sample in family.samples
    }
    assert samples == {
        ("karima_whole",): 7,
        ("karima_reading_failed", "karima_broken"): 1,
    }


def test_notifications_are_counted_by_what_was_made_of_them(
    gateway: Midtrans, counted: Any
) -> None:
    body = pay(gateway, make_order())
    notifications.receive(body)
    with pytest.raises(MalformedNotification):
        notifications.receive(b"{")
    with pytest.raises(BadSignature):
        signed = json.loads(body)
        notifications.receive(
            json.dumps(signed | {"signature_key": "0" * 128}).encode()
        )
    name = "karima_webhook_received_total"
    assert counted(name, result="applied") == 1
    assert counted(name, result="repeated") == 1
    assert counted(name, result="malformed_notification") == 1
    assert counted(name, result="bad_signature") == 1
    assert counted("karima_webhook_bad_signature_total") == 1


def test_notification_that_has_to_wait_is_counted(
    gateway: Midtrans, counted: Any, settings: Settings
) -> None:
    attempt = charges.start_payment(make_order().number)
    body = json.dumps(gateway.pay(attempt.provider_order_id, "other_qris")).encode()
    settings.MIDTRANS_CORE_BASE_URL = "http://127.0.0.1:9"
    with pytest.raises(GatewayUnavailable):
        notifications.receive(body)
    name = "karima_webhook_received_total"
    assert counted(name, result="payment_gateway_unavailable") == 1
    failed = {"dep": "midtrans", "result": "GatewayUnavailable"}
    assert counted("karima_dependency_requests_total", **failed) == 1
    assert counted("karima_dependency_requests_total", dep="midtrans", result="ok") == 1


def test_refused_reservation_is_counted(counted: Any) -> None:
    line = StockLine(VariantFactory(on_hand=1).pk, 2)
    with pytest.raises(OutOfStock), transaction.atomic():
        stock.reserve([line], reference="KRM-1")
    assert counted("karima_stock_oversell_prevented_total") == 1


def test_keys_are_counted_by_what_they_met(counted: Any) -> None:
    request = idempotency.keyed_request("key-0000-0000-0001", scope="s", body={})
    other = idempotency.keyed_request("key-0000-0000-0001", scope="s", body={"a": 1})
    idempotency.claim(request)
    with pytest.raises(idempotency.IdempotencyInProgress):
        idempotency.claim(request)
    with pytest.raises(idempotency.IdempotencyKeyReused):
        idempotency.claim(other)
    for result in ("new", "in_progress", "reused"):
        assert counted("karima_idempotency_total", result=result) == 1
