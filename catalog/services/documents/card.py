"""The card of a product, as lists show it."""

from collections.abc import Sequence

from django.utils.encoding import filepath_to_uri

from catalog.services.documents.periods import flash_link
from catalog.services.documents.source import Row, Source

# Stands for the place of the media files, which the request knows and a document does
# not. Never inside a text: there the quotes around "url" would be escaped.
MEDIA = "media:"


def card(product: Row, source: Source) -> Row:
    """Return the card; its prices are those for everybody."""
    variants = source.variants[product["id"]]
    images = source.images[product["id"]]
    return {
        "id": product["id"],
        "slug": product["slug"],
        "name": product["name"],
        "category": category_link(product),
        "price_min": product["price_min"],
        "price_max": product["price_max"],
        "compare_at_price": _struck(product, variants),
        "discount_percent": product["discount_percent"],
        "flash_sale": _flash_sale(variants),
        "image": picture(images[0]) if images and images[0]["is_primary"] else None,
        "colors": _colors(variants),
        "in_stock": product["in_stock"],
        "is_busui_friendly": product["is_busui_friendly"],
        "is_wudhu_friendly": product["is_wudhu_friendly"],
        "rating": rating(product),
    }


def category_link(product: Row) -> Row:
    return {"slug": product["category__slug"], "name": product["category__name"]}


def rating(product: Row) -> Row:
    return {
        "average": float(product["rating_average"]),
        "count": product["rating_count"],
    }


def picture(image: Row) -> Row:
    """Return a picture with its smaller copies, narrowest first."""
    return {
        "url": media_url(image["file"]),
        "alt": image["alt"],
        "width": image["width"],
        "height": image["height"],
        "placeholder": image["placeholder"] or None,
        "renditions": [
            {
                "url": media_url(copy["file"]),
                "width": copy["width"],
                "height": copy["height"],
            }
            for copy in image["renditions"]
        ],
    }


def media_url(name: str) -> str:
    """Return the URL of a stored file, its place left open."""
    return MEDIA + filepath_to_uri(name)


def _struck(product: Row, variants: Sequence[Row]) -> int | None:
    """Return the highest struck price among the variants at the lowest price."""
    struck = [
        row["compare_at_price"]
        for row in variants
        if row["price"] == product["price_min"] and row["compare_at_price"]
    ]
    return max(struck, default=None)


def _flash_sale(variants: Sequence[Row]) -> Row | None:
    """Return the sale of the variant that is cheapest by it."""
    reduced = [row for row in variants if row["flash"]]
    if not reduced:
        return None
    return flash_link(min(reduced, key=lambda row: (row["price"], row["id"])))


def _colors(variants: Sequence[Row]) -> list[Row]:
    colors = {row["color_id"]: row for row in variants}
    return [
        {
            "name": row["color__name"],
            "slug": row["color__slug"],
            "hex": row["color__hex"],
        }
        for row in colors.values()
    ]
