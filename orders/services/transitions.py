"""The life of an order: the only code that writes its status and payment status.

Every function must run in a transaction, with the order locked by `lock_order`. Locks
are taken in one order everywhere: order, payment attempt, then variants by primary key.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from catalog.services import flash_sales, stock
from catalog.services.stock import StockLine
from karima.errors import Conflict, Invalid, NotFound
from orders.models import Order, OrderEvent, Shipment
from orders.services.order_messages import tell

Status = Order.Status

MOVES: dict[str, frozenset[str]] = {
    Status.PENDING: frozenset({Status.CONFIRMED, Status.CANCELLED, Status.EXPIRED}),
    # Back to pending when the bank takes a payment back before the parcel has left.
    Status.CONFIRMED: frozenset({Status.PROCESSING, Status.CANCELLED, Status.PENDING}),
    Status.PROCESSING: frozenset({Status.SHIPPED, Status.CANCELLED, Status.PENDING}),
    Status.SHIPPED: frozenset({Status.DELIVERED, Status.RETURNED}),
    Status.DELIVERED: frozenset({Status.COMPLETED, Status.RETURNED}),
    # Money that arrives late revives an order if its stock can be reserved again.
    Status.EXPIRED: frozenset({Status.CONFIRMED}),
    Status.COMPLETED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.RETURNED: frozenset(),
}


# The shop has had the money and has it no longer, or may lose it.
LOST = frozenset(
    {
        Order.PaymentStatus.REVERSED,
        Order.PaymentStatus.REFUNDED,
        Order.PaymentStatus.CHARGED_BACK,
    }
)


class OrderNotFound(NotFound):
    code = "order_not_found"
    title = "Order not found"
    detail = "Pesanan tidak ditemukan."


class IllegalTransition(Conflict):
    code = "illegal_transition"
    title = "Not possible in this state"


class PaymentNotHeld(Conflict):
    """The money was given back or is disputed, so the goods stay in the shop."""

    code = "payment_not_held"
    title = "Payment not held"
    detail = "Uang pesanan ini sudah kembali atau disengketakan. Jangan kirim."


class TrackingNumberRequired(Invalid):
    code = "tracking_number_required"
    title = "Tracking number required"
    detail = "Isi kurir dan nomor resi sebelum mengirim pesanan."


class TrackingNumberTaken(Conflict):
    code = "tracking_number_taken"
    title = "Tracking number already used"
    detail = "Nomor resi ini sudah dipakai pesanan lain."


def lock_order(number: str) -> Order:
    """Return the order, locked until the transaction ends. Raises `OrderNotFound`."""
    try:
        return Order.objects.select_for_update().get(number=number)
    except Order.DoesNotExist:
        raise OrderNotFound() from None


def confirm(order: Order, *, paid_at: datetime) -> None:
    """Accept the order as paid. An expired order has its stock reserved anew.

    Its flash price too must be free once more. Raises `OutOfStock` when an expired
    order's goods, or the quota of their price, are gone, and
    `IllegalTransition` when the order is past payment or cancelled.
    """
    if order.status == Status.EXPIRED:
        before = order.stock_reference
        order.reservation += 1
        stock.reserve(
            _stock_lines(order),
            reference=order.stock_reference,
            repriced=flash_sales.take_again(before, reference=order.stock_reference),
        )
        order.save(update_fields=["reservation", "updated_at"])
    _move(order, Status.CONFIRMED, note="Pembayaran diterima")
    order.paid_at = paid_at
    order.save(update_fields=["paid_at", "updated_at"])
    tell(order, "order_paid", again=f".{paid_at:%Y%m%d%H%M%S}")


def unpay(order: Order, *, note: str) -> None:
    """Take back a confirmation whose money was withdrawn; the order is payable again.

    Its stock stays reserved until it expires. Raises `IllegalTransition` once the
    parcel has left.
    """
    _move(order, Status.PENDING, note=note)
    order.paid_at = None
    order.save(update_fields=["paid_at", "updated_at"])


def expire(order: Order) -> None:
    """End an unpaid order whose time is up, and release its stock."""
    _move(order, Status.EXPIRED, note="Batas waktu pembayaran terlewati")
    tell(order, "order_expired")
    _release(order)


def cancel(order: Order, *, actor: User | None, note: str = "") -> None:
    """Cancel an order that has not left, and release its stock."""
    _move(order, Status.CANCELLED, actor=actor, note=note)
    tell(order, "order_cancelled")
    _release(order)


def start_processing(order: Order, *, actor: User | None) -> None:
    """Begin to pack a paid order. Raises `PaymentNotHeld`."""
    check_payment_held(order)
    _move(order, Status.PROCESSING, actor=actor)


def ship(
    order: Order, *, courier: str, tracking_number: str, actor: User | None
) -> Shipment:
    """Hand the parcel to the courier: the reserved goods leave the stock.

    Raises `TrackingNumberRequired`, `TrackingNumberTaken` or `PaymentNotHeld`.
    """
    check_payment_held(order)
    courier, tracking_number = courier.strip(), tracking_number.strip().upper()
    if not courier or not tracking_number:
        raise TrackingNumberRequired()
    note = f"{courier} {tracking_number}"
    _move(order, Status.SHIPPED, actor=actor, note=note)
    try:
        with transaction.atomic():
            shipment = Shipment.objects.create(
                order=order,
                courier=courier,
                tracking_number=tracking_number,
                shipped_at=timezone.now(),
            )
    except IntegrityError:
        raise TrackingNumberTaken() from None
    tell(order, "order_shipped", kurir=courier, resi=tracking_number)
    stock.ship(_stock_lines(order), reference=order.stock_reference, actor=actor)
    return shipment


def deliver(order: Order, *, actor: User | None = None) -> None:
    """Record that the parcel has arrived."""
    _move(order, Status.DELIVERED, actor=actor)
    Shipment.objects.filter(order=order).update(delivered_at=timezone.now())
    tell(order, "order_delivered")


def complete(order: Order, *, actor: User | None = None) -> None:
    """Close a delivered order."""
    _move(order, Status.COMPLETED, actor=actor)


def record_return(order: Order, *, actor: User | None, note: str) -> None:
    """Take a sent parcel back into stock."""
    _move(order, Status.RETURNED, actor=actor, note=note)
    stock.give_back(
        _stock_lines(order), reference=order.stock_reference, actor=actor, note=note
    )


def set_payment_status(order: Order, status: str, *, note: str = "") -> None:
    """Record how the payment stands; a repeat of the same changes nothing."""
    if order.payment_status == status:
        return
    before, order.payment_status = order.payment_status, status
    order.save(update_fields=["payment_status", "updated_at"])
    OrderEvent.objects.create(
        order=order,
        kind=OrderEvent.Kind.PAYMENT,
        from_value=before,
        to_value=status,
        note=note,
    )


def check_payment_held(order: Order) -> None:
    """Raise `PaymentNotHeld` for an order whose money is gone or disputed."""
    if order.payment_status in LOST:
        raise PaymentNotHeld()


def _move(
    order: Order, status: str, *, actor: User | None = None, note: str = ""
) -> None:
    if status not in MOVES[order.status]:
        before, after = order.get_status_display(), Status(status).label
        raise IllegalTransition(
            f"Pesanan {order.number} berstatus {before} dan tidak dapat menjadi "
            f"{after}.",
            order_status=order.status,
        )
    before, order.status = order.status, status
    order.save(update_fields=["status", "updated_at"])
    OrderEvent.objects.create(
        order=order,
        kind=OrderEvent.Kind.STATUS,
        from_value=before,
        to_value=status,
        actor=actor,
        note=note,
    )


def _release(order: Order) -> None:
    """Give the order's quotas and stock back, in the order in which they are locked."""
    repriced = flash_sales.release(order.stock_reference)
    stock.release(
        _stock_lines(order), reference=order.stock_reference, repriced=repriced
    )


def _stock_lines(order: Order) -> list[StockLine]:
    return [
        StockLine(variant_id=line.variant_id, quantity=line.quantity)
        for line in order.lines.all()
    ]
