"""Examples for the API's description, true to what the demo shop answers."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

ITEM: dict[str, Any] = {
    "variant_id": 12,
    "sku": "GMS-ARUNIKA-DPK-M",
    "product_name": "Gamis Arunika",
    "product_slug": "gamis-arunika",
    "color": "Dusty Pink",
    "size": "M",
    "image_url": "https://api.karima.com/media/products/gamis-arunika/dusty-pink.webp",
    "quantity": 2,
    "list_price": 289_000,
    "unit_price": 289_000,
    "price_reason": "list",
}
TOTALS = {
    "items": 578_000,
    "discount": 0,
    "shipping": 20_000,
    "grand_total": 598_000,
}
CART_BODY: dict[str, Any] = {
    "id": "019ab0c4-5a2e-7c31-9a51-0c6f3a1d2b7e",
    "item_count": 2,
    "items": [{"id": 41, **ITEM, "total": 578_000}],
    "bundles": [],
    "totals": TOTALS,
    "notices": [],
}
CONTACT = {
    "name": "Aisyah Putri",
    "email": "aisyah@karima.example",
    "phone": "+6281234567801",
}
ADDRESS = {
    "receiver_name": "Aisyah Putri",
    "phone": "+6281234567801",
    "province": "Jawa Barat",
    "city": "Kota Bandung",
    "district": "Coblong",
    "subdistrict": "Dago",
    "postal_code": "40135",
    "detail": "Jl. Ir. H. Juanda No. 100, RT 02/RW 05",
}
ORDER_BODY: dict[str, Any] = {
    "number": "KRM-261123-7F3K9Q",
    "status": "pending",
    "payment_status": "unpaid",
    "placed_at": "2026-11-23T05:00:10Z",
    "expires_at": "2026-11-24T05:00:10Z",
    "paid_at": None,
    "contact": CONTACT,
    "shipping_address": ADDRESS,
    "notes": "",
    "items": [{"id": 71, **ITEM, "bundle": None, "discount": 0, "total": 578_000}],
    "bundles": [],
    "totals": TOTALS,
    "shipment": None,
    "timeline": [{"kind": "placed", "status": "pending", "at": "2026-11-23T05:00:10Z"}],
}

CART = OpenApiExample("A cart", CART_BODY, response_only=True)
ADD_ITEM = OpenApiExample(
    "By SKU", {"sku": "GMS-ARUNIKA-DPK-M", "quantity": 2}, request_only=True
)
ORDER = OpenApiExample("An unpaid order", ORDER_BODY, response_only=True)
ORDER_SUMMARY = OpenApiExample(
    "An unpaid order",
    {
        "number": "KRM-261123-7F3K9Q",
        "status": "pending",
        "payment_status": "unpaid",
        "placed_at": "2026-11-23T05:00:10Z",
        "expires_at": "2026-11-24T05:00:10Z",
        "paid_at": None,
        "item_count": 2,
        "grand_total": 598_000,
    },
    response_only=True,
)
CHECKOUT_BODY: dict[str, Any] = {
    "contact": {**CONTACT, "phone": "0812-3456-7801"},
    "shipping_address": {**ADDRESS, "phone": "0812-3456-7801"},
    "notes": "",
    "expected_total": 598_000,
    "accept_terms": True,
}
