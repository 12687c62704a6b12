"""What everybody pays, period by period: list prices and flash sales."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from catalog.models.document import BEGINNING
from catalog.services.documents.source import Row, Source


def periods(
    product: Row, source: Source
) -> Iterator[tuple[datetime, datetime | None, Row, Source]]:
    """Yield each period of a product with its rows as of then.

    The first one holds from ever, so that there is always a document; the last one has
    no end.
    """
    items = source.flash_items[product["id"]]
    moments = {row[edge] for row in items for edge in ("starts_at", "ends_at")}
    starts = [BEGINNING, *sorted(m for m in moments if m > source.read_at)]
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        within = max(start, source.read_at)
        running = [r for r in items if r["starts_at"] <= within < r["ends_at"]]
        variants = _priced(source.variants[product["id"]], running)
        known = {**source.variants, product["id"]: variants}
        yield start, end, _summed_up(product, variants), replace(source, variants=known)


def _priced(variants: Sequence[Row], running: Sequence[Row]) -> list[Row]:
    """Return the variants with `list_price` and `flash` beside the price that holds.

    A flash price that is not below the list price is none.
    """
    flash = {row["variant_id"]: row for row in running}
    priced = []
    for variant in variants:
        list_price, item = variant["price"], flash.get(variant["id"])
        if item and item["price"] < list_price:
            struck = variant["compare_at_price"] or list_price
            now = {"price": item["price"], "compare_at_price": struck, "flash": item}
        else:
            now = {"flash": None}
        priced.append({**variant, "list_price": list_price, **now})
    return priced


def _summed_up(product: Row, variants: Sequence[Row]) -> Row:
    """Return the product with the range of these prices and the highest discount."""
    prices = [variant["price"] for variant in variants]
    discounts = [
        (row["compare_at_price"] - row["price"]) * 100 // row["compare_at_price"]
        for row in variants
        if row["compare_at_price"]
    ]
    return {
        **product,
        "price_min": min(prices, default=None),
        "price_max": max(prices, default=None),
        "discount_percent": max(discounts, default=0),
    }


def flash_link(variant: Row) -> Row | None:
    """Return the sale that a variant is in now, for its countdown."""
    item = variant["flash"]
    if item is None:
        return None
    return {
        "slug": item["sale__slug"],
        "name": item["sale__name"],
        "ends_at": item["ends_at"].astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }
