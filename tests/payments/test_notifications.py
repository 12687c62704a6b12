"""What the gateway tells us: kept, confirmed, applied; once, in any order."""

import json
from itertools import permutations
from typing import Any

import pytest

from catalog.models import Stock, Variant
from orders.models import Order
from orders.services import transitions
from payments.clients.midtrans import GatewayUnavailable
from payments.clients.midtrans_notification import BadSignature
from payments.models import (
    GatewayEvent,
    GatewayTransaction,
    PaymentAttempt,
    PaymentIssue,
)
from payments.services import charges, notifications, reconciliation
from sandbox.midtrans import Midtrans, sign
from tests.factories import VariantFactory, make_order

pytestmark = pytest.mark.django_db

Status = Order.Status


def deliver(body: Any) -> None:
    notifications.receive(json.dumps(body).encode())


@pytest.fixture
def variant() -> Variant:
    return VariantFactory(on_hand=5)


@pytest.fixture
def order(variant: Variant, gateway: Midtrans) -> Order:
    """Give an order whose payment page is open."""
    order = make_order(variant=variant, quantity=2)
    charges.start_payment(order.number)
    return order


def first_attempt(order: Order) -> str:
    return f"{order.number}-01"


def standing(order: Order) -> tuple[str, str]:
    order.refresh_from_db()
    return order.status, order.payment_status


def issues() -> list[str]:
    return list(PaymentIssue.objects.values_list("kind", flat=True).order_by("kind"))


def test_payment_confirms_the_order_and_keeps_its_stock(
    order: Order, gateway: Midtrans, variant: Variant
) -> None:
    deliver(gateway.pay(first_attempt(order)))
    assert standing(order) == (Status.CONFIRMED, "paid")
    assert Stock.objects.get(pk=variant.pk).reserved == 2
    assert order.payment_attempts.get().state == PaymentAttempt.State.PAID


def test_waiting_payment_keeps_its_instructions(
    order: Order, gateway: Midtrans
) -> None:
    deliver(gateway.pending(first_attempt(order), "bca_va"))
    assert standing(order) == (Status.PENDING, "pending")
    instructions = GatewayTransaction.objects.get().instructions
    assert instructions["va_numbers"][0]["bank"] == "bca"


def test_second_settlement_changes_nothing(order: Order, gateway: Midtrans) -> None:
    body = gateway.pay(first_attempt(order))
    deliver(body)
    before = list(order.events.values_list("pk", flat=True))
    deliver(body)
    assert list(order.events.values_list("pk", flat=True)) == before
    assert GatewayEvent.objects.count() == 1


def test_any_order_of_notifications_ends_paid(gateway: Midtrans) -> None:
    for number, arrangement in enumerate(permutations(range(4))):
        order = make_order(variant=VariantFactory(on_hand=5))
        charges.start_payment(order.number)
        bodies = [
            gateway.deny(first_attempt(order), "credit_card"),
            gateway.pending(first_attempt(order), "gopay"),
            gateway.pay(first_attempt(order)),
        ]
        bodies.append(bodies[-1])
        for position in arrangement:
            deliver(bodies[position])
        assert standing(order) == (Status.CONFIRMED, "paid"), number


def test_denied_card_leaves_the_order_open(order: Order, gateway: Midtrans) -> None:
    deliver(gateway.deny(first_attempt(order), "credit_card"))
    assert standing(order) == (Status.PENDING, "failed")
    assert order.payment_attempts.get().state == PaymentAttempt.State.OPEN


def test_expired_account_closes_the_attempt_and_another_can_follow(
    order: Order, gateway: Midtrans
) -> None:
    deliver(gateway.expire(first_attempt(order), "bca_va"))
    assert standing(order) == (Status.PENDING, "expired")
    again = charges.start_payment(order.number)
    assert again.provider_order_id == f"{order.number}-02"
    deliver(gateway.pay(again.provider_order_id))
    assert standing(order) == (Status.CONFIRMED, "paid")


def test_old_attempts_expiry_does_not_touch_a_paid_order(
    order: Order, gateway: Midtrans
) -> None:
    pending = gateway.pending(first_attempt(order), "bca_va")
    deliver(pending)
    deliver(gateway.pay(first_attempt(order), "gopay"))
    deliver(gateway.expire(first_attempt(order)))
    assert standing(order) == (Status.CONFIRMED, "paid")


def test_challenged_card_is_held_for_staff(order: Order, gateway: Midtrans) -> None:
    deliver(gateway.challenge(first_attempt(order)))
    assert standing(order) == (Status.PENDING, "challenge")
    assert issues() == ["challenge"]


