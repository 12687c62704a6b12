"""Read the ready documents of products; nothing is built here."""

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import Product
from catalog.services.products import visible_products

# The page is cut first, by indexes of the product alone; then its few documents are
# fetched. The rows are numbered in the order in which the page delivers them.
_DOCUMENTS = """
SELECT document.{column}
  FROM (SELECT id, ROW_NUMBER() OVER () AS place FROM ({page}) AS ids) AS page
  JOIN catalog_productdocument document
    ON document.product_id = page.id AND document.starts_at <= %s
   AND (document.ends_at IS NULL OR document.ends_at > %s)
 ORDER BY page.place
"""


# More than a page shows beside a product.
MAX_RELATED = 24


def cards(found: QuerySet[Product], *, start: int, stop: int) -> list[str]:
    """Return the JSON of the cards from `start` to before `stop`, in one query."""
    return _documents("card", found, start=start, stop=stop)


def detail(slug: str) -> str | None:
    """Return the JSON of a visible product's page, in one query; None without one."""
    found = visible_products().filter(slug=slug)
    return next(iter(_documents("detail", found, start=0, stop=1)), None)


def slug_now(old_slug: str) -> str | None:
    """Return the slug of the visible product that had this one before."""
    moved = visible_products().filter(old_slugs__slug=old_slug)
    return moved.values_list("slug", flat=True).first()


def is_visible(slug: str) -> bool:
    return visible_products().filter(slug=slug).exists()


def related(slug: str) -> QuerySet[Product]:
    """Return the visible products that are shown beside another one, in order."""
    return (
        visible_products()
        .filter(shown_beside__product__slug=slug)
        .order_by("shown_beside__position", "shown_beside__id")
    )


def _documents(
    column: str, found: QuerySet[Product], *, start: int, stop: int
) -> list[str]:
    try:
        page, parameters = found.values("id")[start:stop].query.sql_with_params()
    except EmptyResultSet:
        return []
    now = timezone.now()
    with connections[found.db].cursor() as cursor:
        statement = _DOCUMENTS.format(column=column, page=page)
        cursor.execute(statement, [*parameters, now, now])
        return [document for (document,) in cursor.fetchall()]
