"""The product list, under its own address and those that say a part of the query."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request

from catalog.api import examples
from catalog.api.answering import CatalogView, from_replica, joined, moved
from catalog.api.paging import ProductPages
from catalog.api.parameters import ListRequest, ProductListParameters, read_list
from catalog.api.serializers import ProductCardOutput
from catalog.api.views import MOVED, NOT_FOUND, REFUSED, UNCHANGED
from catalog.services import categories, facets, listing, search
from catalog.services.categories import CategoryNotFound

DESCRIPTION = (
    "An unknown parameter is refused, so that a misspelt filter does not answer with "
    "everything. `utm_*`, `fbclid` and `gclid` are ignored. Filters with several "
    "values take them with commas between, or repeated, and keep products that have "
    "one of them; all filters must hold. Pages reach the first 1,000 products; a "
    "cursor goes on."
)


class ListView(CatalogView):
    pagination_class = ProductPages

    def listed(self, request: Request, preset: Mapping[str, Any]) -> HttpResponse:
        """Return the page that the query and the address ask for."""
        asked = read_list(request.query_params, preset)
        found = search.find_products(asked.search)
        pages = self.pagination_class()
        members: dict[str, Any] = {}
        if asked.cursor is None:
            most = listing.most(found)
            pages.read_within(request, most=most)
            page = listing.numbered(found, start=pages.start, stop=pages.stop)
            members["pagination"] = pages.numbered_summary(page, most=most)
        else:
            pages.read(request)
            page = listing.onward(found, cursor=asked.cursor, limit=pages.limit)
            members["pagination"] = pages.cursor_summary(page)
        if found.corrected:
            members["corrected_q"] = found.corrected
        if asked.has_facets:
            members["facets"] = facets.count(found)
        return self.ready(request, joined(_sparse(page.cards, asked), **members))


class ProductListView(ListView):
    @extend_schema(
        operation_id="list_products",
        summary="Search, filter and sort what is on sale",
        description=DESCRIPTION,
        tags=["catalog"],
        parameters=[ProductListParameters],
        responses={200: ProductCardOutput(many=True), 304: UNCHANGED, 400: REFUSED},
        examples=[examples.PRODUCT_CARD],
    )
    @from_replica
    def get(self, request: Request) -> HttpResponse:
        return self.listed(request, {})


def _preset_list(name: str, summary: str, preset: Mapping[str, Any]) -> type[ListView]:
    """Return the list under an address that says a part of the query."""
    parameters = type(
        f"{name.title()}Parameters", (ProductListParameters,), dict.fromkeys(preset)
    )

    class PresetListView(ListView):
        @extend_schema(
            operation_id=f"list_{name}_products",
            summary=summary,
            description=DESCRIPTION,
            tags=["catalog"],
            parameters=[parameters],
            responses={200: ProductCardOutput(many=True), 304: UNCHANGED, 400: REFUSED},
            examples=[examples.PRODUCT_CARD],
        )
        @from_replica
        def get(self, request: Request) -> HttpResponse:
            return self.listed(request, preset)

    return PresetListView


ProductSearchView = _preset_list("search", "The product list, by its older name", {})
FeaturedView = _preset_list("featured", "What the shop features", {"featured": True})
BestsellersView = _preset_list(
    "bestselling", "What sells most, first", {"sort": "popular"}
)
NewProductsView = _preset_list("new", "The newest first", {"sort": "newest"})


class CategoryProductsParameters(ProductListParameters):
    category = None  # type: ignore[assignment]  # so a serializer drops a field


class CategoryProductsView(ListView):
    @extend_schema(
        operation_id="list_products_of_category",
        summary="The products of a category and of all below it",
        description=DESCRIPTION,
        tags=["catalog"],
        parameters=[CategoryProductsParameters],
        responses={
            200: ProductCardOutput(many=True),
            304: UNCHANGED,
            308: MOVED,
            400: REFUSED,
            404: NOT_FOUND,
        },
        examples=[examples.PRODUCT_CARD],
    )
    @from_replica
    def get(self, request: Request, slug: str) -> HttpResponse:
        if not categories.is_visible(slug):
            now = categories.slug_now(slug)
            return moved("category-products", now, CategoryNotFound)
        return self.listed(request, {"category": [slug]})


@extend_schema_view(get=extend_schema(operation_id="list_products_by_category"))
class ProductsByCategoryView(CategoryProductsView):
    """The same, by its older address."""


def _sparse(cards: Sequence[str], asked: ListRequest) -> Sequence[str]:
    """Return the cards with the members asked for."""
    if not asked.fields:
        return cards
    wanted = frozenset(asked.fields)
    return [
        orjson.dumps(
            {
                name: value
                for name, value in orjson.loads(card).items()
                if name in wanted
            }
        ).decode()
        for card in cards
    ]
