"""Take a customer out of carts and orders. Each function is safe to repeat."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.services.erasure import ERASED_NAME
from catalog.services import flash_sales
from orders.models import Cart, IdempotencyRecord, Order

Status, PaymentStatus = Order.Status, Order.PaymentStatus

# The shop still owes goods, or the customer still owes money.
OPEN = Q(
    status__in=[Status.PENDING, Status.CONFIRMED, Status.PROCESSING, Status.SHIPPED]
)
# The order is over and its money was not given back.
REFUND_OWED = Q(
    status__in=[Status.CANCELLED, Status.EXPIRED, Status.RETURNED],
    payment_status__in=[PaymentStatus.PAID, PaymentStatus.CHALLENGE],
)


def open_orders(customer: User) -> QuerySet[Order]:
    """Return the orders that are under way."""
    return Order.objects.filter(OPEN, customer=customer)


def orders_to_refund(customer: User) -> QuerySet[Order]:
    """Return the orders whose money the customer gets back."""
    return Order.objects.filter(REFUND_OWED, customer=customer)


def delete_carts(customer: User) -> None:
    """Delete carts, and what was kept to answer repeated checkouts.

    Opens its own transaction.
    """
    with transaction.atomic(durable=True):
        Cart.objects.filter(customer=customer).delete()
        keyed = Q(order__customer=customer) | Q(scope=f"checkout:{customer.pk}")
        IdempotencyRecord.objects.filter(keyed).delete()


def anonymise_orders(customer: User, *, legal_basis: str) -> None:
    """Take name, address, mail and phone out of the customer's orders.

    Number, lines, amounts, dates, city and province stay for the books. Must run in a
    transaction.
    """
    theirs = Order.objects.filter(customer=customer, erased_at=None)
    flash_sales.forget_phones(order.stock_reference for order in theirs)
    theirs.update(
        contact_name=ERASED_NAME,
        contact_email="",
        contact_phone="",
        receiver_name=ERASED_NAME,
        receiver_phone="",
        district="",
        subdistrict="",
        postal_code="",
        address_detail="",
        notes="",
        erased_at=timezone.now(),
        legal_basis=legal_basis,
    )
