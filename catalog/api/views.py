"""The public catalogue. The same for everybody, so any cache may keep it a minute."""

from dataclasses import asdict
from typing import Any

from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import examples
from catalog.api.cards import build_cards, card_rows
from catalog.api.details import build_detail
from catalog.api.parameters import ProductListParameters, read_search
from catalog.api.serializers import (
    CategoryDetailOutput,
    CategoryTreeOutput,
    ProductCardOutput,
    ProductDetailOutput,
)
from catalog.services import categories, products, search
from catalog.services.categories import CategoryNode
from karima.api import PagePagination, PublicView
from karima.replica import prefer_replica

CACHE_CONTROL = "public, max-age=60"

REFUSED = OpenApiResponse(description="A parameter is unknown or wrong.")
NOT_FOUND = OpenApiResponse(description="There is no such thing on sale.")
UNCHANGED = OpenApiResponse(description="Unchanged since the ETag that was sent.")


@method_decorator(conditional_page, name="dispatch")
class CatalogView(PublicView):
    """A public read with an ETag of its content; refusals are not kept by caches."""

    rate_limit = "catalog"

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = (
            CACHE_CONTROL if answer.status_code == 200 else "no-store"
        )
        return answer


class ProductListView(CatalogView):
    pagination_class = PagePagination

    @extend_schema(
        operation_id="list_products",
        summary="Search, filter and sort what is on sale",
        description=(
            "An unknown parameter is refused, so that a misspelt filter does not "
            "answer with everything. `utm_*`, `fbclid` and `gclid` are ignored."
        ),
        tags=["catalog"],
        parameters=[ProductListParameters],
        responses={
            200: ProductCardOutput(many=True),
            304: UNCHANGED,
            400: REFUSED,
        },
        examples=[examples.PRODUCT_CARD],
    )
    @prefer_replica
    def get(self, request: Request) -> Response:
        found = search.find_products(read_search(request.query_params))
        pages = self.pagination_class()
        rows = pages.paginate_queryset(card_rows(found), request, self)
        cards = build_cards(rows, absolute=request.build_absolute_uri)
        return pages.get_paginated_response(cards)


class ProductDetailView(CatalogView):
    @extend_schema(
        operation_id="retrieve_product",
        summary="One product with its variants",
        tags=["catalog"],
        responses={200: ProductDetailOutput, 304: UNCHANGED, 404: NOT_FOUND},
        examples=[examples.PRODUCT_DETAIL],
    )
    @prefer_replica
    def get(self, request: Request, slug: str) -> Response:
        product = products.find_visible(slug)
        return Response(build_detail(product, absolute=request.build_absolute_uri))


class CategoryTreeView(CatalogView):
    @extend_schema(
        operation_id="list_categories",
        summary="The tree of categories with the number of products",
        tags=["catalog"],
        responses={200: CategoryTreeOutput, 304: UNCHANGED},
        examples=[examples.CATEGORY_TREE],
    )
    @prefer_replica
    def get(self, request: Request) -> Response:
        return Response({"results": [asdict(node) for node in categories.tree()]})


class CategoryDetailView(CatalogView):
    @extend_schema(
        operation_id="retrieve_category",
        summary="One category, what is above and what is below it",
        tags=["catalog"],
        responses={200: CategoryDetailOutput, 304: UNCHANGED, 404: NOT_FOUND},
        examples=[examples.CATEGORY_DETAIL],
    )
    @prefer_replica
    def get(self, request: Request, slug: str) -> Response:
        category, way = categories.find(slug)
        breadcrumbs = [_link(node) for node in way]
        return Response({**asdict(category), "breadcrumbs": breadcrumbs})


def _link(node: CategoryNode) -> dict[str, str]:
    return {"slug": node.slug, "name": node.name}
