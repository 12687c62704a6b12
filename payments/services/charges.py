"""Ask for money: one live payment attempt for an order, and a token to pay it with."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, When
from django.utils import timezone

from karima.errors import Conflict, NotFound
from orders.models import Order, OrderLine
from orders.services import transitions
from payments.clients import midtrans
from payments.clients.midtrans import (
    GatewayRejected,
    GatewayUnavailable,
    Item,
    OrderIdTaken,
    SnapRequest,
    SnapToken,
)
from payments.models import PaymentAttempt
from payments.services import pages, reconciliation, states

logger = logging.getLogger(__name__)

# Longer than the gateway's time-outs together: after it the claimer is dead.
CLAIM_LASTS = timedelta(seconds=30)
# Snap takes no shorter expiry.
SHORTEST_EXPIRY_MINUTES = 5
MOST_ATTEMPTS = 99
# With the longest names and SKUs these stay below the 16 kB that Snap takes.
MOST_BILL_LINES = 80

State = PaymentAttempt.State


class OrderNotPayable(Conflict):
    code = "order_not_payable"
    title = "Order cannot be paid"
    detail = "Pesanan ini sudah tidak menunggu pembayaran."


class PaymentNotFound(NotFound):
    code = "payment_not_found"
    title = "Payment not found"
    detail = "Pesanan ini belum memiliki pembayaran."


class TooManyAttempts(Conflict):
    code = "too_many_payment_attempts"
    title = "Too many payment attempts"
    detail = "Terlalu banyak percobaan pembayaran. Silakan hubungi kami."


@dataclass(frozen=True, slots=True)
class _Claimed:
    """The live attempt, and whether this process is the one to get its token."""

    attempt: PaymentAttempt
    needs_token: bool


def start_payment(number: str) -> PaymentAttempt:
    """Return the order's live attempt, with a token unless another process gets it.

    An attempt that has a token is returned as it is; the gateway is called outside
    any transaction. Raises `OrderNotPayable`, `TooManyAttempts`, or
    `GatewayUnavailable`, after which the call may be repeated with the same order id.
    """
    claimed = _claim(number)
    if not claimed.needs_token:
        return claimed.attempt
    attempt = claimed.attempt
    try:
        token = midtrans.create_snap_transaction(_snap_request(attempt))
    except OrderIdTaken:
        _abandon(attempt)
        raise GatewayUnavailable() from None
    except GatewayRejected as rejection:
        _unclaim(attempt)
        logger.error("snap_request_refused", extra={"reason": str(rejection)})
        raise GatewayUnavailable() from None
    except GatewayUnavailable:
        _unclaim(attempt)
        raise
    return _open(attempt, token)


def offer_payment(number: str) -> PaymentAttempt | None:
    """Return what `start_payment` does, or the attempt without a token on an outage.

    For checkout, whose order stands whether or not the gateway answers.
    """
    try:
        return start_payment(number)
    except (GatewayUnavailable, OrderNotPayable):
        return latest_attempt(number)


def latest_attempt(number: str) -> PaymentAttempt | None:
    """Return the attempt that counts: the one that was paid, else the newest."""
    return (
        PaymentAttempt.objects.filter(order__number=number)
        .select_related("order")
        .order_by(Case(When(state=State.PAID, then=0), default=1), "-number")
        .first()
    )


def cancel_live_attempt(number: str) -> None:
    """End the customer's means to pay an order, at the gateway and here.

    Raises `GatewayUnavailable`, or `OrderNotPayable` when the gateway says that money
    has moved; the attempt is brought up to date then.
    """
    attempt = latest_attempt(number)
    if attempt is None or attempt.state not in pages.LIVE:
        return
    if attempt.snap_token and not pages.end_page(attempt):
        _end_transaction(attempt)
    pages.close(attempt)


def _end_transaction(attempt: PaymentAttempt) -> None:
    """Cancel what the customer has begun. Raises `OrderNotPayable` if it is paid."""
    try:
        midtrans.cancel(attempt.provider_order_id)
    except GatewayRejected:
        reconciliation.poll(attempt)
        if attempt.transactions.exclude(status__in=states.ENDED).exists():
            raise OrderNotPayable() from None


def _abandon(attempt: PaymentAttempt) -> None:
    """Leave an order id whose page is lost; the next attempt takes a new one."""
    _unclaim(attempt)
    reconciliation.poll(attempt)
    attempt.refresh_from_db()
    if attempt.state == State.CREATING:
        _end_transaction(attempt)
        pages.close(attempt)


def _claim(number: str) -> _Claimed:
    now = timezone.now()
    with transaction.atomic(durable=True):
        order = transitions.lock_order(number)
        if order.status != Order.Status.PENDING or order.expires_at <= now:
            raise OrderNotPayable()
        attempt = order.payment_attempts.filter(state__in=pages.LIVE).first()
        if attempt is None:
            return _Claimed(_new_attempt(order), needs_token=True)
        if attempt.state == State.OPEN or _is_claimed(attempt):
            return _Claimed(attempt, needs_token=False)
        attempt.claimed_at = now
        attempt.save(update_fields=["claimed_at", "updated_at"])
        return _Claimed(attempt, needs_token=True)


def _is_claimed(attempt: PaymentAttempt) -> bool:
    limit = timezone.now() - CLAIM_LASTS
    return attempt.claimed_at is not None and attempt.claimed_at > limit


def _new_attempt(order: Order) -> PaymentAttempt:
    now = timezone.now()
    number = order.payment_attempts.count() + 1
    if number > MOST_ATTEMPTS:
        raise TooManyAttempts()
    shortest = now + timedelta(minutes=SHORTEST_EXPIRY_MINUTES)
    return PaymentAttempt.objects.create(
        order=order,
        number=number,
        provider_order_id=f"{order.number}-{number:02d}",
        amount=order.grand_total,
        claimed_at=now,
        expires_at=max(order.expires_at, shortest),
        next_poll_at=reconciliation.next_poll(0, now=now),
    )


def _unclaim(attempt: PaymentAttempt) -> None:
    PaymentAttempt.objects.filter(pk=attempt.pk, state=State.CREATING).update(
        claimed_at=None
    )


def _open(attempt: PaymentAttempt, token: SnapToken) -> PaymentAttempt:
    PaymentAttempt.objects.filter(pk=attempt.pk, state=State.CREATING).update(
        state=State.OPEN,
        snap_token=token.token,
        redirect_url=token.redirect_url,
        claimed_at=None,
        updated_at=timezone.now(),
    )
    attempt.refresh_from_db()
    return attempt


def _snap_request(attempt: PaymentAttempt) -> SnapRequest:
    order, now = attempt.order, timezone.now()
    minutes_left = int((attempt.expires_at - now).total_seconds() // 60)
    return SnapRequest(
        provider_order_id=attempt.provider_order_id,
        amount=attempt.amount,
        items=_items(order),
        customer_name=order.contact_name,
        customer_email=order.contact_email,
        customer_phone=order.contact_phone,
        starts_at=now,
        expiry_minutes=max(minutes_left, SHORTEST_EXPIRY_MINUTES),
        finish_url=f"{settings.STOREFRONT_URL}/orders/{order.number}",
    )


def _items(order: Order) -> list[Item]:
    """Return the bill; its lines add up to the order's grand total."""
    lines = list(order.lines.all())
    items = [_item(line) for line in lines[:MOST_BILL_LINES]]
    rest = sum(line.total for line in lines[MOST_BILL_LINES:])
    if rest:
        items.append(Item("OTHERS", "Produk lainnya", rest, 1))
    items.append(Item("SHIPPING", "Ongkos kirim", order.shipping_cost, 1))
    if order.discount_total:
        items.append(Item("DISCOUNT", "Diskon", -order.discount_total, 1))
    return items


def _item(line: OrderLine) -> Item:
    """Return a line of the bill; one with a discount as one whole, since it need not
    be divisible by its pieces."""
    name = f"{line.product_name} / {line.color} / {line.size}"
    if line.discount:
        return Item(line.sku, f"{line.quantity} x {name}", line.total, 1)
    return Item(line.sku, name, line.unit_price, line.quantity)