def test_card_is_paid_at_capture_and_once(order: Order, gateway: Midtrans) -> None:
    deliver(gateway.pay(first_attempt(order), "credit_card"))
    assert standing(order) == (Status.CONFIRMED, "paid")
    deliver(gateway.settle(first_attempt(order)))
    assert order.events.filter(kind="status").count() == 1


def test_reversal_takes_the_confirmation_back(
    order: Order, gateway: Midtrans, variant: Variant
) -> None:
    deliver(gateway.pay(first_attempt(order), "echannel"))
    deliver(gateway.force_status(first_attempt(order), "deny"))
    assert standing(order) == (Status.PENDING, "reversed")
    assert Stock.objects.get(pk=variant.pk).reserved == 2
    assert issues() == ["reversed"]


def test_reversal_heard_before_the_payment_ends_the_same(
    order: Order, gateway: Midtrans
) -> None:
    paid = gateway.pay(first_attempt(order), "echannel")
    denied = gateway.force_status(first_attempt(order), "deny")
    deliver(denied)
    deliver(paid)
    assert standing(order)[0] == Status.PENDING


def test_money_for_an_expired_order_revives_it_while_stock_lasts(
    order: Order, gateway: Midtrans, variant: Variant
) -> None:
    body = gateway.pay(first_attempt(order))
    transitions.expire(order)
    deliver(body)
    assert standing(order) == (Status.CONFIRMED, "paid")
    assert Stock.objects.get(pk=variant.pk).reserved == 2


def test_money_for_sold_goods_becomes_an_issue(
    order: Order, gateway: Midtrans, variant: Variant
) -> None:
    body = gateway.pay(first_attempt(order))
    transitions.expire(order)
    make_order(variant=variant, quantity=5)
    deliver(body)
    assert standing(order) == (Status.EXPIRED, "paid")
    assert issues() == ["late_payment"]


def test_money_for_a_cancelled_order_becomes_an_issue(
    order: Order, gateway: Midtrans
) -> None:
    body = gateway.pay(first_attempt(order))
    transitions.cancel(order, actor=None)
    deliver(body)
    assert standing(order) == (Status.CANCELLED, "paid")
    assert issues() == ["late_payment"]


def test_paying_twice_becomes_an_issue(order: Order, gateway: Midtrans) -> None:
    deliver(gateway.expire(first_attempt(order), "bca_va"))
    second = charges.start_payment(order.number).provider_order_id
    deliver(gateway.pay(second))
    deliver(gateway.pay(first_attempt(order), "gopay"))
    assert standing(order) == (Status.CONFIRMED, "paid")
    assert issues() == ["double_payment"]


def test_refund_is_recorded(order: Order, gateway: Midtrans) -> None:
    deliver(gateway.pay(first_attempt(order), "gopay"))
    deliver(gateway.refund(first_attempt(order)))
    assert standing(order) == (Status.CONFIRMED, "refunded")
    transaction = GatewayTransaction.objects.get()
    assert transaction.refunded_total == order.grand_total


def test_chargeback_alerts(order: Order, gateway: Midtrans) -> None:
    deliver(gateway.pay(first_attempt(order), "credit_card"))
    deliver(gateway.force_status(first_attempt(order), "chargeback"))
    assert standing(order)[1] == "charged_back"
    assert issues() == ["chargeback"]


def signed(signed_order_id: str, amount: int, **claims: Any) -> dict[str, Any]:
    body = {
        "order_id": signed_order_id,
        "status_code": "200",
        "gross_amount": f"{amount}.00",
        "currency": "IDR",
        "merchant_id": "G123456789",
        "transaction_status": "settlement",
        "transaction_id": "0c9b0a51-1c0e-4f2b-9d6a-000000000001",
        "payment_type": "gopay",
        **claims,
    }
    body["signature_key"] = sign(
        order_id=body["order_id"],
        status_code=body["status_code"],
        gross_amount=body["gross_amount"],
        key="SB-Mid-server-sandbox",
    )
    return body


def test_claim_that_the_gateway_does_not_confirm_pays_nothing(
    order: Order, gateway: Midtrans
) -> None:
    deliver(signed(first_attempt(order), order.grand_total))
    assert standing(order) == (Status.PENDING, "unpaid")
    assert issues() == ["unconfirmed"]


