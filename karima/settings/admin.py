"""How the admin looks, and its menu in the words of the shop."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static


def _item(title: str, icon: str, page: str, permission: str) -> dict[str, Any]:
    """Return an entry of the menu, shown to those with the permission.

    Paths are written out: settings are read before there are any URLs to reverse.
    """

    def may_see(request: HttpRequest) -> bool:
        return request.user.has_perm(permission)

    link = f"/admin/{page}/"
    return {"title": title, "icon": icon, "link": link, "permission": may_see}


def _favicon(request: HttpRequest) -> str:
    return static("karima/favicon.svg")


UNFOLD = {
    "SITE_TITLE": "Karima Store",
    "SITE_HEADER": "Karima Store",
    "SITE_SUBHEADER": "Meja kerja toko",
    "SITE_SYMBOL": "storefront",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": _favicon},
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "payments.admin.dashboard.dashboard",
    "COLORS": {
        # Teal, one step darker than Tailwind's so that white text on 600 is readable.
        "primary": {
            "50": "oklch(98.4% .014 180.72)",
            "100": "oklch(95.3% .051 180.801)",
            "200": "oklch(91% .096 180.426)",
            "300": "oklch(85.5% .138 181.071)",
            "400": "oklch(77.7% .152 181.912)",
            "500": "oklch(60% .118 184.704)",
            "600": "oklch(51.1% .096 186.391)",
            "700": "oklch(43.7% .078 188.216)",
            "800": "oklch(38.6% .063 188.416)",
            "900": "oklch(33% .05 190)",
            "950": "oklch(27.7% .046 192.524)",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "navigation": [
            {
                "items": [
                    {
                        "title": "Beranda",
                        "icon": "home",
                        "link": "/admin/",
                    },
                ],
            },
            {
                "title": "Pesanan",
                "items": [
                    _item(
                        "Pesanan",
                        "receipt_long",
                        "orders/order",
                        "orders.view_order",
                    ),
                ],
            },
            {
                "title": "Pembayaran",
                "items": [
                    _item(
                        "Masalah",
                        "report",
                        "payments/paymentissue",
                        "payments.view_paymentissue",
                    ),
                    _item(
                        "Pengembalian dana",
                        "currency_exchange",
                        "payments/refund",
                        "payments.view_refund",
                    ),
                    _item(
                        "Pembayaran",
                        "payments",
                        "payments/paymentattempt",
                        "payments.view_paymentattempt",
                    ),
                    _item(
                        "Kabar Midtrans",
                        "mark_email_read",
                        "payments/gatewayevent",
                        "payments.view_gatewayevent",
                    ),
                ],
            },
            {
                "title": "Katalog",
                "items": [
                    _item(
                        "Kesehatan katalog",
                        "monitor_heart",
                        "catalog/product/health",
                        "catalog.view_product",
                    ),
                    _item(
                        "Produk",
                        "apparel",
                        "catalog/product",
                        "catalog.view_product",
                    ),
                    _item(
                        "Impor",
                        "upload_file",
                        "catalog/importfile",
                        "catalog.change_variant",
                    ),
                    _item(
                        "Riwayat perubahan",
                        "history",
                        "catalog/changebatch",
                        "catalog.view_changebatch",
                    ),
                    _item(
                        "Kategori",
                        "category",
                        "catalog/category",
                        "catalog.view_category",
                    ),
                    _item(
                        "Flash sale",
                        "bolt",
                        "catalog/flashsale",
                        "catalog.view_flashsale",
                    ),
                    _item(
                        "Harga bertingkat",
                        "stairs",
                        "catalog/tierprice",
                        "catalog.view_tierprice",
                    ),
                    _item(
                        "Koleksi",
                        "collections_bookmark",
                        "catalog/collection",
                        "catalog.view_collection",
                    ),
                    _item(
                        "Ulasan",
                        "reviews",
                        "orders/review",
                        "orders.view_review",
                    ),
                    _item(
                        "Paket",
                        "package_2",
                        "catalog/bundle",
                        "catalog.view_bundle",
                    ),
                    _item(
                        "Warna",
                        "palette",
                        "catalog/color",
                        "catalog.view_color",
                    ),
                    _item(
                        "Ukuran",
                        "straighten",
                        "catalog/size",
                        "catalog.view_size",
                    ),
                    _item(
                        "Tabel ukuran",
                        "table_chart",
                        "catalog/sizechart",
                        "catalog.view_sizechart",
                    ),
                    _item(
                        "Bahan",
                        "texture",
                        "catalog/material",
                        "catalog.view_material",
                    ),
                    _item(
                        "Atribut tambahan",
                        "tune",
                        "catalog/attribute",
                        "catalog.view_attribute",
                    ),
                    _item(
                        "Sinonim pencarian",
                        "search",
                        "catalog/searchsynonym",
                        "catalog.view_searchsynonym",
                    ),
                ],
            },
            {
                "title": "Stok",
                "items": [
                    _item(
                        "Stok per SKU",
                        "inventory",
                        "catalog/variant",
                        "catalog.view_variant",
                    ),
                    _item(
                        "Stok menipis",
                        "production_quantity_limits",
                        "catalog/variant/low-stock",
                        "catalog.view_stock",
                    ),
                    _item(
                        "Stok opname",
                        "fact_check",
                        "catalog/stocktake",
                        "catalog.view_stocktake",
                    ),
                    _item(
                        "Mutasi stok",
                        "swap_vert",
                        "catalog/stockmovement",
                        "catalog.view_stockmovement",
                    ),
                ],
            },
            {
                "title": "Orang",
                "items": [
                    _item(
                        "Pelanggan",
                        "group",
                        "accounts/user",
                        "accounts.view_user",
                    ),
                    _item(
                        "Pengajuan grup",
                        "storefront",
                        "accounts/resellerapplication",
                        "accounts.view_resellerapplication",
                    ),
                    _item(
                        "Permintaan privasi",
                        "shield_person",
                        "accounts/privacyrequest",
                        "accounts.view_privacyrequest",
                    ),
                    _item(
                        "Pengaturan toko",
                        "settings",
                        "catalog/store",
                        "catalog.change_store",
                    ),
                    _item(
                        "Staf",
                        "badge",
                        "accounts/staffidentity",
                        "accounts.view_staffidentity",
                    ),
                    _item(
                        "Catatan staf",
                        "policy",
                        "accounts/staffauditentry",
                        "accounts.view_staffauditentry",
                    ),
                    _item(
                        "Pesan",
                        "outgoing_mail",
                        "accounts/message",
                        "accounts.view_message",
                    ),
                    _item(
                        "Teks pesan",
                        "edit_note",
                        "accounts/messagetemplate",
                        "accounts.change_messagetemplate",
                    ),
                    _item(
                        "Kunci API",
                        "key",
                        "accounts/apikey",
                        "accounts.view_apikey",
                    ),
                ],
            },
        ],
    },
}
