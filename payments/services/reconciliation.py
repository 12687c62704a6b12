"""Repair what never arrived: ask the gateway about payments that are still open."""

import logging
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from karima.errors import StoreError
from payments.clients import midtrans_notification
from payments.clients.midtrans import GatewayMisconfigured
from payments.clients.midtrans_notification import TransactionReport
from payments.models import GatewayEvent, PaymentAttempt, PaymentIssue
from payments.services import applying, confirmation, notifications, pages, states
from payments.services.applying import TransactionOfAnotherAttempt
from payments.services.issues import raise_issue

logger = logging.getLogger(__name__)

# Soon after the customer was sent to pay, then hourly: the gateway's own retries span
# six hours, and a virtual account stays payable for a day.
POLL_DELAYS = (timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30))
POLL_INTERVAL = timedelta(hours=1)
REFRESH_SECONDS = 15
EVENT_PATIENCE = timedelta(minutes=1)


def next_poll(polls: int, *, now: datetime) -> datetime:
    """Return when an attempt that was polled so many times is due again."""
    delay = POLL_DELAYS[polls] if polls < len(POLL_DELAYS) else POLL_INTERVAL
    return now + delay


def poll(attempt: PaymentAttempt) -> None:
    """Ask the gateway about an attempt, and apply what it says.

    What does not fit the attempt is put before the staff and changes nothing. Raises
    `GatewayUnavailable` or `GatewayMisconfigured`.
    """
    waiting = attempt.transactions.values_list("transaction_id", flat=True)
    for identifier in [attempt.provider_order_id, *waiting]:
        answer = confirmation.ask(attempt, identifier=identifier)
        if answer is not None:
            apply_answer(attempt, answer)


def refresh(attempt: PaymentAttempt) -> None:
    """Ask about a payment that somebody waits for, at most every fifteen seconds.

    Whoever asks is answered all the same when Midtrans does not.
    """
    if attempt.state not in pages.LIVE or not attempt.snap_token:
        return
    if not cache.add(f"payment-asked:{attempt.pk}", True, REFRESH_SECONDS):
        return
    try:
        poll(attempt)
    except (StoreError, GatewayMisconfigured):
        logger.warning(
            "payment_poll_failed", extra={"attempt": attempt.provider_order_id}
        )


def poll_due(*, limit: int = 100) -> int:
    """Poll the attempts whose time has come; return how many were asked about.

    Two workers at once take different attempts, since each is put back in the queue
    before the gateway is asked.
    """
    asked = 0
    for attempt in _take_due(limit):
        asked += 1
        try:
            poll(attempt)
        except (StoreError, GatewayMisconfigured):
            logger.warning(
                "payment_poll_failed", extra={"attempt": attempt.provider_order_id}
            )
    return asked


def process_waiting_events(*, limit: int = 100) -> int:
    """Finish notifications that could not be confirmed when they came."""
    waiting = GatewayEvent.objects.filter(
        outcome=GatewayEvent.Outcome.RECEIVED,
        source=GatewayEvent.Source.NOTIFICATION,
        received_at__lt=timezone.now() - EVENT_PATIENCE,
    ).order_by("id")[:limit]
    finished = 0
    for event in waiting:
        try:
            notifications.process(event)
        except StoreError:
            logger.warning("gateway_event_waits", extra={"gateway_event": event.pk})
        else:
            finished += 1
    return finished


def _take_due(limit: int) -> list[PaymentAttempt]:
    now = timezone.now()
    with transaction.atomic(durable=True):
        due = list(
            PaymentAttempt.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(state__in=pages.LIVE, next_poll_at__lte=now)
            .select_related("order")
            .order_by("next_poll_at")[:limit]
        )
        for attempt in due:
            attempt.next_poll_at = next_poll(attempt.polls, now=now)
            attempt.polls += 1
        PaymentAttempt.objects.bulk_update(due, ["next_poll_at", "polls"])
    return due


def apply_answer(attempt: PaymentAttempt, answer: dict[str, object]) -> None:
    """Bring the books in line with a status answer, or put it before the staff."""
    report = midtrans_notification.report(answer)
    if not confirmation.matches(report, attempt):
        _alert(PaymentIssue.Kind.MISMATCH, attempt, report)
        return
    if states.effective_status(report.status, report.fraud_status) is None:
        _alert(PaymentIssue.Kind.UNKNOWN_STATUS, attempt, report)
        return
    event, _ = GatewayEvent.objects.get_or_create(
        source=GatewayEvent.Source.POLL,
        digest=midtrans_notification.digest(answer),
        defaults={
            "provider_order_id": attempt.provider_order_id,
            "transaction_id": report.transaction_id,
            "transaction_status": report.status,
            "gross_amount": report.gross_amount[:20],
            "body": midtrans_notification.storable(answer),
        },
    )
    try:
        applying.apply_report(attempt, report, event=event)
    except TransactionOfAnotherAttempt:
        applying.finish_event(event, GatewayEvent.Outcome.MISMATCH)
        _alert(PaymentIssue.Kind.MISMATCH, attempt, report)
    else:
        pages.end_superseded(attempt)


def _alert(
    kind: PaymentIssue.Kind, attempt: PaymentAttempt, report: TransactionReport
) -> None:
    raise_issue(
        kind,
        subject=f"{attempt.provider_order_id} {report.transaction_id}",
        detail=f"Midtrans menjawab {report.status!r}, jumlah {report.gross_amount!r}.",
        order=attempt.order,
    )
