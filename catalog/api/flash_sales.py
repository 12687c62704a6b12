"""Flash sales, with the shop's time for countdowns."""

from datetime import UTC, datetime
from typing import Any

import orjson
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from catalog.api.answering import with_media
from catalog.models import FlashSale
from catalog.services import flash_plans
from karima.api import PublicView

# The time in it is of this second; a proxy may answer all who ask in the same one.
CACHE_CONTROL = "public, max-age=0, s-maxage=1"
SALE: dict[str, Any] = {
    "slug": "gajian",
    "name": "Flash Sale Gajian",
    "starts_at": "2026-01-25T03:00:00Z",
    "ends_at": "2026-01-25T15:00:00Z",
    "is_running": True,
    "per_customer_limit": 2,
    "item_count": 4,
}
ITEM = {
    "sku": "GMS-ARUNIKA-DPK-M",
    "variant_id": 11,
    "product_slug": "gamis-arunika",
    "list_price": 289_000,
    "price": 199_000,
    "quota": 100,
    "sold_out": False,
}
NOW = {"server_time": "2026-01-25T04:12:00Z"}


class FlashSaleOutput(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    name = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    is_running = serializers.BooleanField()
    per_customer_limit = serializers.IntegerField(
        allow_null=True, help_text="Pieces of one product in all colors and sizes."
    )
    item_count = serializers.IntegerField()


class FlashSaleItemOutput(serializers.Serializer[Any]):
    sku = serializers.CharField()
    variant_id = serializers.IntegerField()
    product_slug = serializers.SlugField()
    list_price = serializers.IntegerField()
    price = serializers.IntegerField()
    quota = serializers.IntegerField()
    sold_out = serializers.BooleanField()


class FlashSalesOutput(serializers.Serializer[Any]):
    server_time = serializers.DateTimeField(
        help_text="The shop's clock, for countdowns."
    )
    results = FlashSaleOutput(many=True)


class FlashSaleDetailOutput(FlashSaleOutput):
    server_time = serializers.DateTimeField(
        help_text="The shop's clock, for countdowns."
    )
    items = FlashSaleItemOutput(many=True)
    products = serializers.ListField(
        child=serializers.DictField(), help_text="Cards, as in the list of products."
    )


class FlashSaleListView(PublicView):
    rate_limit = "catalog"

    @extend_schema(
        operation_id="list_flash_sales",
        summary="Flash sales that are on or to come",
        tags=["flash sales"],
        responses=FlashSalesOutput,
        examples=[OpenApiExample("Sales", {**NOW, "results": [SALE]})],
    )
    def get(self, request: Request) -> HttpResponse:
        now = timezone.now()
        results = [_sale(sale, now) for sale in flash_plans.shown_now()]
        return _answer(request, {"server_time": _text(now), "results": results})


class FlashSaleDetailView(PublicView):
    rate_limit = "catalog"

    @extend_schema(
        operation_id="retrieve_flash_sale",
        summary="One flash sale with its prices",
        tags=["flash sales"],
        responses={
            200: FlashSaleDetailOutput,
            404: OpenApiResponse(description="There is no such sale, or it is over."),
        },
        examples=[
            OpenApiExample("Sale", {**NOW, **SALE, "items": [ITEM], "products": []})
        ],
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        sale, now = flash_plans.find(slug), timezone.now()
        cards = [orjson.Fragment(card) for card in flash_plans.cards(sale)]
        document = {
            "server_time": _text(now),
            **_sale(sale, now),
            "items": flash_plans.items(sale),
            "products": cards,
        }
        return _answer(request, document)


def _sale(sale: FlashSale, now: datetime) -> dict[str, Any]:
    return {
        "slug": sale.slug,
        "name": sale.name,
        "starts_at": _text(sale.starts_at),
        "ends_at": _text(sale.ends_at),
        "is_running": sale.starts_at <= now < sale.ends_at,
        "per_customer_limit": sale.per_customer_limit,
        "item_count": getattr(sale, "item_count", 0),
    }


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _answer(request: Request, document: dict[str, Any]) -> HttpResponse:
    body = with_media(request, orjson.dumps(document))
    response = HttpResponse(body, content_type="application/json")
    response["Cache-Control"] = CACHE_CONTROL
    return response
