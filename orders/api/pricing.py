"""What a basket would cost, before there is one. Writes nothing."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.pricing import (
    EXPLAINED,
    CalculatedOutput,
    CalculateInput,
    PersonalView,
    find_sku,
    price_document,
)
from catalog.services import pricing
from catalog.services.pricing import WantedLine
from orders.services.cart import MAX_LINES


class OrderSummaryInput(serializers.Serializer[Any]):
    items = serializers.ListField(
        child=CalculateInput(), allow_empty=False, max_length=MAX_LINES
    )


class OrderSummaryTotalsOutput(serializers.Serializer[Any]):
    items = serializers.IntegerField(help_text="Whole rupiah, without shipping.")
    list_items = serializers.IntegerField(help_text="The same at list prices.")
    saving = serializers.IntegerField()


class OrderPricesOutput(serializers.Serializer[Any]):
    items = CalculatedOutput(many=True)
    totals = OrderSummaryTotalsOutput()


class OrderSummaryView(PersonalView):
    @extend_schema(
        operation_id="price_order",
        summary="What several SKUs cost together, and why",
        tags=["pricing"],
        request=OrderSummaryInput,
        responses=OrderPricesOutput,
        examples=[
            OpenApiExample(
                "Wanted",
                {"items": [{"sku": "GMS-ARUNIKA-DPK-M", "quantity": 5}]},
                request_only=True,
            ),
            OpenApiExample(
                "Prices",
                {
                    "items": [EXPLAINED],
                    "totals": {
                        "items": 1_372_750,
                        "list_items": 1_445_000,
                        "saving": 72_250,
                    },
                },
                response_only=True,
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        wanted = OrderSummaryInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        rows = wanted.validated_data["items"]
        variants = [find_sku(row["sku"]) for row in rows]
        lines = [
            WantedLine(variant.pk, row["quantity"])
            for variant, row in zip(variants, rows, strict=True)
        ]
        found = pricing.price_lines(lines, user=self.person(request), at=timezone.now())
        items = sum(line.total for line in found)
        listed = sum(line.list_price * line.quantity for line in found)
        return self.private(
            {
                "items": [
                    price_document(variant.sku, line)
                    for variant, line in zip(variants, found, strict=True)
                ],
                "totals": {
                    "items": items,
                    "list_items": listed,
                    "saving": listed - items,
                },
            }
        )
