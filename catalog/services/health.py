"""What the catalogue lacks: counts to show, and the conditions that find the rows."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from catalog.models import Product, ProductImage, Stock, Variant

ACTIVE = Q(status=Product.Status.ACTIVE)
LIGHT_GRAMS, HEAVY_GRAMS = 20, 5_000
TOP = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """Something that products or variants lack, by the name that lists filter by."""

    name: str
    title: str
    condition: Q


PRODUCT_LACKS = (
    Lack(
        name="no_photo",
        title="Dijual tanpa gambar",
        condition=ACTIVE & Q(has_photo=False),
    ),
    Lack(
        name="no_sku",
        title="Dijual tanpa SKU",
        condition=ACTIVE & Q(price_min__isnull=True),
    ),
    Lack(
        name="no_stock",
        title="Dijual, stok habis",
        condition=ACTIVE & Q(in_stock=False, price_min__isnull=False),
    ),
    Lack(
        name="no_words",
        title="Dijual tanpa deskripsi",
        condition=ACTIVE & Q(description=""),
    ),
    Lack(name="draft", title="Masih draf", condition=Q(status=Product.Status.DRAFT)),
)
ON_SALE = Q(is_active=True)
BELOW_COST = "below_cost"
VARIANT_LACKS = (
    Lack(
        name="low",
        title="Stok menipis",
        condition=ON_SALE & Q(left__gt=0, left__lte=F("stock__low_stock_threshold")),
    ),
    Lack(name="out", title="Stok habis", condition=ON_SALE & Q(left__lte=0)),
    Lack(
        name="odd_weight",
        title="Berat tak wajar",
        condition=ON_SALE
        & (Q(weight_grams__lt=LIGHT_GRAMS) | Q(weight_grams__gt=HEAVY_GRAMS)),
    ),
    Lack(
        name=BELOW_COST,
        title="Harga di bawah HPP",
        condition=ON_SALE & Q(cost__isnull=False, price__lt=F("cost")),
    ),
)


def products(rows: Any = None) -> Any:
    """Return products ready for the conditions of PRODUCT_LACKS."""
    photos = ProductImage.objects.filter(product=OuterRef("pk"))
    found = Product.objects.all() if rows is None else rows
    return found.annotate(has_photo=Exists(photos))


def variants(rows: Any = None) -> Any:
    """Return variants ready for the conditions of VARIANT_LACKS."""
    left = Coalesce(F("stock__on_hand") - F("stock__reserved"), 0)
    found = Variant.objects.all() if rows is None else rows
    return found.annotate(left=left)


def counts() -> dict[str, int]:
    """Return how many rows lack what, by name, in two queries."""
    of_products = {
        lack.name: Count("pk", filter=lack.condition) for lack in PRODUCT_LACKS
    }
    of_variants = {
        lack.name: Count("pk", filter=lack.condition) for lack in VARIANT_LACKS
    }
    found: dict[str, int] = products().aggregate(**of_products)
    return found | variants().aggregate(**of_variants)


def statuses() -> dict[str, int]:
    """Return how many products have each status."""
    rows = Product.objects.order_by().values_list("status").annotate(Count("pk"))
    return dict(rows)


def stock_by_category() -> list[tuple[str, int]]:
    """Return the categories with most pieces left to sell, and how many."""
    rows = (
        Stock.objects.filter(variant__is_active=True, variant__product__status="active")
        .order_by()
        .values_list("variant__product__category__name")
        .annotate(left=Sum(F("on_hand") - F("reserved")))
        .order_by("-left")
    )
    return list(rows[:TOP])
