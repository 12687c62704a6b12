"""Find products for the list page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet, Subquery

from catalog.models import Category, Collection, Product
from catalog.services import collections
from catalog.services.products import visible_products
from karima.errors import Invalid

# Every order ends in the primary key, so that pages neither overlap nor skip a row.
SORTS: Final = {
    "newest": ("-published_at", "-id"),
    "price": ("price_min", "id"),
    "-price": ("-price_min", "-id"),
    "name": ("name", "id"),
}

# More words than a person types; each one is a condition of the query.
MAX_WORDS = 8


class UnknownCollection(Invalid):
    code = "unknown_collection"
    detail = "Koleksi tidak ditemukan."


class UnknownCategory(Invalid):
    code = "unknown_category"
    detail = "Kategori tidak ditemukan."


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSearch:
    """What a customer looks for. Prices in whole rupiah; False does not filter.

    Without a sort, a collection made by hand is in its order and all else newest first.
    """

    q: str = ""
    category: str = ""
    collection: str = ""
    min_price: int | None = None
    max_price: int | None = None
    in_stock: bool = False
    busui: bool = False
    wudhu: bool = False
    sort: str = ""


def find_products(search: ProductSearch) -> QuerySet[Product]:
    """Return the visible products that match, in the order asked for.

    A category stands for its whole subtree. A price range keeps the products that have
    a price in it. Raises UnknownCategory and UnknownCollection for a slug that
    customers cannot see.
    """
    found = visible_products()
    order: Sequence[str] = SORTS[search.sort or "newest"]
    if search.category:
        found = found.filter(category__path__startswith=_path(search.category))
    if search.collection:
        found, own_order = in_collection(_collection(search.collection), found)
        order = SORTS[search.sort] if search.sort else own_order
    return _matching(found, search).order_by(*order)


def _matching(found: QuerySet[Product], search: ProductSearch) -> QuerySet[Product]:
    for word in search.q.lower().split()[:MAX_WORDS]:
        found = found.filter(search_text__contains=word)
    return _with_attributes(_within_prices(found, search), search)


def in_collection(
    collection: Collection, found: QuerySet[Product] | None = None
) -> tuple[QuerySet[Product], Sequence[str]]:
    """Return which of the products found are in a collection, and its own order.

    Without products, all that customers may see.
    """
    found = visible_products() if found is None else found
    if collection.kind == Collection.Kind.MANUAL:
        order = ("collection_items__position", "collection_items__id")
        return found.filter(collection_items__collection=collection), order
    rule = ProductSearch(**collection.rule)
    if rule.category:
        path = visible_paths().filter(slug=rule.category)
        below = Category.objects.filter(path__startswith=Subquery(path))
        found = found.filter(category__in=below)
    return _matching(found, rule), SORTS[rule.sort or "newest"]


def visible_paths() -> QuerySet[Category, str]:
    return Category.objects.filter(is_visible=True).values_list("path", flat=True)


def _path(slug: str) -> str:
    path = visible_paths().filter(slug=slug).first()
    if path is None:
        raise UnknownCategory(errors=[_row("category", UnknownCategory)])
    return path


def _collection(slug: str) -> Collection:
    collection = collections.find(slug)
    if collection is None:
        raise UnknownCollection(errors=[_row("collection", UnknownCollection)])
    return collection


def _row(field: str, error: type[Invalid]) -> dict[str, str]:
    return {"field": field, "code": error.code, "message": error.detail}


def _within_prices(
    found: QuerySet[Product], search: ProductSearch
) -> QuerySet[Product]:
    if search.min_price is not None:
        found = found.filter(price_max__gte=search.min_price)
    if search.max_price is not None:
        found = found.filter(price_min__lte=search.max_price)
    return found


def _with_attributes(
    found: QuerySet[Product], search: ProductSearch
) -> QuerySet[Product]:
    if search.busui:
        found = found.filter(is_busui_friendly=True)
    if search.wudhu:
        found = found.filter(is_wudhu_friendly=True)
    if search.in_stock:
        found = found.filter(in_stock=True)
    return found
