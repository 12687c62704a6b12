"""Give money back: asked for by one person, above a limit approved by another.

Here it is decided and written down; `refund_sending` brings it to Midtrans and
`refund_transfers` records what a person paid at the bank.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from accounts.services import api_keys
from karima.errors import Conflict, Forbidden, Invalid
from orders.models import Order
from orders.services import transitions
from orders.services.idempotency import IdempotencyKeyReused
from payments.models import GatewayEvent, GatewayTransaction, Refund
from payments.services import refund_ledger, refund_rules, refund_transfers, states
from payments.services.refund_rules import Offer
from payments.services.refund_transfers import BankAccount

Kind, State = Refund.Kind, Refund.State


class NothingToRefund(Conflict):
    code = "nothing_to_refund"
    title = "Nothing to refund"
    detail = "Tidak ada uang pesanan ini yang dapat dikembalikan."


class TransactionAmbiguous(Invalid):
    code = "transaction_required"
    title = "Transaction required"
    detail = "Pesanan ini dibayar lebih dari sekali. Pilih transaksinya."


class RefundTooLarge(Conflict):
    code = "refund_too_large"
    title = "Refund too large"
    detail = "Jumlahnya melebihi sisa pembayaran yang dapat dikembalikan."


class RefundInPartsImpossible(Conflict):
    code = "refund_in_parts_impossible"
    title = "Refund in parts impossible"


class RefundClosed(Conflict):
    code = "refund_closed"
    title = "Refund closed"
    detail = "Pengembalian ini sudah diputuskan atau sedang berjalan."


class SecondPersonRequired(Forbidden):
    code = "second_person_required"
    title = "Second person required"
    detail = "Pengembalian ini harus disetujui orang lain, bukan yang memintanya."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants given back.

    `amount` in rupiah; None is all that is left. `transaction_id` may be empty for an
    order that was paid once. `by_transfer` prefers the bank where Midtrans could do
    it. The same `request_key` is the same wish, and makes one refund; with another
    `request_fingerprint` it is refused.
    """

    reason: str
    amount: int | None = None
    transaction_id: str = ""
    by_transfer: bool = False
    account: BankAccount | None = None
    request_key: str | None = None
    request_fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Returnable:
    """A paid transaction, how its money can go back, and how much is left of it."""

    transaction: GatewayTransaction
    offer: Offer
    left: int


def returnables(order: Order) -> list[Returnable]:
    """Return what of an order's money can be given back, the oldest payment first."""
    return list(_returnables(order))


def request_refund(number: str, wish: Wish, *, actor: User) -> Refund:
    """Write down a refund; it is sent at once unless it waits for a second person.

    Opens its own transaction and calls nobody: `refund_sending.send` does. Raises
    `OrderNotFound`, `NothingToRefund`, `TransactionAmbiguous`, `RefundTooLarge`,
    `RefundInPartsImpossible` or `IdempotencyKeyReused`.
    """
    with transaction.atomic(durable=True):
        order = transitions.lock_order(number)
        known = _known(order, wish)
        return known or _write(order, _chosen(order, wish), wish, actor=actor)


def cancel_and_refund(number: str, wish: Wish, *, actor: User) -> list[Refund]:
    """Cancel a paid order that has not left, and give all of its money back.

    One transaction for both: stock is free again and no rupiah is forgotten. The
    wish's amount and transaction do not count here. Raises `IllegalTransition`,
    `NothingToRefund`, `OrderNotFound` and `IdempotencyKeyReused`.
    """
    with transaction.atomic(durable=True):
        order = transitions.lock_order(number)
        if known := _known(order, wish):
            return _made_with(known)
        found = returnables(order)
        if not found:
            raise NothingToRefund()
        transitions.cancel(order, actor=actor, note=wish.reason[:200])
        whole = replace(wish, amount=None, transaction_id="", request_key=None)
        refunds = [_write(order, each, whole, actor=actor) for each in found]
        Refund.objects.filter(pk=refunds[0].pk).update(request_key=wish.request_key)
    return refunds


def approve(refund_id: UUID, *, actor: User) -> Refund:
    """Let a refund go, as a second person. Raises `SecondPersonRequired`."""
    with transaction.atomic(durable=True):
        refund = refund_ledger.lock_refund(refund_id)
        if refund.state != State.WAITING:
            raise RefundClosed()
        if _asked_for_it(refund, actor):
            raise SecondPersonRequired()
        refund.decided_by, refund.decided_at = actor, timezone.now()
        # Days may have passed: a card has settled, or Midtrans's time is over.
        if refund.kind != Kind.MANUAL:
            refund.kind = _offer(refund.transaction).kind
        _let_go(refund)
        refund.save()
    return refund


