"""News that comes late, again or in parts: no money is forgotten or given twice."""

import json
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from catalog.models import Stock, Variant
from catalog.services import stock
from catalog.services.stock import StockLine
from orders.models import Order
from orders.services import transitions
from payments.clients.midtrans import GatewayUnavailable
from payments.models import GatewayTransaction, PaymentIssue
from payments.services import charges, notifications, reconciliation, refunds
from payments.services.issues import resolve
from payments.services.refunds import Wish
from sandbox.midtrans import Midtrans
from tests.factories import StaffFactory, VariantFactory, make_order

pytestmark = pytest.mark.django_db

Status = Order.Status


def deliver(body: Any) -> None:
    notifications.receive(json.dumps(body).encode())


@pytest.fixture
def variant() -> Variant:
    return VariantFactory(on_hand=5)


@pytest.fixture
def order(variant: Variant, gateway: Midtrans) -> Order:
    order = make_order(variant=variant, quantity=2)
    charges.start_payment(order.number)
    return order


def standing(order: Order) -> tuple[str, str]:
    order.refresh_from_db()
    return order.status, order.payment_status


def issues() -> list[str]:
    return list(PaymentIssue.objects.values_list("kind", flat=True).order_by("kind"))


def test_money_that_staff_were_told_to_return_revives_no_order(
    order: Order, gateway: Midtrans, variant: Variant
) -> None:
    attempt = f"{order.number}-01"
    deliver(gateway.pending(attempt, "bca_va"))
    paid = gateway.pay(attempt, "gopay")
    transitions.expire(Order.objects.get(pk=order.pk))
    make_order(variant=variant, quantity=5)
    deliver(paid)
    stock.receive([StockLine(variant.pk, 10)])
    deliver(gateway.expire(attempt))
    assert standing(order) == (Status.EXPIRED, "paid")
    assert Stock.objects.get(pk=variant.pk).reserved == 5


def test_refund_of_late_money_that_is_withdrawn_is_before_the_staff(
    order: Order, gateway: Midtrans, variant: Variant, settings: Settings
) -> None:
    settings.REFUND_APPROVAL_ABOVE = 0
    transitions.expire(Order.objects.get(pk=order.pk))
    make_order(variant=variant, quantity=5)
    deliver(gateway.pay(f"{order.number}-01", "gopay"))
    (late,) = PaymentIssue.objects.all()
    staff = StaffFactory()
    asked = refunds.request_refund(order.number, Wish(reason="Terlambat"), actor=staff)
    resolve(late, actor=staff, resolution="Uangnya dikembalikan")
    refunds.withdraw(asked.pk, actor=staff, why="Keliru")
    assert PaymentIssue.objects.get(resolved_at=None).kind == "refund_denied"


def test_every_payment_too_many_is_an_issue_of_its_own(
    order: Order, gateway: Midtrans
) -> None:
    attempts = [f"{order.number}-01"]
    for _ in range(2):
        deliver(gateway.expire(attempts[-1], "bca_va"))
        attempts.append(charges.start_payment(order.number).provider_order_id)
    for attempt in attempts:
        deliver(gateway.pay(attempt, "gopay"))
    assert issues() == ["double_payment", "double_payment"]


def test_every_reversal_is_an_issue_of_its_own(order: Order, gateway: Midtrans) -> None:
    for number in ("01", "02"):
        attempt = charges.start_payment(order.number).provider_order_id
        assert attempt.endswith(number)
        deliver(gateway.pay(attempt, "echannel"))
        deliver(gateway.force_status(attempt, "deny"))
    assert issues() == ["reversed", "reversed"]


def test_refund_of_a_part_heard_before_the_payment_ends_the_same(
    order: Order, gateway: Midtrans
) -> None:
    attempt = f"{order.number}-01"
    paid = gateway.pay(attempt, "gopay")
    deliver(gateway.force_status(attempt, "partial_refund"))
    deliver(paid)
    assert standing(order) == (Status.CONFIRMED, "partially_refunded")


def test_refund_above_the_amount_is_recorded_as_the_amount(
    order: Order, gateway: Midtrans
) -> None:
    attempt = f"{order.number}-01"
    deliver(gateway.pay(attempt, "gopay"))
    refund = {**gateway.refund(attempt), "refund_amount": "999999999.00"}
    gateway.settings.scripted[refund["transaction_id"]] = refund
    deliver(refund)
    assert standing(order)[1] == "refunded"
    assert GatewayTransaction.objects.get().refunded_total == order.grand_total


def test_refused_key_keeps_the_notification_for_later(
    order: Order, gateway: Midtrans, settings: Settings
) -> None:
    body = gateway.pay(f"{order.number}-01")
    settings.MIDTRANS_SERVER_KEY = "SB-Mid-server-wrong"
    with pytest.raises(GatewayUnavailable):
        deliver(body)
    assert standing(order) == (Status.PENDING, "unpaid")


def test_poll_that_finds_another_amount_alerts(order: Order, gateway: Midtrans) -> None:
    attempt = f"{order.number}-01"
    paid = {**gateway.pay(attempt), "gross_amount": "1000.00"}
    gateway.settings.scripted[attempt] = paid
    found = charges.latest_attempt(order.number)
    assert found is not None
    reconciliation.poll(found)
    reconciliation.poll(found)
    assert standing(order) == (Status.PENDING, "unpaid")
    assert issues() == ["mismatch"]
