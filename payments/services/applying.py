"""Record what the gateway has confirmed: transaction, attempt, order, in one go."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from catalog.services.stock import OutOfStock
from karima.errors import Conflict
from orders.models import Order
from orders.services import transitions
from payments.clients.midtrans_notification import TransactionReport
from payments.models import (
    GatewayEvent,
    GatewayTransaction,
    PaymentAttempt,
    PaymentIssue,
)
from payments.services import refund_ledger, states
from payments.services.issues import raise_issue

Kind = PaymentIssue.Kind
Status = Order.Status

NOT_SENT_YET = frozenset({Status.CONFIRMED, Status.PROCESSING})
MERGED_FIELDS = (
    "payment_type",
    "status",
    "rank",
    "fraud_status",
    "paid_at",
    "refunded_total",
    "refund_confirmed_at",
    "instructions",
)
UNPAID_RESULTS = frozenset(
    {"unpaid", "pending", "challenge", "failed", "expired", "cancelled", "reversed"}
)


class TransactionOfAnotherAttempt(Conflict):
    """The transaction is on record for another order: one payment, claimed twice."""

    code = "transaction_of_another_attempt"


def apply_report(
    attempt: PaymentAttempt, report: TransactionReport, *, event: GatewayEvent
) -> None:
    """Bring the books in line with a report, and mark its event as applied.

    Opens its own transaction; safe to repeat and to run twice at once. Raises
    `TransactionOfAnotherAttempt`.
    """
    with transaction.atomic(durable=True):
        order = transitions.lock_order(attempt.order.number)
        attempt = PaymentAttempt.objects.select_for_update().get(pk=attempt.pk)
        refund_ledger.record(_merge(attempt, report), report)
        _settle_attempt(attempt)
        settle_order(order)
        finish_event(event, GatewayEvent.Outcome.APPLIED)


def finish_event(event: GatewayEvent, outcome: GatewayEvent.Outcome) -> None:
    """Note what became of an event."""
    event.outcome = outcome
    event.processed_at = timezone.now()
    event.save(update_fields=["outcome", "processed_at"])


def _merge(attempt: PaymentAttempt, report: TransactionReport) -> GatewayTransaction:
    """Move the transaction up to the report's rank, never down, and return it."""
    status = states.effective_status(report.status, report.fraud_status)
    if status is None or report.amount is None:
        raise ValueError("a report is checked before it is applied")
    found, _ = GatewayTransaction.objects.get_or_create(
        transaction_id=report.transaction_id,
        defaults={
            "attempt": attempt,
            "status": status,
            "rank": states.RANKS[status],
            "gross_amount": report.amount,
        },
    )
    if found.attempt_id != attempt.pk:
        raise TransactionOfAnotherAttempt()
    before = _facts(found)
    if states.RANKS[status] >= found.rank:
        found.status, found.rank = status, states.RANKS[status]
        found.fraud_status = report.fraud_status
    _note_facts(found, status, report)
    if _facts(found) != before:
        # `updated_at` says when it moved: what did not is not looked at every night.
        found.save(update_fields=[*MERGED_FIELDS, "updated_at"])
    return found


def _facts(found: GatewayTransaction) -> list[object]:
    return [getattr(found, name) for name in MERGED_FIELDS]


def _note_facts(
    found: GatewayTransaction, status: str, report: TransactionReport
) -> None:
    """Keep what stays true whatever the transaction came to later."""
    if status in states.PAID | states.RETURNED and found.paid_at is None:
        found.paid_at = report.paid_at or timezone.now()
    found.payment_type = report.payment_type or found.payment_type
    refunded = min(report.refunded_total, found.gross_amount)
    found.refunded_total = max(found.refunded_total, refunded)
    found.refund_confirmed_at = report.refund_confirmed_at or found.refund_confirmed_at
    found.instructions = {**found.instructions, **report.instructions}


