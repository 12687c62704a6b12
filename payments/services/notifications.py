"""The gateway's notifications: kept as received, confirmed, then applied."""

from typing import Any

from django.db import transaction

from karima import metrics
from karima.errors import StoreError
from payments.clients import midtrans_notification
from payments.clients.midtrans import GatewayMisconfigured, GatewayUnavailable
from payments.clients.midtrans_notification import TransactionReport
from payments.models import (
    GatewayEvent,
    GatewayTransaction,
    PaymentAttempt,
    PaymentIssue,
)
from payments.services import applying, confirmation, pages, states
from payments.services.applying import TransactionOfAnotherAttempt
from payments.services.issues import raise_issue

Outcome = GatewayEvent.Outcome


def receive(raw: bytes) -> None:
    """Take in a notification. A repeat of one already dealt with changes nothing.

    Raises `MalformedNotification` and `BadSignature`, both before any query, and
    `GatewayUnavailable` when its confirmation must wait: it is kept then, and either
    the gateway's retry or `reconciliation` finishes it.
    """
    try:
        result = _receive(raw)
    except StoreError as refusal:
        metrics.notification_received(refusal.code)
        raise
    metrics.notification_received(result)


def _receive(raw: bytes) -> str:
    """Take in a notification; return what was made of it, for the count."""
    body = midtrans_notification.parse_notification(raw)
    event = _keep(body)
    if event.outcome != Outcome.RECEIVED:
        return "repeated"
    process(event)
    return str(event.outcome)


def process(event: GatewayEvent) -> None:
    """Deal with a kept event. Raises `GatewayUnavailable`; the event stays then."""
    report = midtrans_notification.report(event.body)
    attempt = (
        PaymentAttempt.objects.filter(provider_order_id=report.order_id)
        .select_related("order")
        .first()
    )
    if attempt is None:
        _put_aside(event, Outcome.UNKNOWN_ORDER, "Pembayaran tanpa pesanan.")
    elif not confirmation.matches(report, attempt):
        _put_aside(event, Outcome.MISMATCH, "Jumlah, mata uang atau toko berbeda.")
    elif (status := _status(report)) is None:
        _put_aside(event, Outcome.UNKNOWN_STATUS, f"Status {report.status!r}.")
    elif status in states.MONEY_MOVING or _is_new(report):
        _confirm_and_apply(event, attempt, report)
    else:
        _apply(event, attempt, report)


def _is_new(report: TransactionReport) -> bool:
    """Tell whether the transaction is not on record yet.

    The signature does not cover its id either, which could be another order's.
    """
    known = GatewayTransaction.objects.filter(transaction_id=report.transaction_id)
    return not known.exists()


def _confirm_and_apply(
    event: GatewayEvent, attempt: PaymentAttempt, claimed: TransactionReport
) -> None:
    try:
        answer = confirmation.ask(attempt, identifier=claimed.transaction_id)
    except GatewayMisconfigured:
        # Midtrans repeats what a 503 answers four times, and an error's only once.
        raise GatewayUnavailable() from None
    confirmed = midtrans_notification.report(answer) if answer else None
    if confirmed and _bears_out(confirmed, claimed, attempt):
        _apply(event, attempt, confirmed)
    else:
        _put_aside(event, Outcome.UNCONFIRMED, "Midtrans tidak membenarkannya.")


def _bears_out(
    confirmed: TransactionReport, claimed: TransactionReport, attempt: PaymentAttempt
) -> bool:
    """Tell whether the answer is about the claim, and says at least as much."""
    said, claim = _status(confirmed), _status(claimed)
    return (
        confirmation.matches(confirmed, attempt)
        and confirmed.transaction_id == claimed.transaction_id
        and said is not None
        and claim is not None
        and states.RANKS[said] >= states.RANKS[claim]
    )


def _apply(
    event: GatewayEvent, attempt: PaymentAttempt, report: TransactionReport
) -> None:
    try:
        applying.apply_report(attempt, report, event=event)
    except TransactionOfAnotherAttempt:
        _put_aside(event, Outcome.MISMATCH, "Transaksi milik pesanan lain.")
    else:
        pages.end_superseded(attempt)


def _status(report: TransactionReport) -> str | None:
    return states.effective_status(report.status, report.fraud_status)


def _keep(body: Any) -> GatewayEvent:
    """Store the notification as received, in a transaction of its own."""
    report = midtrans_notification.report(body)
    with transaction.atomic(durable=True):
        event, _ = GatewayEvent.objects.get_or_create(
            source=GatewayEvent.Source.NOTIFICATION,
            digest=midtrans_notification.digest(body),
            defaults={
                "provider_order_id": report.order_id[:50],
                "transaction_id": report.transaction_id,
                "transaction_status": report.status,
                "gross_amount": report.gross_amount[:20],
                "body": midtrans_notification.storable(body),
            },
        )
    return event


ISSUE_KINDS = {
    Outcome.UNKNOWN_ORDER: PaymentIssue.Kind.UNKNOWN_ORDER,
    Outcome.MISMATCH: PaymentIssue.Kind.MISMATCH,
    Outcome.UNCONFIRMED: PaymentIssue.Kind.UNCONFIRMED,
    Outcome.UNKNOWN_STATUS: PaymentIssue.Kind.UNKNOWN_STATUS,
}


def _put_aside(event: GatewayEvent, outcome: GatewayEvent.Outcome, detail: str) -> None:
    """Leave the books as they are, and tell the staff."""
    with transaction.atomic(durable=True):
        applying.finish_event(event, outcome)
        raise_issue(
            ISSUE_KINDS[outcome],
            subject=f"{event.provider_order_id} {event.transaction_id}",
            detail=detail,
        )
