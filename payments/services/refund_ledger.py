"""What of a payment is given back, is on its way back, and is left.

Every function that writes must run in a transaction with the order locked
(`orders.services.transitions.lock_order`).
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, Sum
from django.utils import timezone

from karima.errors import NotFound
from karima.money import format_rupiah
from orders.services import order_messages, transitions
from payments.clients.midtrans_notification import RefundReport, TransactionReport
from payments.models import GatewayTransaction, PaymentIssue, Refund
from payments.services import states
from payments.services.issues import raise_issue

Kind, State = Refund.Kind, Refund.State

# They hold their amount of the payment: nobody may promise it again.
LIVE = (State.WAITING, State.REQUESTED, State.ACCEPTED, State.CONFIRMED)
# The money has left the shop, as far as Midtrans or the shop's own bank says.
GIVEN = (State.ACCEPTED, State.CONFIRMED)
ENDED = (State.CONFIRMED, State.DENIED, State.WITHDRAWN)
# Nobody has been asked yet to give this money: neither Midtrans nor a bank.
NOT_BEGUN = Q(state=State.WAITING) | Q(state=State.REQUESTED, first_sent_at=None)
GONE = "Uangnya sudah tidak ada pada toko: ditarik, disengketakan, atau sudah kembali."
# Wallets confirm within a day, a card's bank after up to fourteen working days.
CONFIRMATION_LOOK = timedelta(days=1)
REFUND_STATUSES = frozenset({"partial_refund", "refund"})


class RefundNotFound(NotFound):
    code = "refund_not_found"
    title = "Refund not found"
    detail = "Pengembalian dana tidak ditemukan."


def lock_refund(refund_id: UUID) -> Refund:
    """Return the refund with its order locked first, then itself.

    Must run in a transaction. Raises `RefundNotFound`.
    """
    number = (
        Refund.objects.filter(pk=refund_id)
        .values_list("order__number", flat=True)
        .first()
    )
    if number is None:
        raise RefundNotFound()
    order = transitions.lock_order(number)
    refund = (
        Refund.objects.select_for_update(of=("self",))
        .select_related("transaction__attempt")
        .get(pk=refund_id)
    )
    refund.order = order
    return refund


def left(transaction: GatewayTransaction) -> int:
    """Return how much of a payment, in rupiah, no refund holds yet."""
    return max(0, _room(transaction))


def _room(transaction: GatewayTransaction) -> int:
    """Return what is left; below zero when the dashboard gave what was promised."""
    elsewhere = transaction.refunds.filter(kind=Kind.DASHBOARD).aggregate(
        sum=Sum("amount")
    )["sum"]
    return transaction.gross_amount - transaction.refund_claimed - (elsewhere or 0)


def claim(transaction: GatewayTransaction, amount: int) -> None:
    """Hold an amount for a refund. The database refuses more than was paid."""
    GatewayTransaction.objects.filter(pk=transaction.pk).update(
        refund_claimed=F("refund_claimed") + amount
    )
    transaction.refresh_from_db(fields=["refund_claimed"])


def end(refund: Refund, state: Refund.State, *, failure: str = "") -> None:
    """Close a refund that gave nothing back, and let go of its amount."""
    refund.state, refund.failure, refund.next_try_at = state, failure[:300], None
    refund.save(update_fields=["state", "failure", "next_try_at", "updated_at"])
    _claim_anew(refund.transaction)


def put_before_staff(refund: Refund) -> None:
    """Put before the staff that a refund has come to nothing."""
    raise_issue(
        PaymentIssue.Kind.REFUND_DENIED,
        subject=f"{refund.transaction.transaction_id} {refund.refund_key}",
        detail=f"{format_rupiah(refund.amount)} belum kembali ke pembeli. "
        f"{refund.failure}",
        order=refund.order,
    )


def accept(refund: Refund, *, at: datetime) -> None:
    """Note that Midtrans gives the money back, which its bank has to confirm."""
    if refund.state in GIVEN:
        return
    refund.state, refund.failure = State.ACCEPTED, ""
    refund.accepted_at, refund.next_try_at = at, timezone.now() + CONFIRMATION_LOOK
    refund.save()
    _claim_anew(refund.transaction)


def confirm(refund: Refund, *, at: datetime) -> None:
    """Note that the money is with the customer's bank, for good."""
    accept(refund, at=at)
    refund.state, refund.confirmed_at, refund.next_try_at = State.CONFIRMED, at, None
    refund.save()
    order_messages.tell(
        refund.order,
        "order_refunded",
        again=f".{refund.refund_key}",
        jumlah=format_rupiah(refund.amount),
    )


