"""Flash sales: the public reads, and the verbs of programs."""

from typing import Any, ClassVar

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.programs import ProgramVerbs
from catalog.api.flash_sales import FlashSaleDetailView, FlashSaleListView
from catalog.api.programs.inputs import MOST_LINES, rupiah
from catalog.api.programs.products import MISSING, TAGS, WRITE, valid
from catalog.models import FlashSale, FlashSaleItem, Variant
from catalog.services import editing, flash_plans
from catalog.services.stock import MAX_QUANTITY
from karima.fields import LineField

BODY: dict[str, Any] = {
    "name": "Flash Sale Gajian",
    "starts_at": "2026-01-25T03:00:00Z",
    "ends_at": "2026-01-25T15:00:00Z",
    "per_customer_limit": 2,
    "is_published": True,
    "items": [{"sku": "GMS-ARUNIKA-DPK-M", "price": 199_000, "quota": 100}],
}
NEW = OpenApiExample("A sale", BODY, request_only=True)
LATER = OpenApiExample("A later end", {"ends_at": BODY["ends_at"]}, request_only=True)
STORED = OpenApiExample(
    "A sale",
    {
        "slug": "flash-sale-gajian-20260125",
        **BODY,
        "items": [{**BODY["items"][0], "sold": 12}],
        "warnings": [],
    },
    response_only=True,
)
OVERLAP = OpenApiResponse(description="A SKU is in another sale at that time.")


class PlannedItemInput(serializers.Serializer[Any]):
    sku = serializers.CharField(max_length=64)
    price = rupiah()
    quota = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)


class FlashSaleInput(serializers.ModelSerializer[FlashSale]):
    name = LineField(max_length=100)
    per_customer_limit = serializers.IntegerField(
        min_value=1, max_value=MAX_QUANTITY, required=False, allow_null=True
    )
    items = serializers.ListField(
        child=PlannedItemInput(),
        required=False,
        max_length=MOST_LINES,
        help_text="All that is in the sale: what is not named is taken out.",
    )

    class Meta:
        model = FlashSale
        fields: ClassVar = [
            "name",
            "starts_at",
            "ends_at",
            "per_customer_limit",
            "is_published",
            "items",
        ]

    def validate_items(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({row["sku"] for row in rows}) < len(rows):
            raise serializers.ValidationError("Sebut setiap SKU satu kali saja.")
        return rows


class PlannedItemOutput(serializers.Serializer[Any]):
    sku = serializers.CharField(source="variant.sku")
    price = serializers.IntegerField()
    quota = serializers.IntegerField()
    sold = serializers.IntegerField()


class StoredFlashSaleOutput(serializers.ModelSerializer[FlashSale]):
    items = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()

    class Meta:
        model = FlashSale
        fields: ClassVar = [
            "slug",
            "name",
            "starts_at",
            "ends_at",
            "per_customer_limit",
            "is_published",
            "items",
            "warnings",
        ]

    @extend_schema_field(PlannedItemOutput(many=True))
    def get_items(self, sale: FlashSale) -> Any:
        rows = sale.items.select_related("variant")
        return PlannedItemOutput(rows, many=True).data

    def get_warnings(self, sale: FlashSale) -> list[str]:
        return flash_plans.warnings(sale)


class FlashSalesView(ProgramVerbs, FlashSaleListView):
    """Flash sales: everybody reads them, programs add to them."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(
        operation_id="create_flash_sale",
        summary="Plan a flash sale; customers see it once `is_published`",
        tags=TAGS,
        request=FlashSaleInput,
        responses={201: StoredFlashSaleOutput, 404: MISSING, 409: OVERLAP},
        examples=[NEW, STORED],
    )
    def post(self, request: Request) -> Response:
        sale = _write(FlashSale(), valid(FlashSaleInput, request))
        return Response(StoredFlashSaleOutput(sale).data, status=201)


class FlashSaleView(ProgramVerbs, FlashSaleDetailView):
    """A flash sale: everybody reads it, programs change it."""

    scopes: ClassVar = {"PATCH": WRITE, "DELETE": WRITE}

    @extend_schema(
        operation_id="change_flash_sale",
        summary="Change some of a flash sale",
        description="`items` names all that stay; the others are taken out, unless "
        "pieces were sold.",
        tags=TAGS,
        request=FlashSaleInput,
        responses={200: StoredFlashSaleOutput, 404: MISSING, 409: OVERLAP},
        examples=[LATER, STORED],
    )
    def patch(self, request: Request, slug: str) -> Response:
        sale = flash_plans.find_any(slug)
        sale = _write(sale, valid(FlashSaleInput, request, partial=True))
        return Response(StoredFlashSaleOutput(sale).data)

    @extend_schema(
        operation_id="stop_flash_sale",
        summary="End a flash sale now, or take it back before it begins",
        description="Orders keep their prices.",
        tags=TAGS,
        responses={204: None, 404: MISSING},
    )
    def delete(self, request: Request, slug: str) -> Response:
        flash_plans.stop(flash_plans.find_any(slug))
        return Response(status=204)


def _write(sale: FlashSale, wanted: dict[str, Any]) -> FlashSale:
    rows = wanted.pop("items", None)
    for name, value in wanted.items():
        setattr(sale, name, value)
    if rows is None:
        return flash_plans.save(sale)
    there = {item.variant_id: item for item in sale.items.all()} if sale.pk else {}
    variants = editing.find_variants([row["sku"] for row in rows])
    items = [_item(there, variants[row["sku"]], row) for row in rows]
    return flash_plans.save(sale, items=items, removed=list(there.values()))


def _item(
    there: dict[int, FlashSaleItem], variant: Variant, row: dict[str, Any]
) -> FlashSaleItem:
    """Return the item of a row, taken out of what is there."""
    item = there.pop(variant.pk, None) or FlashSaleItem(variant=variant)
    item.price, item.quota = row["price"], row["quota"]
    return item
