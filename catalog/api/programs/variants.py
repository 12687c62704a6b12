"""Variants and their stock, for programs alone."""

from collections.abc import Iterable
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.programs import ProgramView, program_of
from catalog.api.programs import examples
from catalog.api.programs.inputs import (
    NewVariantInput,
    ProductCountInput,
    ProductDeliveryInput,
    VariantCountInput,
    VariantDeliveryInput,
    VariantInput,
)
from catalog.api.programs.outputs import (
    StockListOutput,
    StockOutput,
    StoredVariantOutput,
    stock_document,
)
from catalog.api.programs.products import MISSING, PARTLY, TAGS, TAKEN, WRITE, valid
from catalog.models import Product, Variant
from catalog.services import deliveries, editing, stock
from catalog.services.editing import SkuNotFound

REFUSED = OpenApiResponse(
    description="More is promised to orders, or the delivery was booked before."
)
STOCK_SCOPES = {"GET": "stock:read", "PUT": "stock:write", "POST": "stock:write"}


class VariantsView(ProgramView):
    """Variants, for programs with an API key."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(
        operation_id="create_variant",
        summary="Add a variant to a product",
        tags=TAGS,
        request=NewVariantInput,
        responses={201: StoredVariantOutput, 404: MISSING, 409: TAKEN},
        examples=[examples.NEW_VARIANT, examples.VARIANT],
    )
    def post(self, request: Request) -> Response:
        wanted = valid(NewVariantInput, request)
        product = editing.find_product(wanted.pop("product"))
        variant = editing.write_variant(
            Variant(product=product), wanted, actor=program_of(request)
        )
        return Response(StoredVariantOutput(variant).data, status=201)


class VariantView(ProgramView):
    """A variant, for programs with an API key."""

    scopes: ClassVar = {"PUT": WRITE, "PATCH": WRITE, "DELETE": WRITE}

    @extend_schema(
        operation_id="replace_variant",
        summary="Change a variant, all that it cannot do without",
        description=PARTLY,
        tags=TAGS,
        request=VariantInput,
        responses={200: StoredVariantOutput, 404: MISSING, 409: TAKEN},
        examples=[examples.CHANGED_VARIANT, examples.VARIANT],
    )
    def put(self, request: Request, variant_id: int) -> Response:
        return self._change(request, variant_id, partial=False)

    @extend_schema(
        operation_id="change_variant",
        summary="Change some of a variant",
        description=PARTLY,
        tags=TAGS,
        request=VariantInput,
        responses={200: StoredVariantOutput, 404: MISSING, 409: TAKEN},
        examples=[examples.NEW_PRICE, examples.VARIANT],
    )
    def patch(self, request: Request, variant_id: int) -> Response:
        return self._change(request, variant_id, partial=True)

    @extend_schema(
        operation_id="retire_variant",
        summary="Take a variant off sale",
        description="It is switched off: orders and stock go on referring to it.",
        tags=TAGS,
        responses={204: None, 404: MISSING},
    )
    def delete(self, request: Request, variant_id: int) -> Response:
        editing.write_variant(
            editing.find_variant(variant_id),
            {"is_active": False},
            actor=program_of(request),
        )
        return Response(status=204)

    def _change(self, request: Request, variant_id: int, *, partial: bool) -> Response:
        variant = editing.find_variant(variant_id)
        changes = valid(VariantInput, request, partial=partial)
        written = editing.write_variant(variant, changes, actor=program_of(request))
        return Response(StoredVariantOutput(written).data)


class VariantStockView(ProgramView):
    """The stock of a variant, for programs with an API key."""

    scopes: ClassVar = STOCK_SCOPES

    @extend_schema(
        operation_id="retrieve_variant_stock",
        summary="How many there are of a variant",
        tags=TAGS,
        responses={200: StockOutput, 404: MISSING},
        examples=[examples.STOCK],
    )
    def get(self, request: Request, variant_id: int) -> Response:
        variant = editing.find_variant(variant_id)
        return Response(StockOutput(stock_document(variant)).data)

    @extend_schema(
        operation_id="count_variant_stock",
        summary="Set the stock of a variant to what was counted",
        tags=TAGS,
        request=VariantCountInput,
        responses={200: StockOutput, 404: MISSING, 409: REFUSED},
        examples=[examples.COUNT, examples.STOCK],
    )
    def put(self, request: Request, variant_id: int) -> Response:
        variant = editing.find_variant(variant_id)
        body = valid(VariantCountInput, request)
        stock.count(
            {variant.pk: body["on_hand"]},
            actor=program_of(request),
            note=body["note"],
            reason=body["reason"],
        )
        return self.get(request, variant_id)

    @extend_schema(
        operation_id="receive_variant_stock",
        summary="Book pieces of a variant that arrived",
        tags=TAGS,
        request=VariantDeliveryInput,
        responses={200: StockOutput, 404: MISSING, 409: REFUSED},
        examples=[examples.DELIVERY, examples.STOCK],
    )
    def post(self, request: Request, variant_id: int) -> Response:
        variant = editing.find_variant(variant_id)
        body = valid(VariantDeliveryInput, request)
        deliveries.receive_once(
            {variant.pk: body["quantity"]},
            reference=body["reference"],
            actor=program_of(request),
            note=body["note"],
        )
        return self.get(request, variant_id)


class ProductStockView(ProgramView):
    """Several variants of one product, all of them or none."""

    scopes: ClassVar = STOCK_SCOPES

    @extend_schema(
        operation_id="retrieve_product_stock",
        summary="How many there are of each variant of a product",
        tags=TAGS,
        responses={200: StockListOutput, 404: MISSING},
        examples=[examples.STOCK_LIST],
    )
    def get(self, request: Request, slug: str) -> Response:
        return _stock_of(editing.find_product(slug))

    @extend_schema(
        operation_id="count_product_stock",
        summary="Set the stock of variants to what was counted",
        description="Variants that are not listed stay as they are.",
        tags=TAGS,
        request=ProductCountInput,
        responses={200: StockListOutput, 404: MISSING, 409: REFUSED},
        examples=[examples.COUNTS, examples.STOCK_LIST],
    )
    def put(self, request: Request, slug: str) -> Response:
        product = editing.find_product(slug)
        body = valid(ProductCountInput, request)
        counted = _by_variant(product, body["items"], member="on_hand")
        stock.count(
            counted,
            actor=program_of(request),
            note=body["note"],
            reason=body["reason"],
        )
        return _stock_of(product)

    @extend_schema(
        operation_id="receive_product_stock",
        summary="Book pieces of several variants that arrived",
        tags=TAGS,
        request=ProductDeliveryInput,
        responses={200: StockListOutput, 404: MISSING, 409: REFUSED},
        examples=[examples.DELIVERIES, examples.STOCK_LIST],
    )
    def post(self, request: Request, slug: str) -> Response:
        product = editing.find_product(slug)
        body = valid(ProductDeliveryInput, request)
        deliveries.receive_once(
            _by_variant(product, body["items"], member="quantity"),
            reference=body["reference"],
            actor=program_of(request),
            note=body["note"],
        )
        return _stock_of(product)


def _stock_of(product: Product) -> Response:
    variants = product.variants.select_related("stock").order_by("sku")
    results = [stock_document(variant) for variant in variants]
    return Response(StockListOutput({"results": results}).data)


def _by_variant(
    product: Product, items: Iterable[dict[str, Any]], *, member: str
) -> dict[int, int]:
    """Return the number for each variant of this product that the items name.

    Raises `SkuNotFound` with a row for each that is not the product's, or is named
    twice: nobody can tell which number was meant.
    """
    known = {variant.sku.upper(): variant.pk for variant in product.variants.all()}
    numbers: dict[int, int] = {}
    wrong = []
    for index, item in enumerate(items):
        pk = known.get(item["sku"].upper())
        if pk is None or pk in numbers:
            wrong.append(_wrong_sku(index, item["sku"], is_repeated=pk is not None))
        else:
            numbers[pk] = item[member]
    if wrong:
        raise SkuNotFound(errors=wrong)
    return numbers


def _wrong_sku(index: int, sku: str, *, is_repeated: bool) -> dict[str, str]:
    message = (
        f"SKU {sku} disebut dua kali."
        if is_repeated
        else (f"Produk ini tidak punya SKU {sku}.")
    )
    code = "repeated" if is_repeated else "not_found"
    return {"field": f"items.{index}.sku", "code": code, "message": message}
