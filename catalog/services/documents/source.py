"""Read all rows that the documents of some products are made of."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from catalog.models import (
    Attribute,
    Category,
    FlashSaleItem,
    Product,
    ProductImage,
    SizeMeasurement,
    Variant,
)
from catalog.services.documents.showing import Shown, shown

Row = dict[str, Any]

PRODUCT_COLUMNS = (
    "id", "slug", "name", "description", "brand", "category__slug", "category__name",
    "category__path", "material__name", "material__slug", "material__family",
    "is_busui_friendly", "is_wudhu_friendly", "is_non_iron", "opacity", "lining",
    "stretch", "sleeve", "cut", "motif", "extra", "size_chart_id", "fit_note",
    "video_url", "seo_title", "seo_description", "price_min", "price_max",
    "discount_percent", "in_stock", "rating_average", "rating_count",
    "rating_counts",
)  # fmt: skip
VARIANT_COLUMNS = (
    "id", "product_id", "sku", "barcode", "price", "compare_at_price", "weight_grams",
    "image_id", "color_id", "color__name", "color__slug", "color__hex",
    "color__family", "color__swatch", "size__name", "size__position", "size_id",
    "stock__on_hand", "stock__reserved", "stock__low_stock_threshold",
)  # fmt: skip
IMAGE_COLUMNS = (
    "id", "product_id", "file", "alt", "width", "height", "placeholder", "renditions",
    "color_id", "color__name", "is_primary",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """Rows by the id of their product; categories by path, charts by id."""

    products: Sequence[Row]
    variants: Mapping[int, Sequence[Row]]
    images: Mapping[int, Sequence[Row]]
    categories: Mapping[str, Row]
    charts: Mapping[int, Sequence[Row]]
    attributes: Sequence[Row]
    # Of the flash sales that are on or to come at that moment.
    flash_items: Mapping[int, Sequence[Row]]
    read_at: datetime


def read(product_ids: Sequence[int], *, at: datetime) -> Source:
    """Return the source of these products, in at most seven queries."""
    products = list(
        Product.objects.filter(pk__in=product_ids)
        .order_by("pk")
        .values(*PRODUCT_COLUMNS)
    )
    categories = _categories(products)
    return Source(
        products=products,
        variants=_variants(product_ids),
        images=_images(product_ids),
        categories=categories,
        charts=_charts(products, categories),
        attributes=_attributes(products),
        flash_items=_flash_items(product_ids, at=at),
        read_at=at,
    )


def left_of(variant: Row) -> Shown:
    """Return what is shown of a variant's stock; without a balance none is left."""
    left = (variant["stock__on_hand"] or 0) - (variant["stock__reserved"] or 0)
    return shown(left, low_stock_threshold=variant["stock__low_stock_threshold"] or 0)


def path_prefixes(path: str) -> list[str]:
    """Return the paths from the root down: "a/b/" gives "a/" and "a/b/"."""
    slugs = path.rstrip("/").split("/")
    return ["/".join(slugs[:depth]) + "/" for depth in range(1, len(slugs) + 1)]


def _variants(product_ids: Sequence[int]) -> Mapping[int, Sequence[Row]]:
    active = Variant.objects.filter(product__in=product_ids, is_active=True)
    ordered = active.order_by("color__name", "size__position", "id")
    return _by_product(ordered.values(*VARIANT_COLUMNS))


def _flash_items(
    product_ids: Sequence[int], *, at: datetime
) -> Mapping[int, Sequence[Row]]:
    """Return what may still be bought in sales; an item without quota is over."""
    items = FlashSaleItem.objects.filter(
        variant__product__in=product_ids,
        variant__is_active=True,
        sale__is_published=True,
        ends_at__gt=at,
        sold__lt=F("quota"),
    ).order_by("starts_at", "id")
    rows = items.values(
        "variant_id", "price", "starts_at", "ends_at", "sale__slug", "sale__name",
        product_id=F("variant__product_id"),
    )  # fmt: skip
    return _by_product({**row} for row in rows)


def _images(product_ids: Sequence[int]) -> Mapping[int, Sequence[Row]]:
    images = ProductImage.objects.filter(product__in=product_ids)
    ordered = images.order_by("-is_primary", "position", "id")
    return _by_product(ordered.values(*IMAGE_COLUMNS))


def _by_product(rows: Iterable[Row]) -> Mapping[int, Sequence[Row]]:
    grouped: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["product_id"]].append(row)
    return grouped


def _categories(products: Sequence[Row]) -> Mapping[str, Row]:
    paths = {
        prefix for row in products for prefix in path_prefixes(row["category__path"])
    }
    rows: Iterable[Any] = Category.objects.filter(path__in=sorted(paths)).values(
        "path", "slug", "name", "size_chart_id"
    )
    return {row["path"]: row for row in rows}


def _charts(
    products: Sequence[Row], categories: Mapping[str, Row]
) -> Mapping[int, Sequence[Row]]:
    used = {row["size_chart_id"] for row in (*products, *categories.values())} - {None}
    charts: defaultdict[int, list[Row]] = defaultdict(list)
    if used:
        rows = SizeMeasurement.objects.filter(chart__in=used).order_by(
            "size__position", "size_id", "id"
        )
        for row in rows.values(
            "chart_id", "measure", "cm", "cm_to", size_name=F("size__name"),
            name=F("chart__name"), note=F("chart__note"),
        ):  # fmt: skip
            charts[row["chart_id"]].append({**row})
    return charts


def _attributes(products: Sequence[Row]) -> Sequence[Row]:
    codes = {code for row in products for code in row["extra"]}
    if not codes:
        return []
    used = Attribute.objects.filter(code__in=sorted(codes))
    rows = used.order_by("position", "code").values("code", "name", "unit")
    return [{**row} for row in rows]