def _settle_attempt(attempt: PaymentAttempt) -> None:
    transactions = list(attempt.transactions.all())
    if any(states.brought_money(t) for t in transactions):
        state = PaymentAttempt.State.PAID
    elif attempt.state == PaymentAttempt.State.PAID or all(
        states.ends_attempt(t) for t in transactions
    ):
        state = PaymentAttempt.State.CLOSED
    else:
        return
    attempt.state = state
    attempt.save(update_fields=["state", "updated_at"])


def settle_order(order: Order) -> None:
    """Bring an order in line with its transactions. The order must be locked."""
    transactions = list(
        GatewayTransaction.objects.filter(attempt__order=order).order_by(
            "paid_at", "id"
        )
    )
    result = states.payment_status(transactions)
    transitions.set_payment_status(order, result)
    held = [t for t in transactions if states.standing(t) in states.HELD]
    if held:
        _accept_money(order, held)
    elif (
        order.status in NOT_SENT_YET
        and result in UNPAID_RESULTS
        and any(map(states.was_reversed, transactions))
    ):
        transitions.unpay(order, note="Pembayaran ditarik kembali")
    _alert(order, transactions)


def _accept_money(order: Order, held: Sequence[GatewayTransaction]) -> None:
    paid_at = min(t.paid_at for t in held if t.paid_at)
    if order.status == Status.PENDING:
        transitions.confirm(order, paid_at=paid_at)
    elif order.erased_at and order.status == Status.EXPIRED:
        # There is nobody left to send the goods to.
        _raise_each(Kind.LATE_PAYMENT, order, held, "Data pembeli sudah dihapus.")
    elif order.status == Status.EXPIRED and not _revive(order, paid_at=paid_at):
        _raise_each(Kind.LATE_PAYMENT, order, held, "Stok sudah terjual.")
    elif order.status == Status.CANCELLED:
        _raise_each(Kind.LATE_PAYMENT, order, held, "Pesanan sudah dibatalkan.")
    _raise_each(Kind.DOUBLE_PAYMENT, order, held[1:], "Sudah dibayar sebelumnya.")


def _revive(order: Order, *, paid_at: datetime) -> bool:
    """Confirm an expired order if its goods are still there.

    Not once the staff were told to return its money: goods and money would both go.
    """
    if order.payment_issues.filter(kind=Kind.LATE_PAYMENT).exists():
        return False
    try:
        with transaction.atomic():
            transitions.confirm(order, paid_at=paid_at)
    except OutOfStock:
        order.refresh_from_db()
        return False
    return True


def _raise_each(
    kind: PaymentIssue.Kind,
    order: Order,
    transactions: Sequence[GatewayTransaction],
    reason: str,
) -> None:
    """Have the staff return what nobody returns yet of each of these transactions."""
    for found in transactions:
        if refund_ledger.left(found) == 0:
            continue
        raise_issue(
            kind,
            subject=found.transaction_id,
            detail=f"{reason} Kembalikan uangnya.",
            order=order,
        )


def _alert(order: Order, transactions: Sequence[GatewayTransaction]) -> None:
    for found in transactions:
        kind, detail = ALERTS.get(found.status, (None, ""))
        if states.was_reversed(found):
            kind, detail = REVERSED
        if kind is not None:
            raise_issue(kind, subject=found.transaction_id, detail=detail, order=order)


REVERSED = (
    Kind.REVERSED,
    "Pembayaran ditarik kembali. Jangan kirim barang yang belum lunas.",
)
ALERTS = {
    "challenge": (
        Kind.CHALLENGE,
        "Kartu ditahan untuk diperiksa. Terima atau tolak di halaman pesanannya.",
    ),
    "authorize": (
        Kind.UNKNOWN_STATUS,
        "Status authorize: prabayar kartu seharusnya tidak aktif.",
    ),
    "chargeback": (Kind.CHARGEBACK, "Pembeli menyengketakan pembayaran di banknya."),
    "partial_chargeback": (
        Kind.CHARGEBACK,
        "Pembeli menyengketakan sebagian pembayaran di banknya.",
    ),
}
