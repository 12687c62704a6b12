"""Wishlists of customers, and alerts of whoever waits for stock."""

from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import OptionalKratosAuthentication, customer_of
from accounts.models import User
from catalog.models import WishlistItem
from catalog.services import offers, stock_alerts, wishlists
from catalog.services.documents import MAX_SHOWN_AVAILABLE
from catalog.services.stock_alerts import Contact
from karima.api import PagePagination
from karima.fields import PhoneField

ITEM = OpenApiExample(
    "Cheaper than when it was kept",
    {
        "id": "019ab0c4-5a2e-7c31-9a51-0c6f3a1d2b7e",
        "variant_id": 12,
        "sku": "GMS-ARUNIKA-DPK-M",
        "product_slug": "gamis-arunika",
        "product_name": "Gamis Arunika",
        "color": "Dusty Pink",
        "size": "M",
        "image_url": None,
        "price": 259_000,
        "price_then": 289_000,
        "price_dropped": True,
        "is_on_sale": True,
        "available": 8,
        "added_at": "2026-11-23T05:00:10Z",
    },
    response_only=True,
)
KEEP = OpenApiExample("By SKU", {"sku": "GMS-ARUNIKA-DPK-M"}, request_only=True)
ASK = OpenApiExample(
    "A guest",
    {"variant_id": 12, "email": "aisyah@karima.example", "consent": True},
    request_only=True,
)
ASKED = OpenApiExample(
    "Asked",
    {"token": "k3Jd0vXG2m0yq0aV", "text": stock_alerts.TEXT},
    response_only=True,
)


class WishlistItemInput(serializers.Serializer[Any]):
    """A variant, by id or by SKU."""

    variant_id = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1
    )
    sku = serializers.CharField(required=False, max_length=40)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("variant_id" in attrs) == ("sku" in attrs):
            raise serializers.ValidationError(
                "Sebutkan salah satu: variant_id atau sku.", code="variant_required"
            )
        return attrs


class WishlistItemOutput(serializers.ModelSerializer[WishlistItem]):
    sku = serializers.CharField(source="variant.sku")
    product_slug = serializers.CharField(source="variant.product.slug")
    product_name = serializers.CharField(source="variant.product.name")
    color = serializers.CharField(source="variant.color.name")
    size = serializers.CharField(source="variant.size.name")
    image_url = serializers.SerializerMethodField()
    price = serializers.IntegerField(source="variant.price")
    price_dropped = serializers.SerializerMethodField(
        help_text="The list price is below what it was then."
    )
    is_on_sale = serializers.SerializerMethodField()
    available = serializers.SerializerMethodField()

    class Meta:
        model = WishlistItem
        fields = [
            "id",
            "variant_id",
            "sku",
            "product_slug",
            "product_name",
            "color",
            "size",
            "image_url",
            "price",
            "price_then",
            "price_dropped",
            "is_on_sale",
            "available",
            "added_at",
        ]

    def get_image_url(self, item: WishlistItem) -> str | None:
        image = offers.image_for(item.variant)
        if image is None:
            return None
        url = default_storage.url(str(image.file.name))
        return str(self.context["request"].build_absolute_uri(url))

    def get_price_dropped(self, item: WishlistItem) -> bool:
        return item.variant.price < item.price_then

    def get_is_on_sale(self, item: WishlistItem) -> bool:
        return offers.is_on_sale(item.variant)

    def get_available(self, item: WishlistItem) -> int:
        return min(offers.available(item.variant), MAX_SHOWN_AVAILABLE)


class WishlistView(APIView):
    pagination_class = PagePagination

    @extend_schema(
        operation_id="list_wishlist",
        summary="What the customer keeps for later, the newest first",
        tags=["wishlist"],
        responses=WishlistItemOutput(many=True),
        examples=[ITEM],
    )
    def get(self, request: Request) -> Response:
        pages = self.pagination_class()
        found = wishlists.items_of(customer_of(request))
        rows = pages.paginate_queryset(found, request, self)
        shown = WishlistItemOutput(rows, many=True, context={"request": request})
        return pages.get_paginated_response(shown.data)

    @extend_schema(
        operation_id="clear_wishlist",
        summary="Take everything off the wishlist",
        tags=["wishlist"],
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        wishlists.clear(customer_of(request))
        return Response(status=204)


class WishlistItemsView(APIView):
    @extend_schema(
        operation_id="add_wishlist_item",
        summary="Keep a variant for later; safe to repeat",
        tags=["wishlist"],
        request=WishlistItemInput,
        responses={201: WishlistItemOutput},
        examples=[KEEP, ITEM],
    )
    def post(self, request: Request) -> Response:
        body = WishlistItemInput(data=request.data)
        body.is_valid(raise_exception=True)
        customer = customer_of(request)
        kept = wishlists.add(customer, **body.validated_data)
        item = wishlists.items_of(customer).get(pk=kept)
        shown = WishlistItemOutput(item, context={"request": request})
        return Response(shown.data, status=201)


class WishlistItemView(APIView):
    @extend_schema(
        operation_id="remove_wishlist_item",
        summary="Take a variant off the wishlist",
        tags=["wishlist"],
        responses={204: None},
    )
    def delete(self, request: Request, item_id: UUID) -> Response:
        wishlists.remove(customer_of(request), item_id=item_id)
        return Response(status=204)


class AlertInput(serializers.Serializer[Any]):
    """A sold-out variant, and one way to reach whoever waits for it."""

    variant_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    email = serializers.EmailField(required=False, max_length=254)
    phone = PhoneField(required=False, max_length=30)
    consent = serializers.BooleanField(help_text="Agrees to the one message.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("email" in attrs) == ("phone" in attrs):
            raise serializers.ValidationError(
                "Sebutkan salah satu: email atau phone.", code="contact_required"
            )
        return attrs

    def validate_consent(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError(
                "Setujui pengiriman satu pesan untuk dikabari.",
                code="consent_required",
            )
        return value


class AlertOutput(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Ends the alert.")
    text = serializers.CharField(help_text="What was agreed to.")


class StockAlertsView(APIView):
    """Anybody may wait; only the token of an alert ends it."""

    authentication_classes = (OptionalKratosAuthentication,)
    permission_classes = (AllowAny,)
    rate_limit = "auth"

    @extend_schema(
        operation_id="ask_stock_alert",
        summary="Have one message sent when a sold-out variant is back",
        description="One open alert for each contact and variant; a repeat is quiet.",
        tags=["stock alerts"],
        request=AlertInput,
        responses={201: AlertOutput},
        examples=[ASK, ASKED],
    )
    def post(self, request: Request) -> Response:
        body = AlertInput(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        user = request.user
        token = stock_alerts.ask(
            variant_id=wanted["variant_id"],
            contact=Contact(wanted.get("email", ""), wanted.get("phone", "")),
            customer=user if isinstance(user, User) else None,
        )
        shown = AlertOutput({"token": token, "text": stock_alerts.TEXT})
        return Response(shown.data, status=201)


class StockAlertEndView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    rate_limit = "auth"

    @extend_schema(
        operation_id="end_stock_alert",
        summary="End an alert: what the link in the message does",
        tags=["stock alerts"],
        responses={204: None},
    )
    def delete(self, request: Request, token: str) -> Response:
        stock_alerts.end(token)
        return Response(status=204)
