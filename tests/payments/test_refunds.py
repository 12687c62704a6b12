"""Money goes back once, whole and to the right place, whatever Midtrans answers."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.services import api_keys
from catalog.models import Stock
from karima import invariants
from orders.models import Order
from orders.services import fulfilment
from orders.services.idempotency import IdempotencyKeyReused
from payments.clients.midtrans import GatewayUnavailable
from payments.models import GatewayTransaction, PaymentIssue, Refund
from payments.services import (
    charges,
    notifications,
    order_steps,
    reconciliation,
    refunds,
)
from payments.services import refund_sending as sending
from payments.services.order_steps import Wanted
from payments.services.refunds import Wish
from payments.services.watching import INVARIANTS
from sandbox.midtrans import Midtrans
from tests.factories import StaffFactory, VariantFactory, make_order

pytestmark = pytest.mark.django_db

State, Kind = Refund.State, Refund.Kind
Paid = Callable[[str], Order]


def receive(body: Any) -> None:
    notifications.receive(json.dumps(body).encode())


@pytest.fixture
def staff() -> User:
    return StaffFactory()


@pytest.fixture
def paid(gateway: Midtrans) -> Paid:
    """Return a function that gives an order paid by a method."""

    def pay(method: str) -> Order:
        order = make_order(variant=VariantFactory(on_hand=5, price=190_000))
        attempt = charges.start_payment(order.number)
        receive(gateway.pay(attempt.provider_order_id, method))
        order.refresh_from_db()
        assert order.payment_status == "paid"
        return order

    return pay


def refund(order: Order, actor: User, **wish: Any) -> Refund:
    """Ask for a refund, send it, and give what it has come to."""
    asked = refunds.request_refund(
        order.number, Wish(**{"reason": "Ukuran habis", **wish}), actor=actor
    )
    sending.send(asked.pk)
    asked.refresh_from_db()
    return asked


def standing(order: Order) -> str:
    order.refresh_from_db()
    return order.payment_status


def sent(gateway: Midtrans) -> list[Any]:
    """Return the bodies of the refunds that Midtrans was asked for."""
    return [
        json.loads(request.body)
        for request in gateway.requests
        if request.path.endswith("/refund")
    ]


def refund_path() -> str:
    return f"/v2/{GatewayTransaction.objects.get().transaction_id}/refund"


def due(asked: Refund) -> None:
    """Let the time of the next try come."""
    Refund.objects.filter(pk=asked.pk).update(next_try_at=timezone.now())


def broken() -> list[str]:
    return [i.name for i in INVARIANTS if invariants.find(i).count]


def issues() -> list[str]:
    return list(PaymentIssue.objects.values_list("kind", flat=True))


def test_whole_payment_goes_back(paid: Paid, gateway: Midtrans, staff: User) -> None:
    order = paid("gopay")
    done = refund(order, staff)
    assert done.state == State.CONFIRMED
    assert done.amount == order.grand_total
    assert standing(order) == "refunded"
    assert sent(gateway) == [
        {
            "refund_key": f"{order.number}-R01",
            "amount": order.grand_total,
            "reason": "Ukuran habis",
        }
    ]
    assert broken() == []


def test_parts_go_back_until_nothing_is_left(paid: Paid, staff: User) -> None:
    order = paid("gopay")
    refund(order, staff, amount=10_000)
    assert standing(order) == "partially_refunded"
    rest = refund(order, staff)
    assert rest.amount == order.grand_total - 10_000
    assert standing(order) == "refunded"
    with pytest.raises(refunds.NothingToRefund):
        refund(order, staff)
    assert broken() == []


def test_both_notifications_of_a_refund_change_it_once(
    paid: Paid, gateway: Midtrans, staff: User
) -> None:
    order = paid("gopay")
    gateway.disturb.hold = True
    asked = refunds.request_refund(
        order.number, Wish(reason="Salah", amount=10_000), actor=staff
    )
    sending.send(asked.pk)
    first, second = [item.body for item in gateway.notifications[-2:]]
    assert "bank_confirmed_at" not in first["refunds"][0]
    for body in (second, first, second):
        receive(body)
    asked.refresh_from_db()
    assert asked.state == State.CONFIRMED
    assert Refund.objects.count() == 1
    assert GatewayTransaction.objects.get().refunded_total == 10_000
    assert broken() == []


def test_bank_that_refuses_takes_nothing(
    paid: Paid, gateway: Midtrans, staff: User
) -> None:
    order = paid("credit_card")
    receive(gateway.settle(f"{order.number}-01"))
    gateway.settings.bank_denies_refunds = True
    asked = refund(order, staff)
    assert asked.state == State.DENIED
    assert "202" in asked.failure
    assert standing(order) == "paid"
    assert issues() == ["refund_denied"]
    gateway.settings.bank_denies_refunds = False
    again = refund(order, staff)
    assert again.refund_key != asked.refund_key
    assert standing(order) == "refunded"
    assert broken() == []


@pytest.mark.parametrize("fault", ["down", "server_error", "html", "rate_limited"])
def test_refund_without_an_answer_is_sent_again_under_its_key(
    paid: Paid, gateway: Midtrans, staff: User, fault: str
) -> None:
    order = paid("gopay")
    gateway.faults.set(fault)
    asked = refund(order, staff)
    assert asked.state == State.REQUESTED
    assert standing(order) == "paid"
    gateway.faults.clear()
    sending.send(asked.pk)
    assert len(sent(gateway)) == 1, "before its time"
    due(asked)
    assert sending.send_due() == 1
    assert standing(order) == "refunded"
    assert [body["refund_key"] for body in sent(gateway)] == [asked.refund_key] * 2
    assert broken() == []


def test_refund_whose_answer_was_lost_is_not_made_twice(
    paid: Paid, gateway: Midtrans, staff: User
) -> None:
    order = paid("gopay")
    gateway.faults.set("hang", seconds=1.5, times=1, path=refund_path())
    asked = refund(order, staff, amount=10_000)
    assert asked.state == State.REQUESTED
    due(asked)
    sending.send_due()
    asked.refresh_from_db()
    assert asked.state == State.CONFIRMED
    assert len(sent(gateway)) == 1
    assert GatewayTransaction.objects.get().refunded_total == 10_000
    assert broken() == []


def test_duplicate_key_is_looked_up(
    paid: Paid, gateway: Midtrans, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = paid("gopay")
    gateway.faults.set("hang", seconds=1.5, times=1, path=refund_path())
    asked = refund(order, staff, amount=10_000)
    # A status answer that is older than the refund: so it is sent again.
    monkeypatch.setattr(sending, "_was_sent", lambda refund: False)
    due(asked)
    sending.send_due()
    asked.refresh_from_db()
    assert len(sent(gateway)) == 2
    assert asked.state == State.CONFIRMED
    assert gateway.transactions(f"{order.number}-01")[0].refunded == 10_000


def test_refused_amount_ends_the_refund(
    paid: Paid, gateway: Midtrans, staff: User
) -> None:
    order = paid("gopay")
    gateway.disturb.drop = 2
    gateway.refund(f"{order.number}-01", order.grand_total - 5_000)
    asked = refund(order, staff)
    assert asked.state == State.DENIED
    assert "414" in asked.failure
    assert standing(order) == "partially_refunded"
    assert issues() == ["refund_denied"]
    assert broken() == []


def test_refund_made_in_the_dashboard_is_kept(
    paid: Paid, gateway: Midtrans, staff: User
) -> None:
    order = paid("gopay")
    receive(gateway.refund(f"{order.number}-01", 10_000))
    found = Refund.objects.get()
    assert (found.kind, found.state) == (Kind.DASHBOARD, State.CONFIRMED)
    assert found.amount == 10_000
    (only,) = refunds.returnables(order)
    assert only.left == order.grand_total - 10_000
    assert broken() == []


def test_refund_that_nothing_explains_is_put_before_the_staff(
    paid: Paid, gateway: Midtrans
) -> None:
    order = paid("gopay")
    gateway.refund(f"{order.number}-01", 10_000)
    gateway.transactions(f"{order.number}-01")[0].refunds[0].pop("refund_key")
    gateway.transactions(f"{order.number}-01")[0].refunds[0].pop("refund_chargeback_id")
    reconciliation.poll(charges.latest_attempt(order.number))  # type: ignore[arg-type]
    assert issues() == ["refund_differs"]
    assert broken() == []


def test_captured_card_is_voided(paid: Paid, gateway: Midtrans, staff: User) -> None:
    order = paid("credit_card")
    with pytest.raises(refunds.RefundInPartsImpossible):
        refund(order, staff, amount=10_000)
    done = refund(order, staff)
    assert (done.kind, done.state) == (Kind.VOID, State.CONFIRMED)
    assert standing(order) == "refunded"
    assert order.status == "confirmed"
    assert sent(gateway) == []
    assert issues() == []
    assert broken() == []


def test_card_that_settled_meanwhile_is_refunded(
    paid: Paid, gateway: Midtrans, staff: User
) -> None:
    order = paid("credit_card")
    gateway.settle(f"{order.number}-01")
    asked = refund(order, staff)
    assert asked.state == State.REQUESTED
    sending.send_due()
    asked.refresh_from_db()
    assert (asked.kind, asked.state) == (Kind.GATEWAY, State.CONFIRMED)
    assert standing(order) == "refunded"
    assert broken() == []


def test_no_more_than_was_paid(paid: Paid, staff: User, settings: Settings) -> None:
    settings.REFUND_APPROVAL_ABOVE = 0
    order = paid("gopay")
    refund(order, staff, amount=order.grand_total - 1)
    with pytest.raises(refunds.RefundTooLarge):
        refund(order, staff, amount=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        GatewayTransaction.objects.update(refund_claimed=order.grand_total + 1)


def test_parts_together_need_a_second_person(
    paid: Paid, gateway: Midtrans, staff: User, settings: Settings
) -> None:
    settings.REFUND_APPROVAL_ABOVE = 15_000
    order = paid("gopay")
    assert refund(order, staff, amount=10_000).state == State.CONFIRMED
    asked = refund(order, staff, amount=10_000)
    assert asked.state == State.WAITING
    assert len(sent(gateway)) == 1
    with pytest.raises(refunds.SecondPersonRequired):
        refunds.approve(asked.pk, actor=staff)
    refunds.approve(asked.pk, actor=StaffFactory())
    sending.send(asked.pk)
    asked.refresh_from_db()
    assert asked.state == State.CONFIRMED
    with pytest.raises(refunds.RefundClosed):
        refunds.approve(asked.pk, actor=StaffFactory())
    assert broken() == []


def test_nobody_approves_what_their_own_program_asked_for(
    paid: Paid, settings: Settings
) -> None:
    settings.REFUND_APPROVAL_ABOVE = 0
    owner = StaffFactory()
    key = api_keys.create(
        name="Kasir",
        scopes=["orders:ship"],
        expires_at=timezone.now() + timedelta(days=1),
        actor=owner,
    ).row
    asked = refund(paid("gopay"), key.program)
    with pytest.raises(refunds.SecondPersonRequired):
        refunds.approve(asked.pk, actor=owner)
    refunds.approve(asked.pk, actor=StaffFactory())


def test_database_wants_the_second_person_too(
    paid: Paid, staff: User, settings: Settings
) -> None:
    settings.REFUND_APPROVAL_ABOVE = 0
    asked = refund(paid("gopay"), staff)
    for decided_by in (None, staff):
        with pytest.raises(IntegrityError), transaction.atomic():
            Refund.objects.filter(pk=asked.pk).update(
                state=State.REQUESTED, decided_by=decided_by
            )


def test_withdrawn_refund_lets_go_of_its_amount(
    paid: Paid, staff: User, settings: Settings
) -> None:
    settings.REFUND_APPROVAL_ABOVE = 0
    order = paid("gopay")
    asked = refund(order, staff)
    assert refunds.returnables(order) == []
    refunds.withdraw(asked.pk, actor=staff, why="Keliru")
    (only,) = refunds.returnables(order)
    assert only.left == order.grand_total
    assert issues() == []
    with pytest.raises(refunds.RefundClosed):
        refunds.withdraw(asked.pk, actor=staff, why="Keliru")
    assert broken() == []


def test_sent_refund_cannot_be_withdrawn(
    paid: Paid, gateway: Midtrans, staff: User
) -> None:
    gateway_order = paid("gopay")
    gateway.faults.set("down")
    asked = refund(gateway_order, staff)
    with pytest.raises(refunds.RefundClosed):
        refunds.withdraw(asked.pk, actor=staff, why="Keliru")


def test_same_request_makes_one_refund(paid: Paid, staff: User) -> None:
    order = paid("gopay")
    first = refund(order, staff, amount=10_000, request_key="k-1")
    again = refund(order, staff, amount=10_000, request_key="k-1")
    assert first.pk == again.pk
    with pytest.raises(IdempotencyKeyReused):
        refund(order, staff, amount=9_000, request_key="k-1")


def test_order_paid_twice_wants_the_transaction_named(
    paid: Paid, gateway: Midtrans, staff: User
) -> None:
    order = paid("gopay")
    receive(gateway.pay(f"{order.number}-01", "other_qris"))
    with pytest.raises(refunds.TransactionAmbiguous):
        refund(order, staff)
    second = GatewayTransaction.objects.get(payment_type="qris")
    done = refund(order, staff, transaction_id=second.transaction_id)
    assert done.state == State.CONFIRMED
    assert standing(order) == "paid"
    assert broken() == []


def test_goods_do_not_leave_while_all_their_money_is_going_back(
    paid: Paid, staff: User, settings: Settings
) -> None:
    settings.REFUND_APPROVAL_ABOVE = 0
    order = paid("gopay")
    fulfilment.pack(order.number, actor=staff)
    parcel = Wanted(status="shipped", courier="JNE", tracking_number="JP1")
    part = refund(order, staff, amount=10_000)
    rest = refund(order, staff)
    with pytest.raises(order_steps.MoneyGoingBack):
        order_steps.bring_to(order.number, parcel, actor=staff)
    assert Stock.objects.get().on_hand == 5
    refunds.withdraw(rest.pk, actor=staff, why="Pembeli mau barangnya")
    assert part.state == State.WAITING
    shipped = order_steps.bring_to(order.number, parcel, actor=staff)
    assert shipped.status == "shipped"


def test_cancelled_order_gives_back_money_and_goods(
    paid: Paid, gateway: Midtrans, staff: User
) -> None:
    order = paid("gopay")
    wish = Wish(reason="Pembeli membatalkan", request_key="k-2")
    (asked,) = refunds.cancel_and_refund(order.number, wish, actor=staff)
    order.refresh_from_db()
    assert order.status == "cancelled"
    assert Stock.objects.get().reserved == 0
    assert broken() == []
    assert refunds.cancel_and_refund(order.number, wish, actor=staff) == [asked]
    sending.send(asked.pk)
    assert standing(order) == "refunded"
    assert issues() == []
    assert broken() == []


def test_refund_of_a_cancelled_order_that_is_refused_is_before_the_staff(
    paid: Paid, gateway: Midtrans, staff: User
) -> None:
    order = paid("gopay")
    gateway.settings.bank_denies_refunds = True
    wish = Wish(reason="Pembeli membatalkan")
    (asked,) = refunds.cancel_and_refund(order.number, wish, actor=staff)
    sending.send(asked.pk)
    assert "refund_denied" in issues()
    assert broken() == []


def test_key_is_not_used_after_its_week(
    paid: Paid, gateway: Midtrans, staff: User
) -> None:
    order = paid("gopay")
    gateway.faults.set("down")
    asked = refund(order, staff)
    gateway.faults.clear()
    old = timezone.now() - timedelta(days=7)
    Refund.objects.filter(pk=asked.pk).update(first_sent_at=old)
    due(asked)
    sending.send_due()
    asked.refresh_from_db()
    assert asked.state == State.DENIED
    assert len(sent(gateway)) == 1
    assert issues() == ["refund_denied"]


def test_refund_is_not_sent_again_while_nobody_can_say_what_became_of_it(
    paid: Paid, gateway: Midtrans, staff: User
) -> None:
    order = paid("gopay")
    gateway.faults.set("down")
    asked = refund(order, staff)
    due(asked)
    with pytest.raises(GatewayUnavailable):
        sending.send(asked.pk)
    asked.refresh_from_db()
    assert asked.state == State.REQUESTED
    assert len(sent(gateway)) == 1


def test_confirmation_of_the_bank_is_asked_for(
    paid: Paid, gateway: Midtrans, staff: User
) -> None:
    order = paid("gopay")
    asked = refund(order, staff, amount=10_000)
    Refund.objects.filter(pk=asked.pk).update(
        state=State.ACCEPTED, confirmed_at=None, next_try_at=timezone.now()
    )
    assert sending.send_due() == 1
    asked.refresh_from_db()
    assert asked.state == State.CONFIRMED
    assert sending.send_due() == 0
