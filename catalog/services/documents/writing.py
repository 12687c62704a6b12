"""Write the documents of products, and what products repeat of their variants."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from catalog.models import BundleItem, Product, ProductDocument, Variant
from catalog.models.document import BEGINNING
from catalog.services.documents.bundle import rewrite_bundles_of
from catalog.services.documents.card import card
from catalog.services.documents.detail import detail
from catalog.services.documents.periods import periods
from catalog.services.documents.source import Source, read
from catalog.services.documents.summary import forget_words, summarize

# So many products are written with one set of queries.
BATCH = 500

# A document that says what it said before is not written: the version stays.
_STORE = """
INSERT INTO catalog_productdocument AS document
       (product_id, starts_at, ends_at, card, detail)
SELECT * FROM UNNEST(%s::bigint[], %s::timestamptz[], %s::timestamptz[],
                     %s::text[], %s::text[])
ON CONFLICT (product_id, starts_at) DO UPDATE
   SET ends_at = EXCLUDED.ends_at, card = EXCLUDED.card, detail = EXCLUDED.detail
 WHERE (document.ends_at, document.card, document.detail)
       IS DISTINCT FROM (EXCLUDED.ends_at, EXCLUDED.card, EXCLUDED.detail)
RETURNING product_id
"""
_DROP = """
DELETE FROM catalog_productdocument
 WHERE product_id = ANY(%s)
   AND (product_id, starts_at) NOT IN
       (SELECT * FROM UNNEST(%s::bigint[], %s::timestamptz[]))
RETURNING product_id
"""


def rewrite(product_ids: Iterable[int]) -> None:
    """Write anew all that is repeated of these products; what is the same stays.

    Call it in the transaction that changes a product or what its documents show of
    others, after the change and after all changes of stock: product rows are locked
    here, by primary key, and stock before them. The lock comes first, since a reader
    that waited for another change must see it. Longer lists go in batches. The
    bundles that hold a variant of these products follow, after all products.
    """
    ids = set(product_ids)
    for batch in _batches(ids):
        with transaction.atomic():
            _write(batch)
    if ids:
        rewrite_bundles_of(ids)


def rewrite_variants(variant_ids: Iterable[int]) -> None:
    """Write anew the documents of the products that have these variants."""
    chosen = Variant.objects.filter(pk__in=list(variant_ids)).order_by()
    rewrite(chosen.values_list("product_id", flat=True).distinct())


def rewrite_where(condition: Q) -> None:
    """Write anew the documents of the products that match, as `rewrite` does."""
    rewrite(Product.objects.filter(condition).order_by().values_list("pk", flat=True))


def follow_prices() -> int:
    """Write anew the products whose price has changed by plan; return how many.

    Their documents changed at the moment itself. What lists are filtered and sorted by
    follows here, a minute later at most, and documents of the past are dropped.
    """
    begun = ProductDocument.objects.filter(
        starts_at__gt=BEGINNING, starts_at__lte=timezone.now()
    )
    chosen = list(begun.order_by().values_list("product_id", flat=True).distinct())
    rewrite(chosen)
    return len(chosen)


def rebuild() -> Iterator[int]:
    """Write all documents, each batch in its transaction; yield how many are done.

    Then the search forgets the words that no product says any more.
    """
    done = 0
    for batch in _batches(_all()):
        rewrite(batch)
        done += len(batch)
        yield done
    forget_words()


def verify() -> Iterator[tuple[int, list[int]]]:
    """Yield how many products were compared and which of them are not as they should.

    What `rewrite` would change is out of date: so are the products of a flash sale for
    a minute after it begins or ends, until `follow_prices`. A bundle that is counts for
    the first of the products in it. Changes nothing; locks the rows of one batch at a
    time.
    """
    done = 0
    for batch in _batches(_all()):
        with transaction.atomic():
            wrong = _write(batch) | _products_of(rewrite_bundles_of(batch))
            transaction.set_rollback(True)
        done += len(batch)
        yield done, sorted(wrong)


def _all() -> Iterable[int]:
    return Product.objects.order_by("pk").values_list("pk", flat=True)


def _batches(product_ids: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(set(product_ids))
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]


def _write(product_ids: Sequence[int]) -> set[int]:
    """Write one batch; return the products that were not up to date."""
    chosen = Product.objects.filter(pk__in=product_ids).order_by("pk")
    list(chosen.select_for_update(no_key=True).values_list("pk"))
    now = timezone.now()
    with connection.cursor() as cursor:
        changed = summarize(cursor, product_ids, at=now)
        rows = _documents(read(product_ids, at=now))
        columns = [[row[column] for row in rows] for column in range(5)]
        changed |= _ids(cursor, _STORE, columns)
        return changed | _ids(cursor, _DROP, [product_ids, *columns[:2]])


def _products_of(bundle_ids: set[int]) -> set[int]:
    """Return the first product of each bundle, which names it in reports."""
    items = BundleItem.objects.filter(bundle__in=bundle_ids).order_by("bundle_id", "id")
    firsts = items.distinct("bundle").values_list("variant__product", flat=True)
    return set(firsts)


def _ids(cursor: Any, statement: str, parameters: Any) -> set[int]:
    cursor.execute(statement, parameters)
    return {product_id for (product_id,) in cursor.fetchall()}


def _documents(source: Source) -> list[tuple[Any, ...]]:
    """Return (product, start, end, card, detail), one for each period of each product.

    The moments at which a price changes are in the documents: they are exact, whatever
    the jobs do.
    """
    return [
        (
            product["id"],
            start,
            end,
            orjson.dumps(card(product, then)).decode(),
            orjson.dumps(detail(product, then)).decode(),
        )
        for listed in source.products
        for start, end, product, then in periods(listed, source)
    ]
