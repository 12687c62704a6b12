"""What the order endpoints answer. Amounts are whole rupiah, times are UTC."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone
from rest_framework import serializers

from accounts.models import User
from catalog.services.price_rules import REASONS
from orders.models import (
    Cart,
    CartBundle,
    CartLine,
    Order,
    OrderBundle,
    OrderEvent,
    OrderLine,
    Shipment,
)
from orders.services import cart as carts
from orders.services import cart_bundles
from orders.services.totals import PricedLine, order_totals


class NoticeOutput(serializers.Serializer):
    code = serializers.ChoiceField(
        choices=["unavailable", "sold_out", "quantity_above_stock"]
    )
    sku = serializers.CharField(allow_blank=True)
    bundle = serializers.CharField(allow_blank=True, help_text="Slug of a bundle.")
    message = serializers.CharField()
    available = serializers.IntegerField()


class CartItemOutput(serializers.Serializer):
    id = serializers.IntegerField()
    variant_id = serializers.IntegerField()
    sku = serializers.CharField()
    product_name = serializers.CharField()
    product_slug = serializers.CharField()
    color = serializers.CharField()
    size = serializers.CharField()
    image_url = serializers.CharField(allow_null=True)
    quantity = serializers.IntegerField()
    list_price = serializers.IntegerField()
    unit_price = serializers.IntegerField()
    price_reason = serializers.ChoiceField(choices=REASONS)
    total = serializers.IntegerField()


class CartBundlePartOutput(serializers.Serializer):
    variant_id = serializers.IntegerField()
    sku = serializers.CharField()
    product_name = serializers.CharField()
    product_slug = serializers.CharField()
    color = serializers.CharField()
    size = serializers.CharField()
    image_url = serializers.CharField(allow_null=True)
    quantity = serializers.IntegerField(help_text="Pieces in all these bundles.")


class CartBundleOutput(serializers.Serializer):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = serializers.IntegerField()
    total = serializers.IntegerField()
    parts = CartBundlePartOutput(many=True)


class CartTotalsOutput(serializers.Serializer):
    items = serializers.IntegerField()
    discount = serializers.IntegerField()
    shipping = serializers.IntegerField()
    grand_total = serializers.IntegerField()


class CartOutput(serializers.Serializer):
    id = serializers.UUIDField(allow_null=True)
    token = serializers.CharField(
        required=False, help_text="Only when the cart was just made for a guest."
    )
    item_count = serializers.IntegerField()
    items = CartItemOutput(many=True)
    bundles = CartBundleOutput(many=True)
    totals = CartTotalsOutput()
    notices = NoticeOutput(many=True)


class AddressOutput(serializers.ModelSerializer[Order]):
    phone = serializers.CharField(source="receiver_phone")
    detail = serializers.CharField(source="address_detail")

    class Meta:
        model = Order
        fields = [
            "receiver_name",
            "phone",
            "province",
            "city",
            "district",
            "subdistrict",
            "postal_code",
            "detail",
        ]


class ContactOutput(serializers.ModelSerializer[Order]):
    name = serializers.CharField(source="contact_name")
    email = serializers.EmailField(source="contact_email")
    phone = serializers.CharField(source="contact_phone")

    class Meta:
        model = Order
        fields = ["name", "email", "phone"]


class OrderBundleOutput(serializers.ModelSerializer[OrderBundle]):
    class Meta:
        model = OrderBundle
        fields = ["slug", "name", "quantity", "unit_price", "total"]


class OrderItemOutput(serializers.ModelSerializer[OrderLine]):
    image_url = serializers.SerializerMethodField()
    bundle = serializers.CharField(
        source="bundle.slug",
        default=None,
        allow_null=True,
        read_only=True,
        help_text="Slug of the bundle that the line is a part of.",
    )

    class Meta:
        model = OrderLine
        fields = [
            "id",
            "variant_id",
            "sku",
            "bundle",
            "product_name",
            "product_slug",
            "color",
            "size",
            "image_url",
            "quantity",
            "list_price",
            "unit_price",
            "price_reason",
            "discount",
            "total",
        ]

    def get_image_url(self, line: OrderLine) -> str | None:
        return image_url(line.image, self.context)


class OrderTotalsOutput(serializers.ModelSerializer[Order]):
    items = serializers.IntegerField(source="items_total")
    discount = serializers.IntegerField(source="discount_total")
    shipping = serializers.IntegerField(source="shipping_cost")

    class Meta:
        model = Order
        fields = ["items", "discount", "shipping", "grand_total"]


class ShipmentOutput(serializers.ModelSerializer[Shipment]):
    class Meta:
        model = Shipment
        fields = ["courier", "tracking_number", "shipped_at", "delivered_at"]


class TimelineOutput(serializers.ModelSerializer[OrderEvent]):
    status = serializers.CharField(source="to_value")
    at = serializers.DateTimeField(source="created_at")

    class Meta:
        model = OrderEvent
        fields = ["kind", "status", "at"]


class OrderSummaryOutput(serializers.ModelSerializer[Order]):
    item_count = serializers.IntegerField()

    class Meta:
        model = Order
        fields = [
            "number",
            "status",
            "payment_status",
            "placed_at",
            "expires_at",
            "paid_at",
            "item_count",
            "grand_total",
        ]


class OrderOutput(serializers.ModelSerializer[Order]):
    """One order in full, as its customer sees it."""

    contact = ContactOutput(source="*")
    shipping_address = AddressOutput(source="*")
    items = OrderItemOutput(source="lines", many=True)
    bundles = OrderBundleOutput(many=True)
    totals = OrderTotalsOutput(source="*")
    shipment = serializers.SerializerMethodField()
    timeline = TimelineOutput(source="events", many=True)

    class Meta:
        model = Order
        fields = [
            "number",
            "status",
            "payment_status",
            "placed_at",
            "expires_at",
            "paid_at",
            "contact",
            "shipping_address",
            "notes",
            "items",
            "bundles",
            "totals",
            "shipment",
            "timeline",
        ]

    def get_shipment(self, order: Order) -> dict[str, Any] | None:
        shipment = getattr(order, "shipment", None)
        return ShipmentOutput(shipment).data if shipment else None


def cart_document(
    cart: Cart | None,
    *,
    user: User | None,
    context: dict[str, Any],
    token: str = "",
) -> dict[str, Any]:
    """Return a cart as the API shows it, at this person's prices; none is empty."""
    lines = list(carts.lines_of(cart)) if cart else []
    rows = cart_bundles.rows_of(cart) if cart else []
    alone = carts.price(lines, user=user, at=timezone.now())
    priced = alone + cart_bundles.price(rows)
    totals = order_totals(priced)
    document: dict[str, Any] = {
        "id": cart.pk if cart else None,
        "item_count": sum(line.quantity for line in priced),
        "items": [
            _cart_item(line, price, context)
            for line, price in zip(lines, alone, strict=True)
        ],
        "bundles": [_cart_bundle(row, context) for row in rows],
        "totals": {
            "items": totals.items,
            "discount": totals.discount,
            "shipping": totals.shipping,
            "grand_total": totals.grand_total,
        },
        "notices": [*carts.notices(lines), *cart_bundles.notices(rows)],
    }
    if token:
        document["token"] = token
    return dict(CartOutput(document).data)


def _cart_item(
    line: CartLine, priced: PricedLine, context: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": line.pk,
        "variant_id": priced.variant_id,
        "sku": priced.sku,
        "product_name": priced.product_name,
        "product_slug": priced.product_slug,
        "color": priced.color,
        "size": priced.size,
        "image_url": image_url(priced.image, context),
        "quantity": priced.quantity,
        "list_price": priced.list_price,
        "unit_price": priced.unit_price,
        "price_reason": priced.price_reason,
        "total": priced.total,
    }


def _cart_bundle(row: CartBundle, context: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "slug": row.bundle.slug,
        "name": row.bundle.name,
        "quantity": row.quantity,
        "unit_price": row.bundle.price,
        "total": row.bundle.price * row.quantity,
        "parts": [
            {**asdict(line), "image_url": image_url(line.image, context)}
            for line in cart_bundles.price([row])
        ],
    }


def image_url(name: str, context: Mapping[str, Any]) -> str | None:
    """Return the address of a stored picture; the snapshot keeps only its name."""
    if not name:
        return None
    return str(context["request"].build_absolute_uri(default_storage.url(name)))
