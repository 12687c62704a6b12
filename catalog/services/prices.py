"""Change one list price; `services.changes` changes many, and keeps what they were."""

from accounts.models import User
from catalog.models import Variant
from catalog.services import changes
from catalog.services.changes import Edit, Source, Why
from karima.errors import Invalid


class InvalidPrice(Invalid):
    code = "invalid_price"
    title = "Invalid price"
    detail = "Harga harus lebih dari nol dan tidak melebihi harga coret."


def change_price(
    variant: Variant,
    *,
    price: int,
    compare_at_price: int | None = None,
    actor: User | None = None,
    reason: str = "",
) -> None:
    """Set a variant's price, and the price struck through beside it, in whole rupiah.

    Opens its own transaction, or joins the caller's. Raises InvalidPrice for a price of
    zero or one above the price struck through, and `changes.ChangedMeanwhile` when the
    object at hand is not what the database holds.
    """
    if price <= 0 or (compare_at_price is not None and compare_at_price < price):
        raise InvalidPrice
    after = {"price": price, "compare_at_price": compare_at_price}
    edits = [
        Edit(
            product_id=variant.product_id,
            variant_id=variant.pk,
            field=field,
            before=getattr(variant, field),
            after=value,
        )
        for field, value in after.items()
    ]
    title = f"Harga {variant.sku}"
    changes.apply(
        edits, why=Why(actor=actor, source=Source.PRICE, title=title, note=reason)
    )
    variant.price, variant.compare_at_price = price, compare_at_price
