"""Find products for the list page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.postgres.search import SearchRank
from django.db.models import F, Q, QuerySet

from catalog.models import Collection, Product
from catalog.services import collections, filters, words
from catalog.services.products import visible_products
from catalog.services.words import Understood
from karima.errors import Invalid

# Every order ends in the primary key, so that pages neither overlap nor skip a row, and
# goes one way in all its columns, so that a place in it is one comparison.
SORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "newest": ("-published_at", "-id"),
    "price": ("price_min", "id"),
    "-price": ("-price_min", "-id"),
    "name": ("name", "id"),
    "popular": ("-sold_count", "-id"),
    "rating": ("-rating_average", "-rating_count", "-id"),
    "discount": ("-discount_percent", "-id"),
}
RELEVANCE: Final = "relevance"
OWN_ORDER: Final = "own"

# So many are ranked by how well they match: the most popular of all that do.
RANKED = 200
# What a match is worth by where it is: description, color, kind, name.
WEIGHTS = [0.1, 0.2, 0.5, 1.0]


class UnknownCollection(Invalid):
    code = "unknown_collection"
    detail = "Koleksi tidak ditemukan."


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSearch:
    """What a customer looks for. Prices in whole rupiah.

    `chosen` are the values of the filters of `services.filters` by name. Without a
    sort, words are in the order of relevance, a collection made by hand is in its own,
    and all else is newest first.
    """

    q: str = ""
    ids: Sequence[int] = ()
    collection: str = ""
    min_price: int | None = None
    max_price: int | None = None
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sort: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The visible products that match, in the order of `sort`.

    `matching` are the same without an order, to be counted; of `products`, relevance
    keeps the most popular. `all` has no order, no price range and none of the filters
    of `terms`: facets count what each of these leaves out.
    """

    products: QuerySet[Product]
    matching: QuerySet[Product]
    sort: str
    all: QuerySet[Product]
    terms: Mapping[str, Sequence[str]]
    search: ProductSearch
    corrected: str | None = None


def find_products(search: ProductSearch) -> Found:
    """Return what matches, in the order asked for.

    A category stands for its whole subtree. A price range keeps the products that have
    a price in it. Raises UnknownValue, UnknownCategory and UnknownCollection for what
    customers cannot see. At most three queries; nothing is read yet.
    """
    found, sort = visible_products(), search.sort
    if search.ids:
        found = found.filter(pk__in=search.ids)
    terms = filters.terms(search.chosen)
    if search.collection:
        found, own_sort = in_collection(_collection(search.collection), found)
        sort = sort or own_sort
    understood = words.understand(search.q) if search.q else Understood("")
    if search.q:
        found = _saying(found, understood)
        sort = sort or RELEVANCE
    prices = _within_prices(search.min_price, search.max_price)
    matching = _having(found, terms).filter(prices)
    return Found(
        products=_sorted(matching, sort, understood),
        matching=matching.order_by(),
        sort=sort or "newest",
        all=found,
        terms=terms,
        search=search,
        corrected=understood.corrected,
    )


def from_rule(rule: Mapping[str, Any]) -> ProductSearch:
    """Return the search that the rule of a collection stands for."""
    chosen = {
        name: ["true"] if value is True else [value]
        for name, value in rule.items()
        if name in filters.GROUPS
    }
    rest = {name: value for name, value in rule.items() if name not in chosen}
    return ProductSearch(**rest, chosen=chosen)


def in_collection(
    collection: Collection, found: QuerySet[Product] | None = None
) -> tuple[QuerySet[Product], str]:
    """Return which of the products found are in a collection, and its own sort.

    Without products, all that customers may see.
    """
    found = visible_products() if found is None else found
    if collection.kind == Collection.Kind.MANUAL:
        found = found.filter(collection_items__collection=collection)
        return found.annotate(position=F("collection_items__position")), OWN_ORDER
    rule = from_rule(collection.rule)
    try:
        terms = filters.terms(rule.chosen)
    except filters.UnknownValue:
        # What it asks for is hidden now, or gone.
        return found.none(), rule.sort
    if rule.q:
        found = _saying(found, words.understand(rule.q))
    prices = _within_prices(rule.min_price, rule.max_price)
    return _having(found, terms).filter(prices), rule.sort


def _collection(slug: str) -> Collection:
    collection = collections.find(slug)
    if collection is None:
        row = {"field": "collection", "code": UnknownCollection.code}
        message = UnknownCollection.detail
        raise UnknownCollection(errors=[{**row, "message": message}])
    return collection


def _saying(found: QuerySet[Product], understood: Understood) -> QuerySet[Product]:
    if not understood.query:
        return found.none()
    return found.filter(words.matching(understood))


def _having(
    found: QuerySet[Product], terms: Mapping[str, Sequence[str]]
) -> QuerySet[Product]:
    for alternatives in terms.values():
        if len(alternatives) == 1:
            found = found.filter(filter_terms__contains=alternatives)
        else:
            found = found.filter(filter_terms__overlap=alternatives)
    return found


def _within_prices(low: int | None, high: int | None) -> Q:
    within = Q()
    if low is not None:
        within &= Q(price_max__gte=low)
    if high is not None:
        within &= Q(price_min__lte=high)
    return within


def _sorted(
    found: QuerySet[Product], sort: str, understood: Understood
) -> QuerySet[Product]:
    if sort == RELEVANCE:
        return _ranked(found, understood)
    order = ("position", "id") if sort == OWN_ORDER else SORTS[sort or "newest"]
    return found.order_by(*order)


def _ranked(found: QuerySet[Product], understood: Understood) -> QuerySet[Product]:
    """Return the most popular of what matches, the best match first.

    To rank all that matches would take the longer the more the shop sells.
    """
    popular = found.order_by(*SORTS["popular"]).values("pk")[:RANKED]
    rank = SearchRank(F("search_vector"), words.query(understood), weights=WEIGHTS)
    ranked = Product.objects.filter(pk__in=popular).annotate(rank=rank)
    return ranked.order_by("-rank", *SORTS["popular"])
