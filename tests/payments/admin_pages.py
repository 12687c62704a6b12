"""What the admin's tests share: orders in a state, addresses, and what a page says."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from catalog.models import Variant
from orders.models import Order
from orders.services import fulfilment, transitions
from payments.models import GatewayTransaction, PaymentAttempt
from tests.factories import StaffFactory, VariantFactory, make_order

ADMIN = "karima.urls.admin"


def paid_order(*, variant: Variant | None = None, quantity: int = 1) -> Order:
    order = make_order(variant=variant, quantity=quantity)
    with transaction.atomic():
        locked = transitions.lock_order(order.number)
        transitions.confirm(locked, paid_at=timezone.now())
        transitions.set_payment_status(locked, Order.PaymentStatus.PAID)
    return locked


def really_paid(method: str) -> Order:
    """Return a paid order with its transaction on record, as Midtrans told of it."""
    order = paid_order(variant=VariantFactory(on_hand=5))
    bring_money(order, method)
    return order


def bring_money(order: Order, method: str) -> None:
    """Put the transaction of a paid order on record."""
    attempt = PaymentAttempt.objects.create(
        order=order,
        number=1,
        provider_order_id=f"{order.number}-01",
        amount=order.grand_total,
        state=PaymentAttempt.State.PAID,
        expires_at=order.expires_at,
    )
    GatewayTransaction.objects.create(
        attempt=attempt,
        transaction_id=f"t-{order.number}",
        payment_type="bank_transfer" if method.endswith("_va") else method,
        status="settlement",
        rank=60,
        gross_amount=order.grand_total,
        paid_at=timezone.now(),
    )


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
