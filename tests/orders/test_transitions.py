"""The life of an order, and what each move does to the stock."""

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.models import Stock, Variant
from catalog.services import stock
from orders.models import Order, Shipment
from orders.services import fulfilment, transitions
from orders.services.fulfilment import PaymentStillHeld
from orders.services.transitions import (
    MOVES,
    IllegalTransition,
    OrderNotFound,
    PaymentNotHeld,
    TrackingNumberRequired,
    TrackingNumberTaken,
)
from tests.factories import StaffFactory, VariantFactory, make_order

pytestmark = pytest.mark.django_db

Status = Order.Status


def balance(variant: Variant) -> tuple[int, int]:
    row = Stock.objects.get(pk=variant.pk)
    return row.on_hand, row.reserved


@pytest.fixture
def variant() -> Variant:
    return VariantFactory(on_hand=5)


@pytest.fixture
def order(variant: Variant) -> Order:
    return make_order(variant=variant, quantity=2)


def pay(order: Order) -> None:
    transitions.confirm(order, paid_at=timezone.now())


def to_shipped(order: Order) -> None:
    pay(order)
    transitions.start_processing(order, actor=None)
    transitions.ship(order, courier="JNE", tracking_number="jne001", actor=None)


def test_every_status_has_its_moves() -> None:
    assert set(MOVES) == set(Status)


def test_paid_order_keeps_its_reservation(order: Order, variant: Variant) -> None:
    pay(order)
    assert balance(variant) == (5, 2)
    assert order.paid_at is not None


def test_shipping_takes_the_goods_out_of_stock(order: Order, variant: Variant) -> None:
    to_shipped(order)
    assert balance(variant) == (3, 0)
    assert order.shipment.tracking_number == "JNE001"


def test_unpaid_order_cannot_be_shipped(order: Order, variant: Variant) -> None:
    with pytest.raises(IllegalTransition):
        transitions.ship(order, courier="JNE", tracking_number="1", actor=None)
    assert not Shipment.objects.exists()
    assert balance(variant) == (5, 2)


def test_shipping_needs_a_tracking_number(order: Order) -> None:
    pay(order)
    transitions.start_processing(order, actor=None)
    with pytest.raises(TrackingNumberRequired):
        transitions.ship(order, courier="JNE", tracking_number=" ", actor=None)


def test_tracking_number_is_used_once(order: Order) -> None:
    to_shipped(order)
    second = make_order()
    pay(second)
    transitions.start_processing(second, actor=None)
    with pytest.raises(TrackingNumberTaken):
        transitions.ship(second, courier="JNE", tracking_number="JNE001", actor=None)


def test_expiry_releases_the_stock(order: Order, variant: Variant) -> None:
    transitions.expire(order)
    assert (order.status, balance(variant)) == (Status.EXPIRED, (5, 0))


def test_cancelling_releases_the_stock(order: Order, variant: Variant) -> None:
    pay(order)
    staff = StaffFactory()
    transitions.cancel(order, actor=staff, note="Diminta pembeli")
    assert balance(variant) == (5, 0)
    assert order.events.last().actor == staff


def test_return_puts_the_goods_back(order: Order, variant: Variant) -> None:
    to_shipped(order)
    transitions.record_return(order, actor=None, note="Alamat salah")
    assert (order.status, balance(variant)) == (Status.RETURNED, (5, 0))


def test_late_money_reserves_again(order: Order, variant: Variant) -> None:
    transitions.expire(order)
    pay(order)
    assert (order.status, balance(variant)) == (Status.CONFIRMED, (5, 2))
    transitions.cancel(order, actor=None)
    assert balance(variant) == (5, 0)


def test_late_money_for_sold_goods_changes_nothing(
    order: Order, variant: Variant
) -> None:
    transitions.expire(order)
    make_order(variant=variant, quantity=4)
    with pytest.raises(stock.OutOfStock), transaction.atomic():
        pay(order)
    order = Order.objects.get(pk=order.pk)
    assert (order.status, order.reservation) == (Status.EXPIRED, 1)


def test_money_taken_back_makes_the_order_payable_again(
    order: Order, variant: Variant
) -> None:
    pay(order)
    transitions.unpay(order, note="Dibatalkan bank")
    assert (order.status, order.paid_at) == (Status.PENDING, None)
    assert balance(variant) == (5, 2)


def test_delivered_order_is_completed(order: Order) -> None:
    to_shipped(order)
    transitions.deliver(order)
    transitions.complete(order)
    assert order.status == Status.COMPLETED
    assert Shipment.objects.get().delivered_at is not None


@pytest.mark.parametrize(
    "status", [Status.CANCELLED, Status.COMPLETED, Status.RETURNED]
)
def test_ended_order_stays_as_it_is(order: Order, status: str) -> None:
    Order.objects.filter(pk=order.pk).update(status=status)
    order.refresh_from_db()
    for move in (
        lambda: pay(order),
        lambda: transitions.expire(order),
        lambda: transitions.cancel(order, actor=None),
        lambda: transitions.deliver(order),
    ):
        with pytest.raises(IllegalTransition):
            move()


def test_payment_status_is_told_once(order: Order) -> None:
    transitions.set_payment_status(order, "pending")
    transitions.set_payment_status(order, "pending")
    assert order.events.filter(kind="payment").count() == 1


def test_unknown_order_is_not_found() -> None:
    with pytest.raises(OrderNotFound):
        transitions.lock_order("KRM-000000-000000")


@pytest.mark.parametrize("status", ["refunded", "charged_back", "reversed"])
def test_goods_stay_when_the_money_is_gone(order: Order, status: str) -> None:
    pay(order)
    transitions.set_payment_status(order, status)
    with pytest.raises(PaymentNotHeld):
        transitions.start_processing(order, actor=None)
    Order.objects.filter(pk=order.pk).update(status=Status.PROCESSING)
    order.refresh_from_db()
    with pytest.raises(PaymentNotHeld):
        transitions.ship(order, courier="JNE", tracking_number="1", actor=None)
    assert not Shipment.objects.exists()


def test_refunded_order_is_cancelled_and_a_paid_one_is_not(
    order: Order, variant: Variant
) -> None:
    staff = StaffFactory()
    pay(order)
    transitions.set_payment_status(order, "paid")
    with pytest.raises(PaymentStillHeld):
        fulfilment.cancel(order.number, actor=staff, note="Habis")
    transitions.set_payment_status(order, "refunded")
    fulfilment.cancel(order.number, actor=staff, note="Habis")
    order.refresh_from_db()
    assert (order.status, balance(variant)) == (Status.CANCELLED, (5, 0))
