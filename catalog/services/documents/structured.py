"""A product in the words of schema.org, to be put into a page as JSON-LD.

Fields as Google's documentation of product snippets asks for them. The page's own
address is the storefront's to add.
"""

from collections.abc import Sequence

from catalog.services.documents.card import media_url
from catalog.services.documents.source import Row

CURRENCY = "IDR"


def structured_data(
    product: Row, variants: Sequence[Row], images: Sequence[Row], crumbs: Sequence[Row]
) -> Row:
    """Return the product with its offers, and with its rating if it has one."""
    data: Row = {
        "@context": "https://schema.org",
        "@type": "Product",
        "productID": str(product["id"]),
        "name": product["name"],
        "description": product["seo_description"] or product["description"],
        "category": " > ".join(crumb["name"] for crumb in crumbs),
        "image": [
            {"@type": "ImageObject", "url": media_url(image["file"])}
            for image in images
        ],
        "offers": _offers(product, variants),
    }
    if product["brand"]:
        data["brand"] = {"@type": "Brand", "name": product["brand"]}
    if product["material__name"]:
        data["material"] = product["material__name"]
    if product["rating_count"]:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": float(product["rating_average"]),
            "ratingCount": product["rating_count"],
        }
    return data


def _offers(product: Row, variants: Sequence[Row]) -> Row:
    state = "InStock" if product["in_stock"] else "OutOfStock"
    return {
        "@type": "AggregateOffer",
        "priceCurrency": CURRENCY,
        "lowPrice": product["price_min"],
        "highPrice": product["price_max"],
        "offerCount": len(variants),
        "availability": f"https://schema.org/{state}",
    }
