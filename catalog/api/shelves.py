"""Collections, and the feed that a storefront makes its sitemap from."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request

from catalog.api import examples
from catalog.api.answering import CatalogView, from_replica, moved
from catalog.api.serializers import (
    CollectionDetailOutput,
    CollectionListOutput,
    SitemapEntryOutput,
)
from catalog.api.views import MOVED, NOT_FOUND, REFUSED, UNCHANGED
from catalog.models import Collection
from catalog.services import collections, search, sitemap
from catalog.services.collections import CollectionNotFound
from catalog.services.documents import media_url
from catalog.services.search import ProductSearch
from karima.api import PagePagination


class CollectionListView(CatalogView):
    @extend_schema(
        operation_id="list_collections",
        summary="The collections that are shown now",
        tags=["catalog"],
        responses={200: CollectionListOutput, 304: UNCHANGED},
        examples=[examples.COLLECTIONS],
    )
    @from_replica
    def get(self, request: Request) -> HttpResponse:
        shown = collections.visible_collections()
        return self.ready(request, {"results": [_collection(row) for row in shown]})


class CollectionDetailView(CatalogView):
    @extend_schema(
        operation_id="retrieve_collection",
        summary="One collection; its products are `/products?collection={slug}`",
        tags=["catalog"],
        responses={
            200: CollectionDetailOutput,
            304: UNCHANGED,
            308: MOVED,
            404: NOT_FOUND,
        },
        examples=[examples.COLLECTION],
    )
    @from_replica
    def get(self, request: Request, slug: str) -> HttpResponse:
        collection = collections.find(slug)
        if collection is None:
            now = collections.slug_now(slug)
            return moved("collection-detail", now, CollectionNotFound)
        count = search.find_products(ProductSearch(collection=slug)).products.count()
        page = {
            **_collection(collection),
            "product_count": count,
            "seo": {
                "title": collection.seo_title or collection.name,
                "description": collection.seo_description or collection.description,
            },
        }
        return self.ready(request, page)


class SitemapPagination(PagePagination):
    default_limit = 1000
    max_limit = 5000


class SitemapView(CatalogView):
    pagination_class = SitemapPagination

    @extend_schema(
        operation_id="list_sitemap",
        summary="The slugs of all that is public, with their last change",
        description=(
            "For the storefront, which knows the addresses of its pages and makes "
            "sitemap.xml of them. Sorted by slug."
        ),
        tags=["catalog"],
        parameters=[
            OpenApiParameter(
                "kind", enum=list(sitemap.KINDS), default="product", required=False
            )
        ],
        responses={
            200: SitemapEntryOutput(many=True),
            304: UNCHANGED,
            400: REFUSED,
        },
        examples=[examples.SITEMAP],
    )
    @from_replica
    def get(self, request: Request) -> HttpResponse:
        kind = request.query_params.get("kind", "product")
        if kind not in sitemap.KINDS:
            message = f"Pilih salah satu: {', '.join(sitemap.KINDS)}."
            detail = exceptions.ErrorDetail(message, code="invalid_choice")
            raise exceptions.ValidationError({"kind": [detail]})
        pages = self.pagination_class()
        rows = pages.paginate_queryset(sitemap.entries(kind), request, self)
        return self.ready(request, {"results": rows, "pagination": pages.summary()})


def _collection(collection: Collection) -> dict[str, Any]:
    image = str(collection.image)
    return {
        "slug": collection.slug,
        "name": collection.name,
        "description": collection.description,
        "image": {"url": media_url(image)} if image else None,
        "starts_at": collection.starts_at,
        "ends_at": collection.ends_at,
    }
