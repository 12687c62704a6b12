"""The rating of a product, which the app above counts from its reviews."""

from collections.abc import Mapping
from decimal import Decimal

from catalog.models import Product
from catalog.services import documents

STARS = range(1, 6)


def lock(product_id: int) -> None:
    """Let nobody else count the reviews of a product until the transaction ends."""
    rows = Product.objects.select_for_update(no_key=True).filter(pk=product_id)
    rows.values_list("pk").get()


def record(product_id: int, *, counts: Mapping[int, int]) -> None:
    """Write how many reviews gave how many stars, and what is shown of it.

    Must run in the transaction that changes the reviews, after `lock`.
    """
    per_star = [counts.get(stars, 0) for stars in STARS]
    total = sum(per_star)
    points = sum(stars * count for stars, count in zip(STARS, per_star, strict=True))
    average = round(Decimal(points) / total, 2) if total else Decimal(0)
    Product.objects.filter(pk=product_id).update(
        rating_counts=per_star, rating_count=total, rating_average=average
    )
    documents.rewrite([product_id])