def record(transaction: GatewayTransaction, report: TransactionReport) -> None:
    """Bring the refunds of a transaction in line with what Midtrans says of them."""
    known = {refund.refund_key: refund for refund in transaction.refunds.all()}
    for row in report.refunds:
        refund = known.get(row.key) or _from_dashboard(transaction, row)
        if refund.state != State.CONFIRMED:
            _advance(refund, row)
    if transaction.status == "cancel":
        _confirm_void(transaction)
    if transaction.status in REFUND_STATUSES:
        _compare(transaction)
    _stop_what_is_gone(transaction)


def _stop_what_is_gone(transaction: GatewayTransaction) -> None:
    """End the refunds, newest first, whose money the shop has no longer.

    A bank or Midtrans's dashboard may return money while a refund of it waits for a
    person: given by transfer as well, it would be lost twice.
    """
    held = states.standing(transaction) in states.HELD
    waiting = transaction.refunds.filter(NOT_BEGUN).select_related("order")
    for refund in waiting.order_by("-created_at", "-id"):
        if held and _room(transaction) >= 0:
            return
        end(refund, State.WITHDRAWN, failure=GONE)
        put_before_staff(refund)


def _advance(refund: Refund, row: RefundReport) -> None:
    if row.confirmed_at:
        confirm(refund, at=row.confirmed_at)
    else:
        accept(refund, at=row.created_at or timezone.now())


def _from_dashboard(transaction: GatewayTransaction, row: RefundReport) -> Refund:
    """Keep a refund that somebody made in Midtrans's dashboard."""
    return Refund(
        order_id=transaction.attempt.order_id,
        transaction=transaction,
        kind=Kind.DASHBOARD,
        state=State.REQUESTED,
        amount=row.amount,
        refund_key=row.key,
        reason=row.reason,
    )


def _confirm_void(transaction: GatewayTransaction) -> None:
    """A captured card that the shop cancels: its whole amount is free again."""
    voids = transaction.refunds.filter(kind=Kind.VOID, state=State.REQUESTED)
    for refund in voids:
        confirm(refund, at=timezone.now())
        transaction.returned_total = transaction.gross_amount
        transaction.save(update_fields=["returned_total", "updated_at"])


def _compare(transaction: GatewayTransaction) -> None:
    """Put before the staff what Midtrans gave back and no refund explains."""
    given = transaction.refunds.filter(
        kind__in=[Kind.GATEWAY, Kind.DASHBOARD], state__in=GIVEN
    ).aggregate(sum=Sum("amount"))["sum"]
    if transaction.refunded_total != (given or 0):
        raise_issue(
            PaymentIssue.Kind.REFUND_DIFFERS,
            subject=transaction.transaction_id,
            detail=(
                f"Midtrans mengembalikan {format_rupiah(transaction.refunded_total)}, "
                f"toko mencatat {format_rupiah(given or 0)}. Bandingkan dengan "
                "dasbor Midtrans."
            ),
            order=transaction.attempt.order,
        )


def _claim_anew(transaction: GatewayTransaction) -> None:
    """Write what the shop's own refunds hold now, whatever came before.

    Midtrans may report as done what was taken for refused: a fact is never turned away
    for its sum.
    """
    held = transaction.refunds.filter(state__in=LIVE).exclude(kind=Kind.DASHBOARD)
    total = held.aggregate(sum=Sum("amount"))["sum"] or 0
    transaction.refund_claimed = min(total, transaction.gross_amount)
    transaction.save(update_fields=["refund_claimed", "updated_at"])
