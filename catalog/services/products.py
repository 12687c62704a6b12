"""Products: what customers may see and buy, and for how much."""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db import transaction
from django.db.models import (
    F,
    Func,
    Max,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Lower
from django.utils import timezone

from catalog.models import Material, Product, Variant
from karima.errors import Invalid, NotFound


class InvalidPrice(Invalid):
    code = "invalid_price"
    title = "Invalid price"
    detail = "Harga harus lebih dari nol dan tidak melebihi harga coret."


class ProductNotFound(NotFound):
    """No such product, or one that customers may not see: they cannot tell which."""

    code = "product_not_found"
    title = "Product not found"
    detail = "Produk tidak ditemukan atau sudah tidak dijual."


def visible_products() -> QuerySet[Product]:
    """Return what customers may see at this moment.

    Active, its publish time reached, in a category that is visible, and with at least
    one active variant.
    """
    return Product.objects.filter(
        status=Product.Status.ACTIVE,
        published_at__lte=timezone.now(),
        category__is_visible=True,
        price_min__isnull=False,
    )


def find_visible(slug: str) -> Product:
    """Return a product that customers may see, with its category.

    Raises ProductNotFound.
    """
    visible = visible_products().select_related("category", "material")
    product = visible.filter(slug=slug).first()
    if product is None:
        raise ProductNotFound
    return product


def buyable_variants() -> QuerySet[Variant]:
    """Return the variants that customers may order, stock left or not."""
    return Variant.objects.filter(is_active=True, product__in=visible_products())


def change_price(
    variant: Variant, *, price: int, compare_at_price: int | None = None
) -> None:
    """Set a variant's price, and the price struck through beside it, in whole rupiah.

    Opens its own transaction. Raises InvalidPrice for a price of zero or one above the
    price struck through.
    """
    if price <= 0 or (compare_at_price is not None and compare_at_price < price):
        raise InvalidPrice
    variant.price = price
    variant.compare_at_price = compare_at_price
    with transaction.atomic():
        variant.save(update_fields=["price", "compare_at_price", "updated_at"])
        refresh(variant.product_id)


def publish(product: Product) -> None:
    """Put a product on sale from now on, or from the publish time it already has."""
    product.status = Product.Status.ACTIVE
    product.published_at = product.published_at or timezone.now()
    product.save(update_fields=["status", "published_at", "updated_at"])


def archive(product: Product) -> None:
    """Take a product off sale; orders keep what they say about it."""
    product.status = Product.Status.ARCHIVED
    product.save(update_fields=["status", "updated_at"])


def refresh(product_id: int) -> None:
    """Rewrite what a product repeats of its variants; see `refresh_all`."""
    refresh_all([product_id])


def refresh_all(product_ids: Sequence[int]) -> None:
    """Rewrite what products repeat of their variants: price range and search text.

    Call it in the transaction that changes a product or one of its variants. The lock
    comes first: an UPDATE that waited for another change would not see its variants.
    """
    variants = Variant.objects.filter(product=OuterRef("pk"), is_active=True)
    variant_group = variants.order_by().values("product")
    skus = variant_group.annotate(skus=StringAgg("sku", " ", order_by="sku"))
    materials = Material.objects.filter(products=OuterRef("pk")).values("name")
    words = (
        F("name"),
        Subquery(skus.values("skus")),
        Subquery(materials),
        F("description"),
    )
    with transaction.atomic():
        chosen = Product.objects.filter(pk__in=product_ids)
        list(chosen.order_by("pk").select_for_update().values_list("pk"))
        chosen.update(
            price_min=variant_group.annotate(low=Min("price")).values("low"),
            price_max=variant_group.annotate(high=Max("price")).values("high"),
            search_text=Lower(_joined(*words)),
        )


def _joined(*words: Any) -> Func:
    """Return the words with spaces between them; NULL counts as nothing."""
    return Func(Value(" "), *words, function="concat_ws", output_field=TextField())
