"""New prices for many variants by one rule: percent or fixed, rounded as shops do."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from catalog.models import Variant
from catalog.services.cells import MAX_RUPIAH
from catalog.services.changes import Edit


class Method(StrEnum):
    PERCENT = "percent"
    ADD = "add"
    SET = "set"


class Rounding(StrEnum):
    """`NINE_HUNDRED` ends in 900: the nearest such price, the higher of two."""

    NONE = "none"
    HUNDRED = "100"
    THOUSAND = "1000"
    NINE_HUNDRED = "900"


class Compare(StrEnum):
    """What becomes of the price struck through."""

    KEEP = "keep"
    FROM_PRICE = "from_price"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`amount` is in percent for PERCENT, else in whole rupiah; it may be negative."""

    method: Method
    amount: int
    rounding: Rounding = Rounding.NONE
    compare: Compare = Compare.KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class Repriced:
    """What a rule makes of one variant; `problem` says why it cannot."""

    variant: Variant
    price: int
    compare_at_price: int | None
    problem: str = ""

    @property
    def changes(self) -> bool:
        """Tell whether anything is another than before."""
        before = (self.variant.price, self.variant.compare_at_price)
        return before != (self.price, self.compare_at_price)


def reprice(variants: Iterable[Variant], rule: Rule) -> list[Repriced]:
    """Return what the rule makes of each variant; changes nothing."""
    return [_repriced(variant, rule) for variant in variants]


def edits(repriced: Iterable[Repriced]) -> list[Edit]:
    """Return the changes to make for those without a problem."""
    return [
        Edit(
            product_id=row.variant.product_id,
            variant_id=row.variant.pk,
            field=field,
            before=getattr(row.variant, field),
            after=getattr(row, field),
        )
        for row in repriced
        if not row.problem
        for field in ("price", "compare_at_price")
        if getattr(row.variant, field) != getattr(row, field)
    ]


def new_price(price: int, rule: Rule) -> int:
    """Return the price by the rule, in whole rupiah; it may be out of range."""
    match rule.method:
        case Method.PERCENT:
            # Rounded half up, in whole numbers.
            raw = (price * (100 + rule.amount) * 2 + 100) // 200
        case Method.ADD:
            raw = price + rule.amount
        case Method.SET:
            raw = rule.amount
    return _rounded(raw, rule.rounding)


def _rounded(amount: int, rounding: Rounding) -> int:
    match rounding:
        case Rounding.NONE:
            return amount
        case Rounding.NINE_HUNDRED:
            return max((amount + 600) // 1000 * 1000 - 100, 900)
        case _:
            step = int(rounding)
            return (amount + step // 2) // step * step


def _repriced(variant: Variant, rule: Rule) -> Repriced:
    price = new_price(variant.price, rule)
    compare = {
        Compare.KEEP: variant.compare_at_price,
        Compare.FROM_PRICE: variant.price if price < variant.price else None,
        Compare.CLEAR: None,
    }[rule.compare]
    problem = ""
    if not 0 < price <= MAX_RUPIAH:
        problem = "Harga menjadi nol, minus, atau terlalu besar."
    elif compare is not None and compare < price:
        problem = "Harga baru di atas harga coret."
    return Repriced(
        variant=variant, price=price, compare_at_price=compare, problem=problem
    )
