"""Pieces of variants, as orders and deliveries name them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.services.stock.refusals import InvalidQuantity

# Above any delivery, and far below where the integer columns overflow.
MAX_QUANTITY = 1_000_000


@dataclass(frozen=True, slots=True)
class StockLine:
    """So many pieces of one variant."""

    variant_id: int
    quantity: int


def merge(lines: Iterable[StockLine]) -> dict[int, int]:
    """Return quantities by variant in primary-key order, lines of one variant added."""
    quantities: Counter[int] = Counter()
    for line in lines:
        if line.quantity <= 0:
            raise InvalidQuantity
        quantities[line.variant_id] += line.quantity
    if any(quantity > MAX_QUANTITY for quantity in quantities.values()):
        raise InvalidQuantity
    return dict(sorted(quantities.items()))
