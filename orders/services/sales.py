"""How much of each product was sold, for lists in the order of popularity."""

from django.db.models import Sum

from catalog.services import popularity
from orders.models import Order, OrderLine

Status = Order.Status

# Paid, and neither called off nor sent back.
SOLD = (
    Status.CONFIRMED,
    Status.PROCESSING,
    Status.SHIPPED,
    Status.DELIVERED,
    Status.COMPLETED,
)


def count_sold() -> int:
    """Count the pieces sold of every product anew; return how many products changed.

    Counted from the orders, not kept up by them: a payment then locks no product, and
    no mistake outlives the next count. Opens its own transactions; safe to repeat.
    """
    lines = OrderLine.objects.filter(order__status__in=SOLD).order_by()
    found = lines.values_list("variant__product_id").annotate(pieces=Sum("quantity"))
    return popularity.record(dict(found))
