"""What an order costs: pure functions over whole rupiah."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A variant with the price that holds now, in rupiah, and its weight in grams."""

    variant_id: int
    sku: str
    product_name: str
    product_slug: str
    color: str
    size: str
    image: str
    quantity: int
    unit_price: int
    weight_grams: int
    list_price: int
    price_reason: str = "list"
    flash_item_id: int | None = None
    # Off the whole line. In a bundle, what it saves on this line; `bundle_id` is its.
    discount: int = 0
    bundle_id: int | None = None

    @property
    def total(self) -> int:
        return self.unit_price * self.quantity - self.discount


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of an order, in rupiah; `grand_total` is what the customer pays."""

    items: int
    discount: int
    shipping: int

    @property
    def grand_total(self) -> int:
        return self.items - self.discount + self.shipping


def order_totals(lines: Sequence[PricedLine]) -> Totals:
    """Return the totals of an order of these lines, shipping at the flat rate."""
    return Totals(
        items=sum(line.total for line in lines),
        discount=0,
        shipping=settings.SHIPPING_FLAT_RATE if lines else 0,
    )
