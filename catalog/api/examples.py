"""Examples for the API's description, true to what the demo shop answers."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

CATEGORY = {"slug": "gamis", "name": "Gamis"}
IMAGE = {
    "url": "https://api.karima.com/media/products/gamis-arunika/dusty-pink.webp",
    "alt": "Gamis Arunika warna dusty pink",
    "width": 800,
    "height": 1000,
}
COLORS = [
    {"name": "Dusty Pink", "hex": "#d8a7a7"},
    {"name": "Sage", "hex": "#a3b18a"},
]
CARD: dict[str, Any] = {
    "id": 1,
    "slug": "gamis-arunika",
    "name": "Gamis Arunika",
    "category": CATEGORY,
    "price_min": 289_000,
    "price_max": 319_000,
    "compare_at_price": 349_000,
    "image": IMAGE,
    "colors": COLORS,
    "in_stock": True,
}
DETAIL: dict[str, Any] = {
    "id": 1,
    "slug": "gamis-arunika",
    "name": "Gamis Arunika",
    "description": "Gamis A-line berbahan ceruty babydoll dengan furing penuh.",
    "category": CATEGORY,
    "breadcrumbs": [{"slug": "wanita", "name": "Wanita"}, CATEGORY],
    "attributes": {
        "material": "Ceruty babydoll",
        "is_busui_friendly": True,
        "is_wudhu_friendly": True,
    },
    "price_min": 289_000,
    "price_max": 319_000,
    "in_stock": True,
    "options": {
        "colors": [{**COLORS[0], "family": "merah muda"}],
        "sizes": ["M", "L"],
    },
    "variants": [
        {
            "id": 11,
            "sku": "GMS-ARUNIKA-DPK-M",
            "color": COLORS[0],
            "size": "M",
            "price": 289_000,
            "compare_at_price": 349_000,
            "weight_grams": 550,
            "stock_state": "low_stock",
            "available": 3,
        }
    ],
    "images": [{**IMAGE, "color": "Dusty Pink", "is_primary": True}],
}
LEAF: dict[str, Any] = {**CATEGORY, "product_count": 14, "children": []}
BRANCH: dict[str, Any] = {
    "slug": "wanita",
    "name": "Wanita",
    "product_count": 34,
    "children": [LEAF],
}

PRODUCT_CARD = OpenApiExample("A card", value=CARD, response_only=True)
PRODUCT_DETAIL = OpenApiExample("A gamis", value=DETAIL, response_only=True)
CATEGORY_TREE = OpenApiExample("A tree", value={"results": [BRANCH]})
CATEGORY_DETAIL = OpenApiExample(
    "A category",
    value={
        **CATEGORY,
        "product_count": 14,
        "breadcrumbs": DETAIL["breadcrumbs"],
        "children": [],
    },
)
