"""Bring refunds to Midtrans, and find out what became of those without an answer.

A refund is sent under the key it was written down with. Whoever has no answer asks for
the transaction's status first and sends again only when the key is not listed there.
"""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from karima.errors import StoreError
from payments.clients import midtrans
from payments.clients.midtrans import (
    DuplicateRefundKey,
    GatewayMisconfigured,
    GatewayRejected,
    GatewayUnavailable,
)
from payments.models import Refund
from payments.services import reconciliation, refund_ledger

logger = logging.getLogger(__name__)

Kind, State = Refund.Kind, Refund.State

# Also how long one process has a refund to itself: above the client's time-outs.
RETRY_DELAYS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
RETRY_INTERVAL = timedelta(hours=1)
# Midtrans knows a key for seven days; sent later it could give the money twice.
KEY_LIVES = timedelta(days=6, hours=12)


def send(refund_id: UUID) -> None:
    """Send a refund whose time has come, and record the answer.

    Safe to repeat and to run twice at once: one of the callers has it for a minute.
    Without an answer it stays as it is, and `send_due` asks and tries again. Raises
    `GatewayMisconfigured`.
    """
    refund = _take(refund_id)
    if refund is None or (_was_sent(refund) and not _is_still_unknown(refund)):
        return
    try:
        _call(refund)
    except GatewayUnavailable:
        logger.warning("refund_unanswered", extra={"refund": refund.refund_key})
    except GatewayMisconfigured:
        raise
    except DuplicateRefundKey:
        _look(refund)
    except GatewayRejected as refusal:
        _refused(refund, refusal)
    else:
        _accepted(refund)


def send_due(*, limit: int = 50) -> int:
    """Send what waits, and look after what banks have not confirmed; return how many.

    One that fails does not hold up the others.
    """
    due = Refund.objects.filter(
        state__in=[State.REQUESTED, State.ACCEPTED], next_try_at__lte=timezone.now()
    ).order_by("next_try_at")
    handled = 0
    for refund_id, state in due.values_list("pk", "state")[:limit]:
        handled += 1
        try:
            if state == State.REQUESTED:
                send(refund_id)
            else:
                look_for_confirmation(refund_id)
        except (StoreError, GatewayMisconfigured):
            logger.warning("refund_failed", extra={"refund": str(refund_id)})
    return handled


def look_for_confirmation(refund_id: UUID) -> None:
    """Ask whether the bank has confirmed a refund; again tomorrow if it has not."""
    refund = Refund.objects.select_related("transaction__attempt").get(pk=refund_id)
    Refund.objects.filter(pk=refund_id, state=State.ACCEPTED).update(
        next_try_at=timezone.now() + refund_ledger.CONFIRMATION_LOOK
    )
    reconciliation.poll(refund.transaction.attempt)


def _take(refund_id: UUID) -> Refund | None:
    """Return the refund if it is this caller's to send, and queue it again."""
    now = timezone.now()
    with transaction.atomic(durable=True):
        refund = refund_ledger.lock_refund(refund_id)
        is_due = refund.next_try_at is not None and refund.next_try_at <= now
        if refund.state != State.REQUESTED or not is_due:
            return None
        delay = RETRY_INTERVAL
        if refund.tries < len(RETRY_DELAYS):
            delay = RETRY_DELAYS[refund.tries]
        refund.next_try_at = now + delay
        refund.tries += 1
        refund.first_sent_at = refund.first_sent_at or now
        refund.save(
            update_fields=["next_try_at", "tries", "first_sent_at", "updated_at"]
        )
    return refund


def _was_sent(refund: Refund) -> bool:
    return refund.tries > 1


def _is_still_unknown(refund: Refund) -> bool:
    """Ask Midtrans before sending again; close a refund whose key has died.

    Raises `GatewayUnavailable`: what cannot be asked is not sent either.
    """
    reconciliation.poll(refund.transaction.attempt)
    refund.refresh_from_db()
    if refund.state != State.REQUESTED:
        return False
    started = refund.first_sent_at or timezone.now()
    if timezone.now() - started < KEY_LIVES:
        return True
    _give_up(refund, "Midtrans tidak menjawab selama tujuh hari. Minta lagi.")
    return False


def _call(refund: Refund) -> None:
    if refund.kind == Kind.VOID:
        midtrans.cancel(refund.transaction.transaction_id)
        return
    midtrans.refund(
        refund.transaction.transaction_id,
        key=refund.refund_key,
        amount=refund.amount,
        reason=refund.reason,
    )


def _accepted(refund: Refund) -> None:
    if refund.kind != Kind.VOID:
        with transaction.atomic(durable=True):
            locked = refund_ledger.lock_refund(refund.pk)
            refund_ledger.accept(locked, at=timezone.now())
    _look(refund)


def _refused(refund: Refund, refusal: GatewayRejected) -> None:
    """Close a refund that Midtrans or the bank refuses, unless it is done after all.

    A card that was settled meanwhile can no longer be voided; it is refunded instead.
    """
    if not _look(refund):
        return
    refund.refresh_from_db()
    if refund.state != State.REQUESTED:
        return
    if refund.kind == Kind.VOID and refund.transaction.status == "settlement":
        Refund.objects.filter(pk=refund.pk, state=State.REQUESTED).update(
            kind=Kind.GATEWAY, tries=0, next_try_at=timezone.now()
        )
        return
    words = "; ".join(refusal.messages)
    _give_up(refund, f"Midtrans menolak ({refusal.code}): {words}")


def _give_up(refund: Refund, why: str) -> None:
    with transaction.atomic(durable=True):
        locked = refund_ledger.lock_refund(refund.pk)
        if locked.state == State.REQUESTED:
            refund_ledger.end(locked, State.DENIED, failure=why)
            refund_ledger.put_before_staff(locked)


def _look(refund: Refund) -> bool:
    """Bring the books up to date with Midtrans; False when it does not answer."""
    try:
        reconciliation.poll(refund.transaction.attempt)
    except GatewayUnavailable:
        logger.warning("refund_not_looked_up", extra={"refund": refund.refund_key})
        return False
    refund.transaction.refresh_from_db()
    return True
