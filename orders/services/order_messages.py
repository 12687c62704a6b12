"""What the customer is told of an order, in the transaction in which it happens."""

from django.conf import settings

from accounts.services import messages
from karima.money import format_rupiah
from karima.wib import wib
from orders.models import Order


def tell(order: Order, event: str, *, again: str = "", **more: str) -> None:
    """Write to the contact of an order; `more` are the event's further names.

    Must run in a transaction. An event is told once for each reservation of the
    order's stock, and for each `again`. Nobody is told once the person was erased.
    """
    messages.queue(
        event=event,
        key=f"{order.number}.{order.reservation}{again}",
        recipient=messages.Recipient(order.contact_email, order.customer),
        order_number=order.number,
        context={
            "nama": order.contact_name,
            "nomor": order.number,
            "total": format_rupiah(order.grand_total),
            "tautan": _page_of(order),
            **more,
        },
    )


def _page_of(order: Order) -> str:
    return f"{settings.STOREFRONT_URL.rstrip('/')}/orders/{order.number}"


def tell_placed(order: Order) -> None:
    tell(order, "order_placed", batas_bayar=wib(order.expires_at))
