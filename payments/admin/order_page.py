"""What the page of one order shows."""

from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.http import HttpRequest

from orders.models import Order, OrderEvent, OrderLine, Shipment
from payments.admin import words
from payments.admin.badges import (
    ATTEMPT_BADGES,
    ORDER_BADGES,
    PAYMENT_BADGES,
    REFUND_BADGES,
)
from payments.admin.moves import MOVES, Move
from payments.models import (
    GatewayTransaction,
    PaymentAttempt,
    PaymentIssue,
    Refund,
)

PaymentStatus = Order.PaymentStatus


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the order and where its picture is."""

    line: OrderLine
    picture: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event in the shop's words."""

    event: OrderEvent
    text: str
    actor: str


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to be paid, and what the customer tried within it."""

    attempt: PaymentAttempt
    badge: str
    tries: list["Try"]


@dataclass(frozen=True, slots=True)
class Try:
    """One transaction at the gateway in the shop's words."""

    transaction: GatewayTransaction
    method: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """All that the template needs; the rows are read once."""

    order: Order
    status_badge: str
    payment_badge: str
    items: list[Item]
    timeline: list[TimelineEntry]
    moves: list[Move]
    payments: list[Payment]
    issues: list[PaymentIssue]
    shipment: Shipment | None
    refunds: list[tuple[Refund, str]]
    may_refund: bool

    @property
    def pieces(self) -> int:
        return sum(item.line.quantity for item in self.items)

    @property
    def weight_grams(self) -> int:
        return sum(item.line.weight_grams * item.line.quantity for item in self.items)

    @property
    def whatsapp(self) -> str:
        """The number as wa.me wants it: international, digits only."""
        return self.order.contact_phone.lstrip("+")

    @property
    def address(self) -> str:
        """The label of the parcel, ready to be copied."""
        order = self.order
        return "\n".join(
            [
                f"{order.receiver_name} ({order.receiver_phone})",
                order.address_detail,
                f"{order.subdistrict}, {order.district}",
                f"{order.city}, {order.province} {order.postal_code}",
            ]
        )


def order_page(order: Order, request: HttpRequest) -> OrderPage:
    """Return the page of an order for this member of staff."""
    sees_payments = request.user.has_perm("payments.view_paymentattempt")
    return OrderPage(
        order=order,
        status_badge=ORDER_BADGES[order.status],
        payment_badge=PAYMENT_BADGES[order.payment_status],
        items=_items(order),
        timeline=_timeline(order),
        moves=_moves(order, request),
        payments=_payments(order) if sees_payments else [],
        issues=list(order.payment_issues.filter(resolved_at=None)),
        shipment=Shipment.objects.filter(order=order).first(),
        refunds=_refunds(order) if sees_payments else [],
        may_refund=_may_refund(order, request),
    )


def _moves(order: Order, request: HttpRequest) -> list[Move]:
    return [
        move
        for move in MOVES
        if move.fits(order) and request.user.has_perm(move.permission)
    ]


def _payments(order: Order) -> list[Payment]:
    attempts = order.payment_attempts.order_by("-number")
    return [
        Payment(
            attempt=attempt,
            badge=ATTEMPT_BADGES[attempt.state],
            tries=[_try(transaction) for transaction in attempt.transactions.all()],
        )
        for attempt in attempts.prefetch_related("transactions")
    ]


def _refunds(order: Order) -> list[tuple[Refund, str]]:
    return [(refund, REFUND_BADGES[refund.state]) for refund in order.refunds.all()]


def _may_refund(order: Order, request: HttpRequest) -> bool:
    """Tell whether the button is offered; the page behind it looks closer."""
    held = order.payment_status in (
        PaymentStatus.PAID,
        PaymentStatus.PARTIALLY_REFUNDED,
    )
    return held and request.user.has_perm("payments.request_refund")


def _try(transaction: GatewayTransaction) -> Try:
    return Try(
        transaction=transaction,
        method=words.method(transaction.payment_type),
        status=words.transaction_status(transaction.status),
    )


def _items(order: Order) -> list[Item]:
    lines = order.lines.select_related("bundle")
    return [Item(line, _picture(line)) for line in lines]


def _picture(line: OrderLine) -> str:
    return default_storage.url(line.image) if line.image else ""


def _timeline(order: Order) -> list[TimelineEntry]:
    events = order.events.select_related("actor").order_by("-id")
    return [TimelineEntry(event, _text(event), _actor(event)) for event in events]


def _text(event: OrderEvent) -> str:
    if event.kind == OrderEvent.Kind.PAYMENT:
        labels = dict(Order.PaymentStatus.choices)
        return f"Pembayaran: {labels.get(event.to_value, event.to_value)}"
    if event.kind == OrderEvent.Kind.PLACED:
        return "Pesanan dibuat"
    labels = dict(Order.Status.choices)
    return str(labels.get(event.to_value, event.to_value))


def _actor(event: OrderEvent) -> str:
    if event.actor is None:
        return "Sistem"
    role = "Staf" if event.actor.is_staff else "Pembeli"
    return f"{role}: {event.actor}"
