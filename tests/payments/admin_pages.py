"""What the admin's tests share: orders in a state, addresses, and what a page says."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from catalog.models import Variant
from orders.models import Order
from orders.services import fulfilment, transitions
from tests.factories import StaffFactory, make_order

ADMIN = "karima.urls.admin"


def paid_order(*, variant: Variant | None = None, quantity: int = 1) -> Order:
    order = make_order(variant=variant, quantity=quantity)
    with transaction.atomic():
        locked = transitions.lock_order(order.number)
        transitions.confirm(locked, paid_at=timezone.now())
        transitions.set_payment_status(locked, Order.PaymentStatus.PAID)
    return locked


def packed_order() -> Order:
    order = paid_order()
    fulfilment.pack(order.number, actor=StaffFactory())
    return order


def shipped_order(tracking_number: str = "JNE-1") -> Order:
    order = packed_order()
    fulfilment.ship(
        order.number,
        courier="JNE",
        tracking_number=tracking_number,
        actor=StaffFactory(),
    )
    return order


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", ADMIN, args=args)


def order_page(order: Order, move: str = "change") -> str:
    return page(f"orders_order_{move}", order.pk)


def text_of(response: Any) -> str:
    return response.content.decode().replace("\u00a0", " ")


def status_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status