def withdraw(refund_id: UUID, *, actor: User, why: str) -> None:
    """Refuse or take back a refund that has not begun; its amount is free again.

    Raises `RefundClosed` once it was sent to Midtrans or paid.
    """
    with transaction.atomic(durable=True):
        refund = refund_ledger.lock_refund(refund_id)
        by_hand = refund.kind == Kind.MANUAL and refund.state == State.REQUESTED
        if refund.state != State.WAITING and not by_hand:
            raise RefundClosed()
        refund.decided_by, refund.decided_at = actor, timezone.now()
        refund.save(update_fields=["decided_by", "decided_at"])
        refund_ledger.end(refund, State.WITHDRAWN, failure=why)
        if refund.order.status in (Order.Status.CANCELLED, Order.Status.EXPIRED):
            refund_ledger.put_before_staff(refund)


def _asked_for_it(refund: Refund, actor: User) -> bool:
    """Tell whether somebody asked for a refund, themselves or by a key of theirs."""
    asker = refund.requested_by
    return asker is not None and (asker == actor or api_keys.speaks_for(asker, actor))


def _returnables(order: Order) -> Iterator[Returnable]:
    paid = GatewayTransaction.objects.filter(attempt__order=order).order_by("id")
    for found in paid.select_related("attempt"):
        if states.standing(found) in states.HELD and (
            rest := refund_ledger.left(found)
        ):
            yield Returnable(found, _offer(found), rest)


def _offer(found: GatewayTransaction) -> Offer:
    facts = (
        GatewayEvent.objects.filter(
            transaction_id=found.transaction_id, outcome=GatewayEvent.Outcome.APPLIED
        )
        .order_by("-id")
        .values_list("body", flat=True)
        .first()
    )
    return refund_rules.offer(found, facts or {}, now=timezone.now())


def _known(order: Order, wish: Wish) -> Refund | None:
    """Return the refund that the same request has made before."""
    if not wish.request_key:
        return None
    known = Refund.objects.filter(request_key=wish.request_key).first()
    if known is None:
        return None
    same: list[Any] = [known.order_id == order.pk, known.reason == wish.reason]
    same.append(wish.amount in (None, known.amount))
    same.append(known.request_fingerprint == wish.request_fingerprint)
    if not all(same):
        raise IdempotencyKeyReused()
    return known


def _made_with(refund: Refund) -> list[Refund]:
    """Return a refund and those that the same request has made beside it."""
    if not refund.request_fingerprint:
        return [refund]
    together = refund.order.refunds.filter(
        request_fingerprint=refund.request_fingerprint
    )
    return list(together.order_by("refund_key"))


def _chosen(order: Order, wish: Wish) -> Returnable:
    found = returnables(order)
    if wish.transaction_id:
        named = wish.transaction_id
        found = [each for each in found if each.transaction.transaction_id == named]
    if not found:
        raise NothingToRefund()
    if len(found) > 1:
        raise TransactionAmbiguous()
    return found[0]


def _write(order: Order, chosen: Returnable, wish: Wish, *, actor: User) -> Refund:
    amount = chosen.left if wish.amount is None else wish.amount
    if not 0 < amount <= chosen.left:
        raise RefundTooLarge(left=chosen.left)
    kind = Kind.MANUAL if wish.by_transfer else Kind(chosen.offer.kind)
    is_part = amount < chosen.transaction.gross_amount
    if kind != Kind.MANUAL and is_part and not chosen.offer.in_parts:
        raise RefundInPartsImpossible(f"{chosen.offer.why} Pilih transfer bank.")
    refund = Refund(
        order=order,
        transaction=chosen.transaction,
        kind=kind,
        state=State.WAITING,
        amount=amount,
        refund_key=f"{order.number}-R{order.refunds.count() + 1:02d}",
        reason=wish.reason,
        requested_by=actor,
        request_key=wish.request_key,
        request_fingerprint=wish.request_fingerprint,
        needs_approval=_needs_second_person(order, amount),
        bank_account=refund_transfers.sealed(wish.account),
    )
    if not refund.needs_approval:
        _let_go(refund)
    refund_ledger.claim(chosen.transaction, amount)
    refund.save(force_insert=True)
    return refund


def _needs_second_person(order: Order, amount: int) -> bool:
    """Count what the order gives back together, so that parts cannot avoid the rule."""
    live = order.refunds.filter(state__in=refund_ledger.LIVE)
    total = live.exclude(kind=Kind.DASHBOARD).aggregate(sum=Sum("amount"))["sum"] or 0
    return bool(total + amount > settings.REFUND_APPROVAL_ABOVE)


def _let_go(refund: Refund) -> None:
    refund.state = State.REQUESTED
    if refund.kind != Kind.MANUAL:
        later = _offer(refund.transaction).not_before
        refund.next_try_at = later or timezone.now()