def test_payment_of_another_order_cannot_be_passed_off(
    order: Order, gateway: Midtrans, variant: Variant
) -> None:
    other = make_order(variant=VariantFactory(on_hand=5), quantity=2)
    charges.start_payment(other.number)
    paid = gateway.pay(first_attempt(other))
    forged = signed(
        first_attempt(order), order.grand_total, transaction_id=paid["transaction_id"]
    )
    deliver(forged)
    assert standing(order) == (Status.PENDING, "unpaid")


def test_one_payment_cannot_be_counted_for_two_orders(
    order: Order, gateway: Midtrans
) -> None:
    other = make_order(variant=VariantFactory(on_hand=5), quantity=2)
    charges.start_payment(other.number)
    # The status answer of this bank names no order, so only the transaction tells.
    paid = gateway.pay(first_attempt(other), "bsi_va")
    deliver(paid)
    passed_off = signed(
        first_attempt(order), order.grand_total, transaction_id=paid["transaction_id"]
    )
    deliver(passed_off)
    assert standing(other) == (Status.CONFIRMED, "paid")
    assert standing(order) == (Status.PENDING, "unpaid")
    assert issues() == ["mismatch"]


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        ({"gross_amount": "1000.00"}, "mismatch"),
        ({"currency": "USD"}, "mismatch"),
        ({"merchant_id": "G000000001"}, "mismatch"),
        ({"transaction_status": "brand-new"}, "unknown_status"),
        ({"order_id": "KRM-000000-000000-01"}, "unknown_order"),
        ({"transaction_id": ""}, "mismatch"),
    ],
)
def test_what_does_not_fit_is_put_aside_for_staff(
    order: Order, gateway: Midtrans, claims: Any, kind: str
) -> None:
    deliver(signed(first_attempt(order), order.grand_total, **claims))
    assert standing(order) == (Status.PENDING, "unpaid")
    assert issues() == [kind]


def test_bad_signature_leaves_no_trace(order: Order, gateway: Midtrans) -> None:
    body = gateway.pay(first_attempt(order))
    with pytest.raises(BadSignature):
        deliver({**body, "signature_key": "0" * 128})
    assert not GatewayEvent.objects.exists()


def test_outage_keeps_the_notification_for_later(
    order: Order, gateway: Midtrans
) -> None:
    body = gateway.pay(first_attempt(order))
    gateway.faults.set("unavailable", times=1)
    with pytest.raises(GatewayUnavailable):
        deliver(body)
    assert standing(order) == (Status.PENDING, "unpaid")
    deliver(body)
    assert standing(order) == (Status.CONFIRMED, "paid")


def test_notification_that_never_comes_again_is_finished_later(
    order: Order, gateway: Midtrans
) -> None:
    body = gateway.pay(first_attempt(order))
    gateway.faults.set("unavailable", times=1)
    with pytest.raises(GatewayUnavailable):
        deliver(body)
    GatewayEvent.objects.update(received_at="2026-01-01T00:00:00Z")
    assert reconciliation.process_waiting_events() == 1
    assert standing(order) == (Status.CONFIRMED, "paid")


def test_signature_is_not_stored(order: Order, gateway: Midtrans) -> None:
    body = gateway.pay(first_attempt(order))
    deliver(body)
    assert body["signature_key"] not in json.dumps(GatewayEvent.objects.get().body)


def test_paying_an_old_page_closes_the_new_one(order: Order, gateway: Midtrans) -> None:
    deliver(gateway.expire(first_attempt(order), "bca_va"))
    second = charges.start_payment(order.number)
    deliver(gateway.pay(first_attempt(order), "gopay"))
    second.refresh_from_db()
    assert second.state == PaymentAttempt.State.CLOSED
    latest = charges.latest_attempt(order.number)
    assert latest is not None
    assert latest.provider_order_id == first_attempt(order)
    ended = [r.path for r in gateway.requests if r.path.endswith("/cancel")]
    assert ended == [f"/snap/v1/transactions/{second.snap_token}/cancel"]


def test_waiting_payment_cannot_take_another_orders_transaction(
    order: Order, gateway: Midtrans
) -> None:
    other = make_order(variant=VariantFactory(on_hand=5), quantity=2)
    charges.start_payment(other.number)
    waiting = gateway.pending(first_attempt(other), "bca_va")
    claim = signed(
        first_attempt(order),
        order.grand_total,
        transaction_status="pending",
        status_code="201",
        transaction_id=waiting["transaction_id"],
    )
    deliver(claim)
    deliver(gateway.pay(first_attempt(other)))
    assert standing(other) == (Status.CONFIRMED, "paid")
    assert standing(order) == (Status.PENDING, "unpaid")
