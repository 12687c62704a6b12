"""The document of a bundle, which follows the prices and the stock of its parts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import orjson
from django.db import transaction

from catalog.models import Bundle, BundleItem, ProductImage
from catalog.services.documents.card import picture
from catalog.services.documents.showing import MAX_SHOWN_AVAILABLE, Shown, StockState
from catalog.services.documents.source import IMAGE_COLUMNS, Row, left_of

ITEM_COLUMNS = (
    "bundle_id", "quantity", "variant_id", "variant__sku", "variant__price",
    "variant__color_id", "variant__color__name", "variant__size__name",
    "variant__product_id", "variant__product__slug", "variant__product__name",
    "variant__stock__on_hand", "variant__stock__reserved",
    "variant__stock__low_stock_threshold",
)  # fmt: skip
STOCK_COLUMNS = ("stock__on_hand", "stock__reserved", "stock__low_stock_threshold")


def rewrite_bundles(bundle_ids: Iterable[int]) -> set[int]:
    """Write anew the documents of these bundles; return those that were out of date.

    Locks the bundles by primary key. Whoever locks products too does it before.
    """
    chosen = Bundle.objects.filter(pk__in=list(bundle_ids)).order_by("pk")
    with transaction.atomic():
        bundles = list(chosen.select_for_update(no_key=True))
        if not bundles:
            return set()
        items = _items(bundles)
        images = _images(items)
        stale = []
        for bundle in bundles:
            text = orjson.dumps(_document(bundle, items[bundle.pk], images)).decode()
            if text != bundle.document:
                bundle.document = text
                stale.append(bundle)
        Bundle.objects.bulk_update(stale, ["document"])
    return {bundle.pk for bundle in stale}


def rewrite_bundles_of(product_ids: Iterable[int]) -> set[int]:
    """Do the same for all bundles that have a variant of these products in them."""
    parts = BundleItem.objects.filter(variant__product__in=list(product_ids))
    holding = parts.order_by().values_list("bundle_id", flat=True).distinct()
    return rewrite_bundles(holding)


def available_of(left: Iterable[tuple[int, int]]) -> int:
    """Return how many bundles can be made of (pieces left, pieces in a bundle)."""
    return min((max(pieces, 0) // needed for pieces, needed in left), default=0)


def _items(bundles: Sequence[Bundle]) -> Mapping[int, Sequence[Row]]:
    rows = BundleItem.objects.filter(bundle__in=bundles).order_by("id")
    grouped: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows.values(*ITEM_COLUMNS):
        grouped[row["bundle_id"]].append({**row})
    return grouped


def _images(items: Mapping[int, Sequence[Row]]) -> Mapping[int, Sequence[Row]]:
    products = {row["variant__product_id"] for rows in items.values() for row in rows}
    images = ProductImage.objects.filter(product__in=sorted(products))
    grouped: defaultdict[int, list[Row]] = defaultdict(list)
    ordered = images.order_by("-is_primary", "position", "id")
    for row in ordered.values(*IMAGE_COLUMNS):
        grouped[row["product_id"]].append({**row})
    return grouped


def _document(
    bundle: Bundle, items: Sequence[Row], images: Mapping[int, Sequence[Row]]
) -> Row:
    parts = [_part(row, images[row["variant__product_id"]]) for row in items]
    separately = sum(row["variant__price"] * row["quantity"] for row in items)
    stock = _stock(items)
    return {
        "id": bundle.pk,
        "slug": bundle.slug,
        "name": bundle.name,
        "description": bundle.description,
        "price": bundle.price,
        "separate_price": separately,
        "saving": max(separately - bundle.price, 0),
        "image": next((part["image"] for part in parts if part["image"]), None),
        "stock_state": stock.state,
        "available": stock.available,
        "items": parts,
    }


def _part(row: Row, images: Sequence[Row]) -> Row:
    own = [image for image in images if image["color_id"] == row["variant__color_id"]]
    image = next(iter((*own, *images)), None)
    return {
        "variant_id": row["variant_id"],
        "sku": row["variant__sku"],
        "product_slug": row["variant__product__slug"],
        "product_name": row["variant__product__name"],
        "color": row["variant__color__name"],
        "size": row["variant__size__name"],
        "quantity": row["quantity"],
        "price": row["variant__price"],
        "image": picture(image) if image else None,
    }


def _stock(items: Sequence[Row]) -> Shown:
    available = available_of((_left(row), row["quantity"]) for row in items)
    if not available:
        return Shown(StockState.SOLD_OUT.value, 0)
    balances = [
        {name: row[f"variant__{name}"] for name in STOCK_COLUMNS} for row in items
    ]
    is_low = any(left_of(row).state == StockState.LOW_STOCK for row in balances)
    state = StockState.LOW_STOCK if is_low else StockState.IN_STOCK
    return Shown(state.value, min(available, MAX_SHOWN_AVAILABLE))


def _left(row: Row) -> int:
    on_hand = row["variant__stock__on_hand"] or 0
    return int(on_hand - (row["variant__stock__reserved"] or 0))
