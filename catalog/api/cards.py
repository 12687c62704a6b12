"""Product cards of the list page, built from two queries whatever the page's size."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, JSONObject

from catalog.models import Product, ProductImage, Variant

Row = dict[str, Any]


def card_rows(found: QuerySet[Product]) -> QuerySet[Product, Any]:
    """Return the columns of a card, its primary picture as one JSON value.

    A subquery, not a join, so that counting the pages does not read the pictures.
    """
    primary = ProductImage.objects.filter(product=OuterRef("pk"), is_primary=True)
    picture = JSONObject(file="file", alt="alt", width="width", height="height")
    subquery = Subquery(primary.order_by().values(json=picture))
    return found.annotate(picture=subquery).values(
        "id",
        "slug",
        "name",
        "category__slug",
        "category__name",
        "price_min",
        "price_max",
        "picture",
    )


def build_cards(found: Iterable[Row], *, absolute: Callable[[str], str]) -> list[Row]:
    """Return the cards in the order of the rows; `absolute` completes an URL."""
    rows = list(found)
    colors = _colors([row["id"] for row in rows])
    return [_card(row, colors[row["id"]], absolute=absolute) for row in rows]


def _colors(product_ids: list[int]) -> dict[int, list[Row]]:
    """Return for each product its colors, with what is left and the struck price."""
    left = Coalesce(F("stock__on_hand") - F("stock__reserved"), 0)
    at_lowest = Q(price=F("product__price_min"))
    rows = (
        Variant.objects.filter(product__in=product_ids, is_active=True)
        .values("product_id", "color__name", "color__hex")
        .annotate(left=Sum(left), compare=Max("compare_at_price", filter=at_lowest))
        .order_by("color__name")
    )
    colors: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        colors[row["product_id"]].append({**row})
    return colors


def _card(row: Row, colors: list[Row], *, absolute: Callable[[str], str]) -> Row:
    struck = [color["compare"] for color in colors if color["compare"]]
    return {
        "id": row["id"],
        "slug": row["slug"],
        "name": row["name"],
        "category": {"slug": row["category__slug"], "name": row["category__name"]},
        "price_min": row["price_min"],
        "price_max": row["price_max"],
        "compare_at_price": max(struck, default=None),
        "image": _image(row["picture"], absolute=absolute),
        "colors": [{"name": c["color__name"], "hex": c["color__hex"]} for c in colors],
        "in_stock": any(color["left"] > 0 for color in colors),
    }


def _image(picture: Row | None, *, absolute: Callable[[str], str]) -> Row | None:
    if picture is None:
        return None
    return {
        "url": absolute(file_url(picture["file"])),
        "alt": picture["alt"],
        "width": picture["width"],
        "height": picture["height"],
    }


def file_url(name: str) -> str:
    """Return the URL of a stored picture, relative when it is kept on this host."""
    return ProductImage._meta.get_field("file").storage.url(name)
