"""The page of a product: all that is public of it."""

from collections.abc import Sequence

from catalog.models.garment import Cut, Lining, Motif, Opacity, Sleeve, Stretch
from catalog.models.option import Material
from catalog.services.documents.card import (
    card,
    category_link,
    media_url,
    picture,
    rating,
)
from catalog.services.documents.chart import size_chart
from catalog.services.documents.periods import flash_link
from catalog.services.documents.source import Row, Source, left_of, path_prefixes
from catalog.services.documents.structured import structured_data

GARMENT = {
    "opacity": Opacity,
    "lining": Lining,
    "stretch": Stretch,
    "sleeve": Sleeve,
    "cut": Cut,
    "motif": Motif,
}


def detail(product: Row, source: Source) -> Row:
    """Return the page; its prices are those for everybody."""
    variants = source.variants[product["id"]]
    images = source.images[product["id"]]
    crumbs = _breadcrumbs(product, source)
    head = card(product, source)
    return {
        "id": product["id"],
        "slug": product["slug"],
        "name": product["name"],
        "description": product["description"],
        "brand": product["brand"],
        "category": category_link(product),
        "breadcrumbs": crumbs,
        "attributes": _attributes(product, source),
        "price_min": product["price_min"],
        "price_max": product["price_max"],
        "compare_at_price": head["compare_at_price"],
        "discount_percent": product["discount_percent"],
        "flash_sale": head["flash_sale"],
        "in_stock": product["in_stock"],
        "rating": {**rating(product), "histogram": _histogram(product)},
        "options": _options(variants),
        "variants": [_variant(variant, images) for variant in variants],
        "images": [_gallery_image(image) for image in images],
        "video_url": product["video_url"],
        "size_chart": size_chart(product, source),
        "fit_note": product["fit_note"],
        "seo": _seo(product),
        "structured_data": structured_data(product, variants, images, crumbs),
    }


def _histogram(product: Row) -> Row:
    """Return how many reviews gave each number of stars, five first."""
    stars = enumerate(product["rating_counts"], start=1)
    return {str(number): count for number, count in reversed(list(stars))}


def _breadcrumbs(product: Row, source: Source) -> list[Row]:
    way = (
        source.categories[prefix] for prefix in path_prefixes(product["category__path"])
    )
    return [{"slug": row["slug"], "name": row["name"]} for row in way]


def _attributes(product: Row, source: Source) -> Row:
    return {
        "material": _material(product),
        "is_busui_friendly": product["is_busui_friendly"],
        "is_wudhu_friendly": product["is_wudhu_friendly"],
        "is_non_iron": product["is_non_iron"],
        **{name: _choice(choices, product[name]) for name, choices in GARMENT.items()},
        "extra": [
            {**row, "value": product["extra"][row["code"]]}
            for row in source.attributes
            if row["code"] in product["extra"]
        ],
    }


def _material(product: Row) -> Row | None:
    if product["material__name"] is None:
        return None
    return {
        "name": product["material__name"],
        "slug": product["material__slug"],
        "family": _choice(Material.Family, product["material__family"]),
    }


def _choice(choices: type, value: str) -> Row | None:
    """Return a value with its name in Indonesian; None when nobody said."""
    return {"value": value, "name": str(choices(value).label)} if value else None


def _variant(variant: Row, images: Sequence[Row]) -> Row:
    stock = left_of(variant)
    own = next((image for image in images if image["id"] == variant["image_id"]), None)
    return {
        "id": variant["id"],
        "sku": variant["sku"],
        "barcode": variant["barcode"],
        "color": {
            "name": variant["color__name"],
            "slug": variant["color__slug"],
            "hex": variant["color__hex"],
        },
        "size": variant["size__name"],
        "price": variant["price"],
        "list_price": variant["list_price"],
        "price_reason": "flash_sale" if variant["flash"] else "list",
        "flash_sale": flash_link(variant),
        "compare_at_price": variant["compare_at_price"],
        "weight_grams": variant["weight_grams"],
        "stock_state": stock.state,
        "available": stock.available,
        "image": picture(own) if own else None,
    }


def _options(variants: Sequence[Row]) -> Row:
    """Return the colors and sizes on offer, each once, in the order to show them."""
    colors = {variant["color_id"]: variant for variant in variants}
    sizes = {
        (variant["size__position"], variant["size_id"]): variant["size__name"]
        for variant in variants
    }
    return {
        "colors": [
            {
                "name": row["color__name"],
                "slug": row["color__slug"],
                "hex": row["color__hex"],
                "family": row["color__family"],
                "swatch": _swatch(row["color__swatch"]),
            }
            for row in colors.values()
        ],
        "sizes": [name for _, name in sorted(sizes.items())],
    }


def _swatch(name: str) -> Row | None:
    return {"url": media_url(name)} if name else None


def _gallery_image(image: Row) -> Row:
    return {
        **picture(image),
        "color": image["color__name"],
        "is_primary": image["is_primary"],
    }


def _seo(product: Row) -> Row:
    """Return the title and description for search engines, made up where left empty."""
    title = product["seo_title"] or product["name"]
    text = " ".join(product["description"].split())
    return {
        "title": title,
        "description": product["seo_description"] or _shortened(text),
    }


def _shortened(text: str, length: int = 155) -> str:
    if len(text) <= length:
        return text
    return text[:length].rsplit(" ", 1)[0].rstrip(",.;:") + "…"
