"""What each role of the staff may do. The table is the truth; groups are its copy."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction

SEE_ORDERS = frozenset({"orders.view_order"})
PACK_AND_SHIP = frozenset(
    {"orders.pack_order", "orders.ship_order", "orders.return_order"}
)
SEE_PAYMENTS = frozenset(
    {
        "payments.view_paymentattempt",
        "payments.view_gatewaytransaction",
        "payments.view_gatewayevent",
        "payments.view_paymentissue",
        "payments.view_refund",
    }
)
ASK_REFUNDS = frozenset({"payments.request_refund"})
DECIDE_MONEY = frozenset(
    {
        "payments.approve_refund",
        "payments.pay_refund",
        "payments.decide_challenge",
        "payments.resolve_issue",
    }
)
CATALOG_MODELS = (
    "attribute",
    "bundle",
    "bundleitem",
    "category",
    "collection",
    "collectionitem",
    "color",
    "flashsale",
    "flashsaleitem",
    "material",
    "product",
    "productimage",
    "relatedproduct",
    "searchsynonym",
    "size",
    "sizechart",
    "sizemeasurement",
    "tierprice",
    "variant",
)
SEE_CATALOG = frozenset(f"catalog.view_{model}" for model in CATALOG_MODELS)
WRITE_CATALOG = frozenset(
    f"catalog.{verb}_{model}" for verb in ("add", "change") for model in CATALOG_MODELS
) | {
    "catalog.delete_bundleitem",
    "catalog.delete_collectionitem",
    "catalog.delete_flashsaleitem",
    "catalog.delete_productimage",
    "catalog.delete_relatedproduct",
    "catalog.delete_searchsynonym",
    "catalog.delete_sizemeasurement",
    "catalog.delete_tierprice",
}
SEE_CHANGES = frozenset({"catalog.view_changebatch"})
WRITE_STORE = frozenset(
    {
        "catalog.view_store",
        "catalog.change_store",
        "catalog.view_banner",
        "catalog.add_banner",
        "catalog.change_banner",
        "catalog.delete_banner",
    }
)
SEE_COST = frozenset({"catalog.view_cost"})
SEE_STOCK = frozenset(
    {"catalog.view_stock", "catalog.view_stockmovement", "catalog.view_stocktake"}
)
# Who counts does not decide: applying a stock take is `adjust_stock`.
COUNT_STOCK = frozenset({"catalog.count_stock"})
SEE_CUSTOMERS = frozenset({"accounts.view_user"})
SEE_PRIVACY = frozenset({"accounts.view_privacyrequest"})
MODERATE_REVIEWS = frozenset({"orders.view_review", "orders.moderate_review"})
DECIDE_APPLICATIONS = frozenset(
    {"accounts.view_resellerapplication", "accounts.decide_application"}
)
SEE_MESSAGES = frozenset({"accounts.view_message"})
RESEND_MESSAGES = frozenset({"accounts.resend_message"})
WRITE_MESSAGES = frozenset(
    {"accounts.view_messagetemplate", "accounts.change_messagetemplate"}
)
# A key can do what its scopes say, whoever made it.
API_KEYS = frozenset(
    {"accounts.view_apikey", "accounts.add_apikey", "accounts.change_apikey"}
)

WAREHOUSE = (
    SEE_ORDERS
    | PACK_AND_SHIP
    | SEE_CATALOG
    | SEE_STOCK
    | COUNT_STOCK
    | {"catalog.receive_stock", "catalog.change_stock"}
)
CUSTOMER_SERVICE = (
    SEE_ORDERS
    | {"orders.cancel_order"}
    | SEE_PAYMENTS
    | ASK_REFUNDS
    | SEE_CATALOG
    | SEE_STOCK
    | SEE_CUSTOMERS
    | SEE_PRIVACY
    | DECIDE_APPLICATIONS
    | MODERATE_REVIEWS
    | SEE_MESSAGES
    | RESEND_MESSAGES
)
MARKETING = (
    SEE_CATALOG
    | WRITE_CATALOG
    | WRITE_STORE
    | SEE_STOCK
    | SEE_CHANGES
    | SEE_COST
    | MODERATE_REVIEWS
    | WRITE_MESSAGES
)
FINANCE = SEE_ORDERS | SEE_PAYMENTS | SEE_COST | ASK_REFUNDS | DECIDE_MONEY
MANAGER = (
    WAREHOUSE
    | CUSTOMER_SERVICE
    | MARKETING
    | FINANCE
    | {"catalog.adjust_stock", "accounts.run_privacyrequest"}
)

ROLES: dict[str, frozenset[str]] = {
    "owner": MANAGER
    | API_KEYS
    | {"accounts.view_staffidentity", "accounts.view_staffauditentry"},
    "manager": MANAGER,
    "cs": CUSTOMER_SERVICE,
    "warehouse": WAREHOUSE,
    "marketing": MARKETING,
    "finance": FINANCE,
}

TITLES = {
    "owner": "Pemilik",
    "manager": "Manajer",
    "cs": "Layanan pelanggan",
    "warehouse": "Gudang",
    "marketing": "Pemasaran",
    "finance": "Keuangan",
}


def sync() -> None:
    """Make the groups what the table says; safe to repeat.

    Opens its own transaction; needs the migrations. Raises `LookupError` when a
    permission of the table does not exist, and changes nothing then.
    """
    known = _permissions()
    with transaction.atomic(durable=True):
        for role, names in ROLES.items():
            group, _ = Group.objects.get_or_create(name=role)
            group.permissions.set([known[name] for name in sorted(names)])


def _permissions() -> dict[str, Permission]:
    found = Permission.objects.select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}": row for row in found}
