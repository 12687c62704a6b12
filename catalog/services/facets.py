"""How many products each further filter would leave."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models.expressions import RawSQL

from catalog.services import filters
from catalog.services.search import Found

FLAG_NAMES: Final = {
    "in_stock": "Ada stok",
    "on_sale": "Diskon",
    "busui": "Busui friendly",
    "wudhu": "Wudhu friendly",
    "featured": "Unggulan",
}
# Each product knows which of the filters in use it fails. One that fails none counts
# everywhere; one that fails a single filter counts among the values of that filter.
_COUNT = """
WITH found AS ({found})
SELECT term, COUNT(*), NULL::bigint
  FROM found CROSS JOIN UNNEST(found.filter_terms) AS term
 WHERE CARDINALITY(failed) = 0
    OR (CARDINALITY(failed) = 1 AND SPLIT_PART(term, ':', 1) = failed[1])
 GROUP BY term
UNION ALL
SELECT 'price:range', MIN(price_min), MAX(price_max)
  FROM found
 WHERE failed <@ ARRAY['price']
"""

_TEST = """CASE WHEN NOT "catalog_product"."filter_terms" && %s::text[]
                THEN '{name}' END"""
_PRICE_TEST = """CASE WHEN "catalog_product"."price_max" < %s::bigint
                       OR "catalog_product"."price_min" > %s::bigint
                THEN 'price' END"""

# What rows are called: as the filter takes it, as it is shown, and their order.
_NAMES = """
SELECT 'category:' || id, slug, name, path FROM catalog_category
 WHERE is_visible AND 'category:' || id = ANY(%(terms)s)
UNION ALL
SELECT 'size:' || id, LOWER(name), name, TO_CHAR(position, 'FM00000') FROM catalog_size
 WHERE 'size:' || id = ANY(%(terms)s)
UNION ALL
SELECT term, SUBSTR(term, 7), brand, LOWER(brand)
  FROM UNNEST(%(terms)s::text[]) AS term
  JOIN LATERAL (SELECT brand FROM catalog_product
                 WHERE filter_terms @> ARRAY[term] LIMIT 1) AS product ON TRUE
 WHERE term LIKE 'brand:%%'
 ORDER BY 4
"""


def count(found: Found) -> dict[str, Any]:
    """Return the values of each filter with the number of products that have them.

    A filter in use does not narrow its own values: they say what choosing another one
    would leave. `price` is the lowest and the highest price in rupiah. Two queries,
    whose work grows with the number of products found.
    """
    counts = _counts(found)
    _, low, high = counts.pop("price:range", ("", None, None))
    numbers = {term: number for term, number, _ in counts.values()}
    facets: dict[str, Any] = {name: [] for name in filters.GROUPS}
    for term, value, name in _named(found.products.db, list(numbers)):
        row = {"value": value, "name": name, "count": numbers[term]}
        facets[term.partition(":")[0]].append(row)
    return {**facets, "price": {"min": low, "max": high}}


def _counts(found: Found) -> dict[str, tuple[str, int | None, int | None]]:
    failed = RawSQL(*_failed(found))  # noqa: S611 the parts are written here
    base = found.all.order_by().annotate(failed=failed)
    columns = ("filter_terms", "price_min", "price_max", "failed")
    try:
        statement, parameters = base.values(*columns).query.sql_with_params()
    except EmptyResultSet:
        return {}
    with connections[base.db].cursor() as cursor:
        cursor.execute(_COUNT.format(found=statement), parameters)
        return {row[0]: row for row in cursor.fetchall()}


def _failed(found: Found) -> tuple[str, list[Any]]:
    """Return the SQL of the names of the filters that a product fails."""
    tests: list[str] = []
    parameters: list[Any] = []
    for name, terms in found.terms.items():
        tests.append(_TEST.format(name=name))
        parameters.append(list(terms))
    search = found.search
    if search.min_price is not None or search.max_price is not None:
        tests.append(_PRICE_TEST)
        parameters += [search.min_price, search.max_price]
    return f"ARRAY_REMOVE(ARRAY[{', '.join(tests)}]::text[], NULL)", parameters


def _named(alias: str, terms: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield term, value and name of what can be shown, in the order to show it."""
    present = set(terms)
    for term, value, name in _fixed():
        if term in present:
            yield term, value, name
    with connections[alias].cursor() as cursor:
        cursor.execute(_NAMES, {"terms": sorted(terms)})
        for term, value, name, _ in cursor.fetchall():
            yield term, value, name


def _fixed() -> Iterator[tuple[str, str, str]]:
    for name, choices in {**filters.FAMILIES, **filters.CLOSED}.items():
        for value, label in choices.choices:
            slug = filters.family_slug(value)
            yield f"{name}:{slug}", slug, label
    for name, label in FLAG_NAMES.items():
        yield f"{name}:true", "true", label
