"""Payment pages at the gateway: end the ones that nobody should pay on any more."""

import logging

from django.utils import timezone

from payments.clients import midtrans
from payments.clients.midtrans import GatewayRejected, GatewayUnavailable
from payments.models import PaymentAttempt

logger = logging.getLogger(__name__)

State = PaymentAttempt.State
LIVE = (State.CREATING, State.OPEN)


def end_page(attempt: PaymentAttempt) -> bool:
    """End the payment page; False when a method has been chosen on it.

    Raises `GatewayUnavailable`.
    """
    try:
        midtrans.cancel_snap_session(attempt.snap_token)
    except GatewayRejected:
        return False
    return True


def close(attempt: PaymentAttempt) -> None:
    """Offer the attempt to nobody any more, unless it was paid meanwhile."""
    PaymentAttempt.objects.filter(pk=attempt.pk, state__in=LIVE).update(
        state=State.CLOSED, updated_at=timezone.now()
    )


def end_superseded(paid: PaymentAttempt) -> None:
    """Close the other live pages of an order that one attempt has paid.

    At the gateway as far as it answers: what is paid there all the same becomes an
    issue of a double payment.
    """
    paid.refresh_from_db(fields=["state"])
    if paid.state != State.PAID:
        return
    others = PaymentAttempt.objects.filter(order_id=paid.order_id, state__in=LIVE)
    for attempt in others.exclude(pk=paid.pk):
        close(attempt)
        try:
            if attempt.snap_token:
                end_page(attempt)
        except GatewayUnavailable:
            logger.warning("page_not_ended", extra={"attempt": str(attempt)})
