"""The public catalogue: the same for everybody, from documents that are ready."""

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from catalog.api import examples
from catalog.api.answering import CatalogView, from_replica, joined, moved
from catalog.api.serializers import (
    CategoryDetailOutput,
    CategoryStatsOutput,
    CategoryTreeOutput,
    ProductDetailOutput,
    RelatedOutput,
)
from catalog.services import categories, reading
from catalog.services.categories import CategoryNode, CategoryNotFound
from catalog.services.products import ProductNotFound

REFUSED = OpenApiResponse(description="A parameter is unknown or wrong.")
NOT_FOUND = OpenApiResponse(description="There is no such thing on sale.")
UNCHANGED = OpenApiResponse(description="Unchanged since the ETag that was sent.")
MOVED = OpenApiResponse(description="It has another slug now: see `Location`.")


class ProductDetailView(CatalogView):
    @extend_schema(
        operation_id="retrieve_product",
        summary="One product with its variants",
        tags=["catalog"],
        responses={
            200: ProductDetailOutput,
            304: UNCHANGED,
            308: MOVED,
            404: NOT_FOUND,
        },
        examples=[examples.PRODUCT_DETAIL],
    )
    @from_replica
    def get(self, request: Request, slug: str) -> HttpResponse:
        document = reading.detail(slug)
        if document is not None:
            return self.ready(request, document.encode())
        return moved("product-detail", reading.slug_now(slug), ProductNotFound)


class RelatedProductsView(CatalogView):
    @extend_schema(
        operation_id="list_related_products",
        summary="What the shop shows beside a product",
        tags=["catalog"],
        responses={200: RelatedOutput, 304: UNCHANGED, 404: NOT_FOUND},
        examples=[examples.RELATED],
    )
    @from_replica
    def get(self, request: Request, slug: str) -> HttpResponse:
        if not reading.is_visible(slug):
            return moved("product-related", reading.slug_now(slug), ProductNotFound)
        cards = reading.cards(reading.related(slug), start=0, stop=reading.MAX_RELATED)
        return self.ready(request, joined(cards))


class CategoryTreeView(CatalogView):
    @extend_schema(
        operation_id="list_categories",
        summary="The tree of categories with the number of products",
        tags=["catalog"],
        responses={200: CategoryTreeOutput, 304: UNCHANGED},
        examples=[examples.CATEGORY_TREE],
    )
    @from_replica
    def get(self, request: Request) -> HttpResponse:
        results = [asdict(node) for node in categories.tree()]
        return self.ready(request, {"results": results})


class CategoryStatsView(CatalogView):
    @extend_schema(
        operation_id="list_category_stats",
        summary="Each category with its products, those in stock, and its prices",
        tags=["catalog"],
        responses={200: CategoryStatsOutput, 304: UNCHANGED},
        examples=[examples.CATEGORY_STATS],
    )
    @from_replica
    def get(self, request: Request) -> HttpResponse:
        return self.ready(request, {"results": categories.stats()})


class CategoryDetailView(CatalogView):
    @extend_schema(
        operation_id="retrieve_category",
        summary="One category, what is above and what is below it",
        tags=["catalog"],
        responses={
            200: CategoryDetailOutput,
            304: UNCHANGED,
            308: MOVED,
            404: NOT_FOUND,
        },
        examples=[examples.CATEGORY_DETAIL],
    )
    @from_replica
    def get(self, request: Request, slug: str) -> HttpResponse:
        way = categories.way_to(slug)
        if not way:
            now = categories.slug_now(slug)
            return moved("category-detail", now, CategoryNotFound)
        breadcrumbs = [_link(node) for node in way]
        page = categories.page_of(slug)
        return self.ready(
            request, {**asdict(way[-1]), **page, "breadcrumbs": breadcrumbs}
        )


def _link(node: CategoryNode) -> dict[str, Any]:
    return {"slug": node.slug, "name": node.name}
