"""End orders that nobody paid for, and those that are called off before payment."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from karima.errors import StoreError
from orders.models import Order
from orders.services import transitions
from payments.clients.midtrans import GatewayMisconfigured
from payments.models import PaymentAttempt
from payments.services import charges, pages, reconciliation

logger = logging.getLogger(__name__)

# A payment made in the last second is known within minutes; until then stock is held.
GRACE = timedelta(minutes=15)


def expire_due(*, limit: int = 100) -> int:
    """Expire the unpaid orders whose time is up; return how many.

    The gateway is asked first. An order that it cannot answer for, or that cannot end,
    is left for the next run and does not hold up the others. Safe to run twice at once.
    """
    due = (
        Order.objects.filter(
            status=Order.Status.PENDING, expires_at__lt=timezone.now() - GRACE
        )
        .order_by("expires_at")
        .values_list("number", flat=True)[:limit]
    )
    return sum(_expire(number) for number in due)


def _expire(number: str) -> bool:
    attempt = charges.latest_attempt(number)
    try:
        if attempt is not None:
            reconciliation.poll(attempt)
    except (StoreError, GatewayMisconfigured):
        logger.warning("expiry_waits_for_gateway", extra={"order": number})
        return False
    try:
        return _end(number)
    except StoreError:
        logger.exception("order_cannot_expire", extra={"order": number})
        return False


def _end(number: str) -> bool:
    with transaction.atomic(durable=True):
        order = transitions.lock_order(number)
        held = order.payment_status == Order.PaymentStatus.CHALLENGE
        if order.status != Order.Status.PENDING or held:
            return False
        _close_attempts(order)
        transitions.expire(order)
    return True


def cancel_unpaid(number: str, *, actor: User | None, note: str = "") -> None:
    """Cancel an order before it is paid: first the means to pay, then the order.

    Raises `OrderNotPayable` when money has moved meanwhile, `GatewayUnavailable` when
    the gateway does not answer, `IllegalTransition` in any other state.
    """
    order = Order.objects.filter(number=number).first()
    if order is None:
        raise transitions.OrderNotFound()
    if order.status != Order.Status.PENDING:
        raise charges.OrderNotPayable()
    charges.cancel_live_attempt(number)
    with transaction.atomic(durable=True):
        order = transitions.lock_order(number)
        if order.status != Order.Status.PENDING:
            raise charges.OrderNotPayable()
        _close_attempts(order)
        transitions.cancel(order, actor=actor, note=note)


def _close_attempts(order: Order) -> None:
    order.payment_attempts.filter(state__in=pages.LIVE).update(
        state=PaymentAttempt.State.CLOSED, updated_at=timezone.now()
    )
