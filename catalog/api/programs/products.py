"""Products and categories: the public reads, and the verbs of programs."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.programs import ProgramVerbs, program_of
from catalog.api.lists import ProductListView
from catalog.api.programs import examples
from catalog.api.programs.inputs import CategoryInput, ProductInput
from catalog.api.programs.outputs import (
    StoredCategoryOutput,
    StoredProductOutput,
    product_document,
)
from catalog.api.views import CategoryDetailView, CategoryTreeView, ProductDetailView
from catalog.models import Category, Product
from catalog.services import editing

TAGS = ["programs"]
WRITE = "catalog:write"
TAKEN = OpenApiResponse(description="Something else has this slug, SKU or barcode.")
MISSING = OpenApiResponse(description="There is no such thing.")
PARTLY = "What is left out stays as it is; members that are not listed are ignored."


class ProductsView(ProgramVerbs, ProductListView):
    """Products: everybody reads what is on sale, programs add to it."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(
        operation_id="create_product",
        summary="Add a product; a draft unless `status` says otherwise",
        tags=TAGS,
        request=ProductInput,
        responses={201: StoredProductOutput, 409: TAKEN},
        examples=[examples.NEW_PRODUCT, examples.PRODUCT],
    )
    def post(self, request: Request) -> Response:
        wanted = valid(ProductInput, request)
        product = editing.write_product(Product(), wanted, actor=program_of(request))
        return Response(product_document(product), status=201)


class ProductView(ProgramVerbs, ProductDetailView):
    """A product: everybody reads it, programs change it."""

    scopes: ClassVar = {"PUT": WRITE, "PATCH": WRITE, "DELETE": WRITE}

    @extend_schema(
        operation_id="replace_product",
        summary="Change a product, name and category at least",
        description=f"By its slug or its id. {PARTLY}",
        tags=TAGS,
        request=ProductInput,
        responses={200: StoredProductOutput, 404: MISSING, 409: TAKEN},
        examples=[examples.NEW_PRODUCT, examples.PRODUCT],
    )
    def put(self, request: Request, slug: str) -> Response:
        return _change_product(request, slug, partial=False)

    @extend_schema(
        operation_id="change_product",
        summary="Change some of a product",
        description=f"By its slug or its id. {PARTLY}",
        tags=TAGS,
        request=ProductInput,
        responses={200: StoredProductOutput, 404: MISSING, 409: TAKEN},
        examples=[examples.PUBLISH, examples.PRODUCT],
    )
    def patch(self, request: Request, slug: str) -> Response:
        return _change_product(request, slug, partial=True)

    @extend_schema(
        operation_id="archive_product",
        summary="Take a product off sale",
        description="It is archived: orders and stock go on referring to it.",
        tags=TAGS,
        responses={204: None, 404: MISSING},
    )
    def delete(self, request: Request, slug: str) -> Response:
        product = editing.find_product(slug)
        archived = {"status": Product.Status.ARCHIVED}
        editing.write_product(product, archived, actor=program_of(request))
        return Response(status=204)


class CategoriesView(ProgramVerbs, CategoryTreeView):
    """The categories: everybody reads them, programs add to them."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(
        operation_id="create_category",
        summary="Add a category",
        tags=TAGS,
        request=CategoryInput,
        responses={201: StoredCategoryOutput, 409: TAKEN},
        examples=[examples.NEW_CATEGORY, examples.CATEGORY],
    )
    def post(self, request: Request) -> Response:
        category = editing.write_category(Category(), valid(CategoryInput, request))
        return Response(StoredCategoryOutput(category).data, status=201)


class CategoryView(ProgramVerbs, CategoryDetailView):
    """A category: everybody reads it, programs change it."""

    scopes: ClassVar = {"PUT": WRITE, "PATCH": WRITE, "DELETE": WRITE}

    @extend_schema(
        operation_id="replace_category",
        summary="Change a category, its name at least",
        description=PARTLY,
        tags=TAGS,
        request=CategoryInput,
        responses={200: StoredCategoryOutput, 404: MISSING, 409: TAKEN},
        examples=[examples.NEW_CATEGORY, examples.CATEGORY],
    )
    def put(self, request: Request, slug: str) -> Response:
        return _change_category(request, slug, partial=False)

    @extend_schema(
        operation_id="change_category",
        summary="Change some of a category",
        description=PARTLY,
        tags=TAGS,
        request=CategoryInput,
        responses={200: StoredCategoryOutput, 404: MISSING, 409: TAKEN},
        examples=[examples.MOVE_CATEGORY, examples.CATEGORY],
    )
    def patch(self, request: Request, slug: str) -> Response:
        return _change_category(request, slug, partial=True)

    @extend_schema(
        operation_id="hide_category",
        summary="Hide a category and all below it",
        description="It is switched off: products go on belonging to it.",
        tags=TAGS,
        responses={204: None, 404: MISSING},
    )
    def delete(self, request: Request, slug: str) -> Response:
        editing.write_category(editing.find_category(slug), {"is_active": False})
        return Response(status=204)


def valid(serializer: Any, request: Request, *, partial: bool = False) -> Any:
    """Return what the body says. Raises DRF's `ValidationError`."""
    body = serializer(data=request.data, partial=partial)
    body.is_valid(raise_exception=True)
    return body.validated_data


def _change_product(request: Request, reference: str, *, partial: bool) -> Response:
    product = editing.find_product(reference)
    changes = valid(ProductInput, request, partial=partial)
    written = editing.write_product(product, changes, actor=program_of(request))
    return Response(product_document(written))


def _change_category(request: Request, slug: str, *, partial: bool) -> Response:
    category = editing.find_category(slug)
    changes = valid(CategoryInput, request, partial=partial)
    return Response(
        StoredCategoryOutput(editing.write_category(category, changes)).data
    )
