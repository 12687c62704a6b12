"""Examples of what programs send and get."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

PRODUCT_BODY: dict[str, Any] = {
    "name": "Gamis Arunika",
    "category": "gamis",
    "description": "Gamis A-line berbahan ceruty babydoll dengan furing penuh.",
    "status": "draft",
    "material": "ceruty-babydoll",
    "is_busui_friendly": True,
    "is_wudhu_friendly": True,
    "opacity": "opaque",
    "lining": "full",
}
VARIANT_BODY: dict[str, Any] = {
    "sku": "GMS001-DPK-M",
    "color": "dusty-pink",
    "size": "M",
    "price": 289_000,
    "compare_at_price": 349_000,
    "weight_grams": 650,
    "barcode": "8991234567890",
    "is_active": True,
}
MOMENTS = {
    "created_at": "2026-11-23T05:00:10Z",
    "updated_at": "2026-11-23T05:00:10Z",
}
VARIANT_ANSWER: dict[str, Any] = {
    "id": 1,
    "product": "gamis-arunika",
    **VARIANT_BODY,
    "length_cm": None,
    "width_cm": None,
    "height_cm": None,
    **MOMENTS,
}
PRODUCT_ANSWER: dict[str, Any] = {
    "id": 1,
    "slug": "gamis-arunika",
    **PRODUCT_BODY,
    "published_at": None,
    "brand": "Karima",
    "is_non_iron": False,
    "stretch": "",
    "sleeve": "",
    "cut": "",
    "motif": "",
    "extra": {},
    "size_chart": None,
    "fit_note": "",
    "video_url": "",
    "seo_title": "",
    "seo_description": "",
    "is_featured": False,
    "variants": [VARIANT_ANSWER],
    **MOMENTS,
}
CATEGORY_BODY: dict[str, Any] = {"name": "Gamis", "parent": "wanita", "position": 1}
CATEGORY_ANSWER: dict[str, Any] = {
    "id": 1,
    "slug": "gamis",
    **CATEGORY_BODY,
    "description": "",
    "is_active": True,
    "seo_title": "",
    "seo_description": "",
    "is_visible": True,
    "updated_at": "2026-11-23T05:00:10Z",
}
STOCK_ANSWER: dict[str, Any] = {
    "variant_id": 1,
    "sku": "GMS001-DPK-M",
    "on_hand": 12,
    "reserved": 2,
    "available": 10,
}
PHOTO_ANSWER: dict[str, Any] = {
    "id": 7,
    "url": "https://media.karima.com/products/0b1c.../3f2a9c...-1280.webp",
    "alt": "Gamis Arunika warna dusty pink",
    "color": "dusty-pink",
    "position": 0,
    "is_primary": True,
    "width": 1600,
    "height": 2000,
}
WHY = "Hasil hitung gudang"
DELIVERED = {"reference": "SJ-2026-0117", "note": ""}


def _sent(name: str, value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample(name, value, request_only=True)


def _answered(name: str, value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample(name, value, response_only=True)


NEW_PRODUCT = _sent("A draft", PRODUCT_BODY)
PUBLISH = _sent("On sale from now on", {"status": "active"})
PRODUCT = _answered("A product", PRODUCT_ANSWER)
NEW_VARIANT = _sent("A variant", {"product": "gamis-arunika", **VARIANT_BODY})
CHANGED_VARIANT = _sent("A variant", VARIANT_BODY)
NEW_PRICE = _sent("A price", {"price": 279_000})
VARIANT = _answered("A variant", VARIANT_ANSWER)
NEW_CATEGORY = _sent("A category", CATEGORY_BODY)
MOVE_CATEGORY = _sent("To the root", {"parent": None})
CATEGORY = _answered("A category", CATEGORY_ANSWER)
PHOTO = _answered("A photo", PHOTO_ANSWER)
PHOTOS = _answered("The photos", {"results": [PHOTO_ANSWER]})
PHOTO_ORDER = _sent("An order", {"order": [9, 7, 8]})
PHOTO_CHANGE = _sent("The primary one", {"is_primary": True})
STOCK = _answered("Stock", STOCK_ANSWER)
STOCK_LIST = _answered("Stock of a product", {"results": [STOCK_ANSWER]})
COUNT = _sent("A count", {"on_hand": 12, "note": WHY})
COUNTS = _sent(
    "A count", {"items": [{"sku": "GMS001-DPK-M", "on_hand": 12}], "note": WHY}
)
DELIVERY = _sent("A delivery", {"quantity": 5, **DELIVERED})
DELIVERIES = _sent(
    "A delivery", {"items": [{"sku": "GMS001-DPK-M", "quantity": 5}], **DELIVERED}
)
