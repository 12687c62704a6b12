"""What runs low."""

from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from catalog.models import Category, Product, Variant

# What the database takes for a variant that was never received.
THRESHOLD = 5
LEFT = Coalesce(F("stock__on_hand") - F("stock__reserved"), 0)


def low(category: Category | None = None) -> QuerySet[Any]:
    """Return the variants on sale at or below their threshold, the emptiest first.

    Each has `left` and `threshold`.
    """
    found: QuerySet[Any] = Variant.objects.filter(
        is_active=True, product__status=Product.Status.ACTIVE
    ).annotate(
        left=LEFT, threshold=Coalesce(F("stock__low_stock_threshold"), THRESHOLD)
    )
    if category is not None:
        found = found.filter(product__category__path__startswith=category.path)
    return (
        found.filter(Q(left__lte=0) | Q(left__lte=F("threshold")))
        .select_related("product__category", "color", "size")
        .order_by("left", "sku")
    )
