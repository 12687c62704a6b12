"""Once a night the books are held against Midtrans, and what differs is seen."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orders.models import Order
from payments.models import GatewayTransaction, PaymentIssue
from payments.services import charges, comparison, notifications
from sandbox.midtrans import Midtrans
from tests.factories import VariantFactory, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(gateway: Midtrans) -> Order:
    order = make_order(variant=VariantFactory(on_hand=5))
    charges.start_payment(order.number)
    body = gateway.pay(f"{order.number}-01", "gopay")
    notifications.receive(json.dumps(body).encode())
    return order


def compared() -> tuple[int, int, int, int]:
    done = comparison.compare_recent()
    return done.asked, done.caught_up, done.different, done.unanswered


def issues() -> list[Any]:
    return list(PaymentIssue.objects.values_list("kind", flat=True))


def test_same_on_both_sides(order: Order) -> None:
    assert compared() == (1, 0, 0, 0)
    assert issues() == []


def test_payment_that_does_not_move_is_asked_about_for_two_days(order: Order) -> None:
    moved_at = timezone.now() - comparison.MOVED_WITHIN + timedelta(hours=1)
    GatewayTransaction.objects.update(updated_at=moved_at)
    assert compared() == (1, 0, 0, 0)
    assert GatewayTransaction.objects.get().updated_at == moved_at


def test_refund_whose_news_was_lost_is_found(order: Order, gateway: Midtrans) -> None:
    gateway.disturb.drop = 2
    gateway.refund(f"{order.number}-01", 10_000)
    assert compared() == (1, 1, 0, 0)
    order.refresh_from_db()
    assert order.payment_status == "partially_refunded"
    assert compared() == (1, 0, 0, 0)


def test_state_that_only_the_shop_has_is_put_before_the_staff(
    order: Order, gateway: Midtrans
) -> None:
    gateway.force_status(f"{order.number}-01", "pending")
    for _ in range(2):
        assert compared() == (1, 0, 1, 0)
    assert issues() == ["mismatch"]


def test_transaction_that_midtrans_does_not_know_is_put_before_the_staff(
    order: Order,
) -> None:
    GatewayTransaction.objects.update(transaction_id="nobody")
    assert compared() == (1, 0, 1, 0)
    assert issues() == ["mismatch"]


def test_outage_is_counted_and_raises_nothing(order: Order, gateway: Midtrans) -> None:
    gateway.faults.set("down")
    assert compared() == (1, 0, 0, 1)
    assert issues() == []


def test_old_payments_are_left_alone(order: Order, gateway: Midtrans) -> None:
    before = timezone.now() - timedelta(hours=49)
    GatewayTransaction.objects.update(updated_at=before)
    assert compared() == (0, 0, 0, 0)
