"""Cut a page out of what was found, by number or from a place onward.

The work is bounded whatever the shop sells: pages reach the first 1,000 products, and
no more are counted. A cursor goes on without an end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.core.signing import BadSignature, Signer
from django.db import connections
from django.db.models import F, Func, IntegerField, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.utils import timezone

from catalog.models import CollectionItem, Product
from catalog.services.search import OWN_ORDER, RANKED, RELEVANCE, SORTS, Found
from karima.errors import Invalid

WINDOW: Final = 1_000
SIGNER: Final = Signer(salt="catalog.cursor")

_PAGE = """
SELECT document.card, {columns}, ({total}) AS total
  FROM (SELECT ids.*, ROW_NUMBER() OVER () AS row FROM ({page}) AS ids) AS page
  JOIN catalog_productdocument document
    ON document.product_id = page.id AND document.starts_at <= %s
   AND (document.ends_at IS NULL OR document.ends_at > %s)
 ORDER BY page.row
"""
_TOTAL = "SELECT COUNT(*) FROM ({found}) AS counted"


class InvalidCursor(Invalid):
    code = "invalid_cursor"
    detail = "Penanda halaman ini tidak berlaku. Silakan mulai dari halaman pertama."


@dataclass(frozen=True, slots=True)
class Page:
    """The JSON of its cards, and where the next one begins.

    `total` is None where nothing was counted.
    """

    cards: Sequence[str]
    next_cursor: str | None
    total: int | None = None


def most(found: Found) -> int:
    """Return how many products pages reach at most."""
    return RANKED if found.sort == RELEVANCE else WINDOW


def numbered(found: Found, *, start: int, stop: int) -> Page:
    """Return the cards from `start` to before `stop`, and the number of all.

    One query; a second one for a page behind the last.
    """
    stop = min(stop, most(found))
    products = found.products
    counted = found.matching[: most(found)]
    rows = _rows(found, products[start:stop], counted=counted)
    # No row: nothing at all, or a page behind the last.
    total = rows[0][-1] if rows else counted.count()
    has_next = start + len(rows) < total
    return Page(_cards(rows), _cursor(found, rows, stop) if has_next else None, total)


def onward(found: Found, *, cursor: str, limit: int) -> Page:
    """Return the cards from a place onward: of the first one if the cursor is empty.

    One query. Raises InvalidCursor for what is none, or is of another order.
    """
    products, start = found.products, 0
    if cursor:
        key = _read(cursor, found.sort)
        if found.sort == RELEVANCE:
            start = key[0]
        else:
            products = products.filter(_behind(found.sort, key))
    rows = _rows(found, products[start : start + limit + 1])
    has_next, rows = len(rows) > limit, rows[:limit]
    following = _cursor(found, rows, start + limit) if has_next else None
    return Page(_cards(rows), following)


def _rows(
    found: Found, page: QuerySet[Product], counted: QuerySet[Product] | None = None
) -> list[tuple[Any, ...]]:
    """Return card, key and total of each row: cut by indexes, then fetched."""
    columns = _columns(found.sort)
    try:
        cut, parameters = page.values(*columns).query.sql_with_params()
    except EmptyResultSet:
        return []
    total: tuple[str, tuple[Any, ...]] = ("NULL", ())
    if counted is not None:
        ids, own = counted.values("id").query.sql_with_params()
        total = (_TOTAL.format(found=ids), own)
    names = ", ".join(f"page.{name}" for name in columns)
    statement = _PAGE.format(columns=names, total=total[0], page=cut)
    now = timezone.now()
    with connections[page.db].cursor() as cursor:
        cursor.execute(statement, [*total[1], *parameters, now, now])
        return cursor.fetchall()


def _cards(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    return [row[0] for row in rows]


def _columns(sort: str) -> list[str]:
    """Return the columns of an order, the primary key last."""
    if sort == RELEVANCE:
        return ["id"]
    order = ("position", "id") if sort == OWN_ORDER else SORTS[sort]
    return [name.removeprefix("-") for name in order]


def _cursor(found: Found, rows: Sequence[tuple[Any, ...]], stop: int) -> str:
    """Return the place behind the last row: its key, or its number where it has none.

    Signed, so that it can be taken at its word; without a time, so that an answer
    stays the same.
    """
    key = [stop] if found.sort == RELEVANCE else [str(v) for v in rows[-1][1:-1]]
    return SIGNER.sign_object([found.sort, key])


def _read(cursor: str, sort: str) -> list[Any]:
    try:
        own_sort, key = SIGNER.unsign_object(cursor)
    except (BadSignature, ValueError) as error:
        raise _refusal() from error
    if own_sort != sort:
        raise _refusal()
    return list(key)


def _refusal() -> InvalidCursor:
    row = {"field": "cursor", "code": InvalidCursor.code}
    return InvalidCursor(errors=[{**row, "message": InvalidCursor.detail}])


class _Row(Func):
    """Several columns or values as one, which compares them from the left."""

    template = "(%(expressions)s)"
    output_field = IntegerField()


def _behind(sort: str, key: Sequence[str]) -> GreaterThan | LessThan:
    """Return the condition that a product comes after a place, for an index to answer.

    All columns of an order go the same way.
    """
    columns = _columns(sort)
    is_down = sort not in (OWN_ORDER,) and SORTS[sort][0].startswith("-")
    fields = [_field(name) for name in columns]
    values = [
        Value(field.to_python(value), output_field=field)
        for field, value in zip(fields, key, strict=True)
    ]
    place, own = _Row(*values), _Row(*(F(name) for name in columns))
    return LessThan(own, place) if is_down else GreaterThan(own, place)


def _field(name: str) -> Any:
    model = CollectionItem if name == "position" else Product
    return model._meta.get_field(name)
