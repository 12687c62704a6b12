"""How a price is reduced, and which of several holds: pure functions, whole rupiah."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

WHOLE = 10_000  # 100 % in basis points


class Reason(StrEnum):
    """Why a price is what it is, in the order in which equal prices are preferred.

    A flash sale comes last: at the same price its quota is left to others.
    """

    LIST = "list"
    GROUP_TIER = "group_tier"
    BULK = "bulk"
    FLASH_SALE = "flash_sale"


# As the API names them; the second are those that everybody may see.
REASONS = [str(reason) for reason in Reason]
PUBLIC_REASONS = [str(Reason.LIST), str(Reason.FLASH_SALE)]


@dataclass(frozen=True, slots=True)
class Step:
    """One price that was looked at; `applies` says whether it could be had."""

    reason: Reason
    unit_price: int
    applies: bool
    note: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Tier:
    """From `min_quantity` pieces on: basis points off, or a price for a piece."""

    min_quantity: int
    is_percent: bool
    value: int


def discounted(list_price: int, *, basis_points: int) -> int:
    """Return the price of a piece after the discount.

    Rounded to the nearest rupiah, half a rupiah up; never below 1. Lines multiply this
    price, so that a total is always the sum of its pieces.
    """
    exact = list_price * (WHOLE - basis_points)
    return max(1, (exact + WHOLE // 2) // WHOLE)


def tier_price(list_price: int, tier: Tier) -> int:
    """Return the price of a piece in a tier; a tier never raises a price."""
    if tier.is_percent:
        return discounted(list_price, basis_points=tier.value)
    return min(list_price, tier.value)


def tier_for(table: Iterable[Tier], *, quantity: int) -> Tier | None:
    """Return the highest step of a table that so many pieces reach."""
    reached = [tier for tier in table if tier.min_quantity <= quantity]
    return max(reached, key=lambda tier: tier.min_quantity, default=None)


def best(steps: Sequence[Step]) -> Step:
    """Return the lowest price that applies; prices are never combined."""
    order = list(Reason)
    having = [step for step in steps if step.applies]
    return min(having, key=lambda step: (step.unit_price, order.index(step.reason)))
