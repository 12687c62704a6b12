"""Orders that nobody pays for end, and let their stock go, but never too early."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.models import Stock, Variant
from catalog.services import stock
from catalog.services.stock import StockLine
from orders.models import Order
from payments.clients.midtrans import GatewayUnavailable
from payments.models import PaymentAttempt, PaymentIssue
from payments.services import charges, expiry, notifications, reconciliation
from payments.services.charges import OrderNotPayable
from sandbox.midtrans import Midtrans
from tests.factories import StaffFactory, VariantFactory, make_order

pytestmark = pytest.mark.django_db

Status = Order.Status


@pytest.fixture
def variant() -> Variant:
    return VariantFactory(on_hand=5)


@pytest.fixture
def order(variant: Variant, gateway: Midtrans) -> Order:
    order = make_order(variant=variant, quantity=2)
    charges.start_payment(order.number)
    return order


def let_time_pass(order: Order, **ago: int) -> None:
    Order.objects.filter(pk=order.pk).update(
        expires_at=timezone.now() - expiry.GRACE - timedelta(**ago)
    )


def status_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


def test_unpaid_order_expires_and_lets_its_stock_go(
    order: Order, variant: Variant, capsys: pytest.CaptureFixture[str]
) -> None:
    let_time_pass(order, seconds=1)
    call_command("expire_unpaid_orders")
    assert "1 orders expired" in capsys.readouterr().out
    assert status_of(order) == Status.EXPIRED
    assert Stock.objects.get(pk=variant.pk).reserved == 0
    assert PaymentAttempt.objects.get().state == PaymentAttempt.State.CLOSED


def test_order_in_its_last_minutes_is_left_alone(order: Order) -> None:
    Order.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert expiry.expire_due() == 0
    assert status_of(order) == Status.PENDING


def test_payment_that_nobody_told_us_of_wins(order: Order, gateway: Midtrans) -> None:
    gateway.pay(f"{order.number}-01")
    let_time_pass(order, seconds=1)
    assert expiry.expire_due() == 0
    assert status_of(order) == Status.CONFIRMED


def test_nothing_expires_while_the_gateway_cannot_be_asked(
    order: Order, gateway: Midtrans, variant: Variant
) -> None:
    let_time_pass(order, seconds=1)
    gateway.faults.set("down")
    assert expiry.expire_due() == 0
    assert status_of(order) == Status.PENDING
    assert Stock.objects.get(pk=variant.pk).reserved == 2


def test_order_that_cannot_end_does_not_hold_up_the_others(
    order: Order, gateway: Midtrans, variant: Variant
) -> None:
    let_time_pass(order, seconds=9)
    stock.release([StockLine(variant.pk, 2)], reference=order.number)
    other = make_order(variant=variant)
    let_time_pass(other, seconds=1)
    assert expiry.expire_due() == 1
    assert (status_of(order), status_of(other)) == (Status.PENDING, Status.EXPIRED)


def test_transaction_of_another_order_does_not_keep_an_order_from_expiring(
    order: Order, gateway: Midtrans
) -> None:
    other = make_order(quantity=2)
    charges.start_payment(other.number)
    paid = gateway.pay(f"{other.number}-01", "bsi_va")
    notifications.receive(json.dumps(paid).encode())
    claimed = {**paid, "order_id": paid["transaction_id"]}
    gateway.settings.scripted[f"{order.number}-01"] = claimed
    let_time_pass(order, seconds=1)
    assert expiry.expire_due() == 1
    assert status_of(order) == Status.EXPIRED
    assert PaymentIssue.objects.get().kind == PaymentIssue.Kind.MISMATCH


def test_card_under_review_is_not_expired(order: Order, gateway: Midtrans) -> None:
    gateway.challenge(f"{order.number}-01")
    let_time_pass(order, seconds=1)
    assert expiry.expire_due() == 0
    assert status_of(order) == Status.PENDING


def test_order_that_never_got_a_page_expires_too(gateway: Midtrans) -> None:
    order = make_order()
    let_time_pass(order, seconds=1)
    assert expiry.expire_due() == 1
    assert status_of(order) == Status.EXPIRED


def test_lost_notification_is_made_up_by_polling(
    order: Order, gateway: Midtrans
) -> None:
    gateway.pay(f"{order.number}-01")
    PaymentAttempt.objects.update(next_poll_at=timezone.now())
    assert reconciliation.poll_due() == 1
    assert status_of(order) == Status.CONFIRMED


def test_unpaid_attempt_is_polled_less_and_less(
    order: Order, gateway: Midtrans
) -> None:
    PaymentAttempt.objects.update(next_poll_at=timezone.now())
    assert reconciliation.poll_due() == 1
    assert reconciliation.poll_due() == 0
    now = timezone.now()
    waits = [reconciliation.next_poll(n, now=now) - now for n in range(5)]
    assert waits == sorted(waits)


def test_failing_poll_comes_again(order: Order, gateway: Midtrans) -> None:
    PaymentAttempt.objects.update(next_poll_at=timezone.now())
    gateway.faults.set("down")
    assert reconciliation.poll_due() == 1
    assert PaymentAttempt.objects.get().next_poll_at > timezone.now()


def test_cancelling_ends_the_payment_page_first(
    order: Order, gateway: Midtrans, variant: Variant
) -> None:
    staff = StaffFactory()
    expiry.cancel_unpaid(order.number, actor=staff, note="Salah ukuran")
    assert status_of(order) == Status.CANCELLED
    assert Stock.objects.get(pk=variant.pk).reserved == 0
    assert any(r.path.endswith("/cancel") for r in gateway.requests)


def test_cancelling_ends_a_chosen_account_too(order: Order, gateway: Midtrans) -> None:
    gateway.pending(f"{order.number}-01", "bca_va")
    expiry.cancel_unpaid(order.number, actor=None)
    assert gateway.status(f"{order.number}-01")["transaction_status"] == "cancel"
    assert status_of(order) == Status.CANCELLED


def test_paid_meanwhile_is_not_cancelled(order: Order, gateway: Midtrans) -> None:
    gateway.pay(f"{order.number}-01")
    with pytest.raises(OrderNotPayable):
        expiry.cancel_unpaid(order.number, actor=None)
    assert status_of(order) == Status.CONFIRMED


def test_cancelling_waits_for_the_gateway(
    order: Order, gateway: Midtrans, variant: Variant
) -> None:
    gateway.faults.set("down")
    with pytest.raises(GatewayUnavailable):
        expiry.cancel_unpaid(order.number, actor=None)
    assert status_of(order) == Status.PENDING
    assert Stock.objects.get(pk=variant.pk).reserved == 2
