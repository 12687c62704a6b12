"""The product page: one product with its variants, pictures and breadcrumbs."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models

from catalog.api.cards import file_url
from catalog.models import Category, Product, ProductImage, Variant
from catalog.services.categories import path_prefixes

# Enough to fill a basket, too few to read the shop's stock from outside.
MAX_SHOWN_AVAILABLE = 10


class StockState(models.TextChoices):
    IN_STOCK = "in_stock"
    LOW_STOCK = "low_stock"
    SOLD_OUT = "sold_out"


def build_detail(product: Product, *, absolute: Callable[[str], str]) -> dict[str, Any]:
    """Return the page of a product that came with its category, in three queries."""
    variants = _variants(product)
    shown = [_variant(variant) for variant in variants]
    category = product.category
    return {
        "id": product.pk,
        "slug": product.slug,
        "name": product.name,
        "description": product.description,
        "category": {"slug": category.slug, "name": category.name},
        "breadcrumbs": _breadcrumbs(category),
        "attributes": {
            "material": product.material.name if product.material else "",
            "is_busui_friendly": product.is_busui_friendly,
            "is_wudhu_friendly": product.is_wudhu_friendly,
        },
        "price_min": product.price_min,
        "price_max": product.price_max,
        "in_stock": any(variant["available"] for variant in shown),
        "options": _options(variants),
        "variants": shown,
        "images": _images(product, absolute=absolute),
    }


def _variants(product: Product) -> Sequence[Variant]:
    active = product.variants.filter(is_active=True)
    return list(
        active.select_related("color", "size", "stock").order_by(
            "color__name", "size__position", "id"
        )
    )


def _variant(variant: Variant) -> dict[str, Any]:
    left, threshold = _left(variant)
    return {
        "id": variant.pk,
        "sku": variant.sku,
        "color": {"name": variant.color.name, "hex": variant.color.hex},
        "size": variant.size.name,
        "price": variant.price,
        "compare_at_price": variant.compare_at_price,
        "weight_grams": variant.weight_grams,
        "stock_state": _state(left, threshold),
        "available": min(left, MAX_SHOWN_AVAILABLE),
    }


def _left(variant: Variant) -> tuple[int, int]:
    """Return what is left and the threshold of low; no row yet means none left."""
    stock = getattr(variant, "stock", None)
    return (stock.available, stock.low_stock_threshold) if stock else (0, 0)


def _state(left: int, threshold: int) -> str:
    if left <= 0:
        return StockState.SOLD_OUT.value
    low = left <= threshold
    return StockState.LOW_STOCK.value if low else StockState.IN_STOCK.value


def _options(variants: Sequence[Variant]) -> dict[str, Any]:
    """Return the colors and sizes on offer, each once, in the order to show them."""
    colors = {variant.color_id: variant.color for variant in variants}
    sizes = {variant.size_id: variant.size for variant in variants}
    in_order = sorted(sizes.values(), key=lambda size: (size.position, size.pk))
    return {
        "colors": [
            {"name": color.name, "hex": color.hex, "family": color.family}
            for color in colors.values()
        ],
        "sizes": [size.name for size in in_order],
    }


def _breadcrumbs(category: Category) -> list[dict[str, str]]:
    way = Category.objects.filter(path__in=path_prefixes(category.path))
    return [
        {"slug": slug, "name": name}
        for slug, name in way.order_by("path").values_list("slug", "name")
    ]


def _images(
    product: Product, *, absolute: Callable[[str], str]
) -> list[dict[str, Any]]:
    images = product.images.select_related("color").order_by(
        "-is_primary", "position", "id"
    )
    return [_image(image, absolute=absolute) for image in images]


def _image(image: ProductImage, *, absolute: Callable[[str], str]) -> dict[str, Any]:
    return {
        "url": absolute(file_url(str(image.file))),
        "alt": image.alt,
        "width": image.width,
        "height": image.height,
        "color": image.color.name if image.color else None,
        "is_primary": image.is_primary,
    }
