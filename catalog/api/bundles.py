"""Bundles: several variants sold together at one price."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from catalog.api.answering import CatalogView, from_replica, joined
from catalog.api.serializers import ImageOutput
from catalog.api.views import NOT_FOUND, REFUSED, UNCHANGED
from catalog.services import bundles
from catalog.services.documents import MAX_SHOWN_AVAILABLE, StockState
from karima.api import PagePagination


class BundlePartOutput(serializers.Serializer[Any]):
    variant_id = serializers.IntegerField()
    sku = serializers.CharField()
    product_slug = serializers.SlugField()
    product_name = serializers.CharField()
    color = serializers.CharField()
    size = serializers.CharField()
    quantity = serializers.IntegerField(help_text="Pieces in one bundle.")
    price = serializers.IntegerField(help_text="Of one piece alone, in whole rupiah.")
    image = ImageOutput(allow_null=True)


class BundleOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.SlugField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    price = serializers.IntegerField(help_text="Of the whole, in whole rupiah.")
    separate_price = serializers.IntegerField(
        help_text="List price of the parts together, in whole rupiah."
    )
    saving = serializers.IntegerField(help_text="Whole rupiah; 0 for none.")
    image = ImageOutput(allow_null=True)
    stock_state = serializers.ChoiceField(choices=list(StockState))
    available = serializers.IntegerField(
        help_text=f"How many can be ordered, shown up to {MAX_SHOWN_AVAILABLE}."
    )
    items = BundlePartOutput(many=True)


PART: dict[str, Any] = {
    "variant_id": 12,
    "sku": "GMS-ARUNIKA-DPK-M",
    "product_slug": "gamis-arunika",
    "product_name": "Gamis Arunika",
    "color": "Dusty Pink",
    "size": "M",
    "quantity": 1,
    "price": 289_000,
    "image": None,
}
BUNDLE = OpenApiExample(
    "Mother and daughter",
    {
        "id": 3,
        "slug": "sarimbit-arunika",
        "name": "Sarimbit Arunika",
        "description": "Serasi untuk ibu dan anak.",
        "price": 429_000,
        "separate_price": 478_000,
        "saving": 49_000,
        "image": None,
        "stock_state": "in_stock",
        "available": 8,
        "items": [
            PART,
            {**PART, "variant_id": 40, "sku": "GMS-ARUNIKA-KIDS-6", "size": "6",
             "product_slug": "gamis-arunika-kids",
             "product_name": "Gamis Arunika Kids", "price": 189_000},
        ],
    },
    response_only=True,
)  # fmt: skip


class BundleListView(CatalogView):
    pagination_class = PagePagination

    @extend_schema(
        operation_id="list_product_bundles",
        summary="The bundles on sale, in the order of the shop",
        tags=["catalog"],
        responses={200: BundleOutput(many=True), 304: UNCHANGED, 400: REFUSED},
        examples=[BUNDLE],
    )
    @from_replica
    def get(self, request: Request) -> HttpResponse:
        pages = self.pagination_class()
        pages.read(request)
        pages.total = bundles.visible_bundles().count()
        found = bundles.read(pages.start, pages.stop)
        return self.ready(request, joined(found, pagination=pages.summary()))


class BundleDetailView(CatalogView):
    @extend_schema(
        operation_id="retrieve_product_bundle",
        summary="One bundle with its parts",
        description="`POST /cart/items` takes its slug as `bundle`.",
        tags=["catalog"],
        responses={200: BundleOutput, 304: UNCHANGED, 404: NOT_FOUND},
        examples=[BUNDLE],
    )
    @from_replica
    def get(self, request: Request, slug: str) -> HttpResponse:
        return self.ready(request, bundles.document(slug).encode())
