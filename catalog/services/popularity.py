"""How many pieces of a product were sold, which the app above counts in its orders."""

from collections.abc import Mapping

from django.db import transaction

from catalog.models import Product

# So many products are locked at a time.
BATCH = 500


def record(sold: Mapping[int, int]) -> int:
    """Write the pieces sold by product, none where nothing is said; return the changes.

    Opens its own transactions; each raises the version of the catalogue, since lists
    in the order of popularity change.
    """
    counts = Product.objects.order_by("pk").values_list("pk", "sold_count")
    changed = [
        product_id
        for product_id, count in counts.iterator(chunk_size=2000)
        if count != sold.get(product_id, 0)
    ]
    for start in range(0, len(changed), BATCH):
        _write(changed[start : start + BATCH], sold)
    return len(changed)


def _write(product_ids: list[int], sold: Mapping[int, int]) -> None:
    """Lock by primary key, as whoever writes documents does."""
    with transaction.atomic():
        found = Product.objects.filter(pk__in=product_ids).order_by("pk")
        products = list(found.select_for_update(no_key=True).only("pk"))
        for product in products:
            product.sold_count = sold.get(product.pk, 0)
        Product.objects.bulk_update(products, ["sold_count"])
