"""What a piece costs the person who asks. Never kept for anybody else."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import OptionalKratosAuthentication
from accounts.models import User
from catalog.models import Variant
from catalog.services import pricing, products
from catalog.services.price_rules import REASONS
from catalog.services.pricing import PriceLine, WantedLine
from catalog.services.products import ProductNotFound

MAX_QUANTITY = 1000
EXPLAINED: dict[str, Any] = {
    "sku": "GMS-ARUNIKA-DPK-M",
    "variant_id": 11,
    "quantity": 5,
    "list_price": 289_000,
    "unit_price": 274_550,
    "price_reason": "bulk",
    "total": 1_372_750,
    "explain": [
        {
            "reason": "list",
            "unit_price": 289_000,
            "applies": True,
            "chosen": False,
            "note": "Harga daftar",
        },
        {
            "reason": "bulk",
            "unit_price": 274_550,
            "applies": True,
            "chosen": True,
            "note": "Harga grosir, mulai 5 buah",
        },
    ],
}


class CalculateInput(serializers.Serializer[Any]):
    """One SKU on sale, and how many pieces."""

    sku = serializers.CharField(max_length=40)
    quantity = serializers.IntegerField(default=1, min_value=1, max_value=MAX_QUANTITY)


class StepOutput(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=REASONS)
    unit_price = serializers.IntegerField(help_text="Whole rupiah.")
    applies = serializers.BooleanField()
    chosen = serializers.BooleanField()
    note = serializers.CharField()


class CalculatedOutput(serializers.Serializer[Any]):
    sku = serializers.CharField()
    variant_id = serializers.IntegerField()
    quantity = serializers.IntegerField()
    list_price = serializers.IntegerField()
    unit_price = serializers.IntegerField()
    price_reason = serializers.ChoiceField(choices=REASONS)
    total = serializers.IntegerField()
    explain = StepOutput(many=True)


class ProductPricesOutput(serializers.Serializer[Any]):
    product_id = serializers.IntegerField()
    slug = serializers.SlugField()
    variants = CalculatedOutput(many=True)


class PersonalView(APIView):
    """A read for one person: no cache may keep it, not even the browser's."""

    rate_limit = "cart"
    authentication_classes = (OptionalKratosAuthentication,)
    permission_classes = (AllowAny,)

    def person(self, request: Request) -> User | None:
        return request.user if isinstance(request.user, User) else None

    def private(self, data: Any) -> Response:
        return Response(data, headers={"Cache-Control": "private, no-store"})


class CalculateView(PersonalView):
    @extend_schema(
        operation_id="calculate_price",
        summary="What so many pieces of a SKU cost whoever asks, and why",
        tags=["pricing"],
        parameters=[CalculateInput],
        responses=CalculatedOutput,
        examples=[OpenApiExample("Bulk", EXPLAINED, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        return self._answer(request, request.query_params.dict())

    @extend_schema(
        operation_id="calculate_price_of_body",
        summary="The same, asked by a body",
        tags=["pricing"],
        request=CalculateInput,
        responses=CalculatedOutput,
        examples=[OpenApiExample("Bulk", EXPLAINED, response_only=True)],
    )
    def post(self, request: Request) -> Response:
        return self._answer(request, request.data)

    def _answer(self, request: Request, given: Any) -> Response:
        wanted = CalculateInput(data=given)
        wanted.is_valid(raise_exception=True)
        variant = find_sku(wanted.validated_data["sku"])
        lines = [WantedLine(variant.pk, wanted.validated_data["quantity"])]
        [line] = pricing.price_lines(
            lines, user=self.person(request), at=timezone.now()
        )
        return self.private(price_document(variant.sku, line))


class ProductPricesView(PersonalView):
    @extend_schema(
        operation_id="retrieve_product_prices",
        summary="What one piece of each SKU of a product costs whoever asks",
        tags=["pricing"],
        responses=ProductPricesOutput,
        examples=[
            OpenApiExample(
                "Prices",
                {"product_id": 1, "slug": "gamis-arunika", "variants": [EXPLAINED]},
            )
        ],
    )
    def get(self, request: Request, product_id: int) -> Response:
        product = products.visible_products().filter(pk=product_id).first()
        if product is None:
            raise ProductNotFound
        variants = list(product.variants.filter(is_active=True).order_by("id"))
        # Each for itself: they are not a basket.
        found = _prices(variants, user=self.person(request))
        return self.private(
            {"product_id": product.pk, "slug": product.slug, "variants": found}
        )


def _prices(variants: Sequence[Variant], *, user: User | None) -> list[dict[str, Any]]:
    at = timezone.now()
    lines = [WantedLine(variant.pk, 1) for variant in variants]
    priced = pricing.price_each(lines, user=user, at=at)
    return [
        price_document(variant.sku, line)
        for variant, line in zip(variants, priced, strict=True)
    ]


def find_sku(sku: str) -> Variant:
    """Return a variant on sale by its SKU. Raises ProductNotFound."""
    variant = products.buyable_variants().filter(sku__iexact=sku).first()
    if variant is None:
        raise ProductNotFound
    return variant


def price_document(sku: str, line: PriceLine) -> dict[str, Any]:
    return {
        "sku": sku,
        "variant_id": line.variant_id,
        "quantity": line.quantity,
        "list_price": line.list_price,
        "unit_price": line.unit_price,
        "price_reason": line.reason,
        "total": line.total,
        "explain": [asdict(step) for step in line.explain],
    }
