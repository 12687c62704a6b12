"""Examples for the API's description, true to what the demo shop answers."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

CATEGORY = {"slug": "gamis", "name": "Gamis"}
FOLDER = (
    "https://cdn.karima.com/media/products/"
    "6f0b2c0e-5a3d-4c39-9d5e-3b1f6a7c8d90/9f86d081884c7d65"
)
IMAGE = {
    "url": f"{FOLDER}-800.webp",
    "alt": "Gamis Arunika warna dusty pink",
    "width": 800,
    "height": 1000,
    "placeholder": "#e7d6cc",
    "renditions": [
        {"url": f"{FOLDER}-320.webp", "width": 320, "height": 400},
        {"url": f"{FOLDER}-640.webp", "width": 640, "height": 800},
    ],
}
COLORS = [
    {"name": "Dusty Pink", "slug": "dusty-pink", "hex": "#d8a7a7"},
    {"name": "Sage", "slug": "sage", "hex": "#a3b18a"},
]
RATING = {"average": 4.8, "count": 25}
CARD: dict[str, Any] = {
    "id": 1,
    "slug": "gamis-arunika",
    "name": "Gamis Arunika",
    "category": CATEGORY,
    "price_min": 289_000,
    "price_max": 319_000,
    "compare_at_price": 349_000,
    "discount_percent": 17,
    "flash_sale": None,
    "image": IMAGE,
    "colors": COLORS,
    "in_stock": True,
    "is_busui_friendly": True,
    "is_wudhu_friendly": True,
    "rating": RATING,
}
DETAIL: dict[str, Any] = {
    "id": 1,
    "slug": "gamis-arunika",
    "name": "Gamis Arunika",
    "description": "Gamis A-line berbahan ceruty babydoll dengan furing penuh.",
    "brand": "Karima",
    "category": CATEGORY,
    "breadcrumbs": [{"slug": "wanita", "name": "Wanita"}, CATEGORY],
    "attributes": {
        "material": {
            "name": "Ceruty babydoll",
            "slug": "ceruty-babydoll",
            "family": {"value": "ceruty", "name": "Ceruty"},
        },
        "is_busui_friendly": True,
        "is_wudhu_friendly": True,
        "is_non_iron": False,
        "opacity": {"value": "opaque", "name": "Tidak menerawang"},
        "lining": {"value": "full", "name": "Furing penuh"},
        "stretch": {"value": "none", "name": "Tidak melar"},
        "sleeve": {"value": "long", "name": "Lengan panjang"},
        "cut": {"value": "a_line", "name": "A-line"},
        "motif": None,
        "extra": [
            {"code": "lebar-rok", "name": "Lebar rok", "unit": "m", "value": 3.5}
        ],
    },
    "price_min": 289_000,
    "price_max": 319_000,
    "compare_at_price": 349_000,
    "discount_percent": 17,
    "flash_sale": None,
    "in_stock": True,
    "rating": {
        **RATING,
        "histogram": {"5": 10, "4": 2, "3": 0, "2": 0, "1": 0},
    },
    "options": {
        "colors": [{**COLORS[0], "family": "merah muda", "swatch": None}],
        "sizes": ["M", "L"],
    },
    "variants": [
        {
            "id": 11,
            "sku": "GMS-ARUNIKA-DPK-M",
            "barcode": "8991234567891",
            "color": COLORS[0],
            "size": "M",
            "price": 289_000,
            "list_price": 289_000,
            "price_reason": "list",
            "flash_sale": None,
            "compare_at_price": 349_000,
            "weight_grams": 550,
            "stock_state": "low_stock",
            "available": 3,
            "image": None,
        }
    ],
    "images": [{**IMAGE, "color": "Dusty Pink", "is_primary": True}],
    "video_url": "",
    "size_chart": {
        "name": "Gamis dewasa",
        "note": "Toleransi jahitan 1-2 cm.",
        "measures": [
            {"code": "LD", "name": "Lingkar dada"},
            {"code": "PB", "name": "Panjang baju"},
        ],
        "rows": [
            {
                "size": "M",
                "measurements": {
                    "LD": {"cm": 100, "cm_to": None},
                    "PB": {"cm": 138, "cm_to": None},
                },
            }
        ],
    },
    "fit_note": "Model longgar; pilih ukuran Kakak yang biasa.",
    "seo": {
        "title": "Gamis Arunika",
        "description": "Gamis A-line berbahan ceruty babydoll dengan furing penuh.",
    },
    "structured_data": {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": "Gamis Arunika",
        "offers": {
            "@type": "AggregateOffer",
            "priceCurrency": "IDR",
            "lowPrice": 289_000,
            "highPrice": 319_000,
            "offerCount": 1,
            "availability": "https://schema.org/InStock",
        },
    },
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
        "description": "",
        "image": None,
        "seo": {"title": "Gamis", "description": ""},
        "product_count": 14,
        "breadcrumbs": DETAIL["breadcrumbs"],
        "children": [],
    },
)
CATEGORY_STATS = OpenApiExample(
    "A category",
    value={
        "results": [
            {
                **CATEGORY,
                "product_count": 14,
                "in_stock_count": 12,
                "price_min": 189_000,
                "price_max": 459_000,
            }
        ]
    },
)
SUGGESTIONS = OpenApiExample(
    "For `gam`",
    value={
        "products": [CARD],
        "categories": [CATEGORY],
        "words": ["gamis"],
        "corrected_q": None,
    },
)
SHELF: dict[str, Any] = {
    "slug": "ramadan",
    "name": "Ramadan",
    "description": "Pilihan untuk bulan suci.",
    "image": None,
    "starts_at": "2026-02-01T00:00:00Z",
    "ends_at": "2026-03-20T17:00:00Z",
}
RELATED = OpenApiExample(
    "A card beside it", value={"results": [CARD]}, response_only=True
)
COLLECTIONS = OpenApiExample("One shelf", value={"results": [SHELF]})
COLLECTION = OpenApiExample(
    "A shelf",
    value={
        **SHELF,
        "product_count": 12,
        "seo": {"title": "Ramadan", "description": "Pilihan untuk bulan suci."},
    },
)
SITEMAP = OpenApiExample(
    "A product",
    value={"slug": "gamis-arunika", "updated_at": "2026-01-05T02:00:00Z"},
    response_only=True,
)

STORE = OpenApiExample(
    "The shop during Lebaran",
    value={
        "name": "Karima Store",
        "tagline": "Busana muslimah sehari-hari",
        "email": "halo@karima.com",
        "phone": "+622112345678",
        "whatsapp": "+6281234567890",
        "address": "Jl. Tebet Timur Dalam II No. 7, Jakarta Selatan",
        "instagram": "https://instagram.com/karima.store",
        "return_window_days": 7,
        "tax_mode": "none",
        "holiday": {
            "starts_on": "2026-03-18",
            "ships_again_on": "2026-03-30",
            "note": "Kami sedang libur. Pesanan dikirim mulai 30 Maret 2026.",
        },
        "banners": [
            {"text": "Koleksi Lebaran sudah datang", "link": "/koleksi/lebaran"}
        ],
        "snap": {
            "client_key": "Mid-client-public",
            "script_url": "https://app.midtrans.com/snap/snap.js",
        },
    },
    response_only=True,
)
