"""Whole rupiah. Money is an integer everywhere; there is no smaller unit in use."""

import re
from collections.abc import Sequence
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models

NO_BREAK_SPACE = "\u00a0"
WRITTEN = re.compile(
    r"(?:rp\.?)?(?P<whole>\d{1,3}(?:\.\d{3})+|\d{1,15})(?:,(?:00?|-))?"
)


class RupiahField(models.BigIntegerField):
    """An amount in whole rupiah, never negative."""

    default_validators = [MinValueValidator(0)]

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "karima.money.RupiahField", args, kwargs


def format_rupiah(amount: int) -> str:
    """Return the amount as shops write it: `Rp 150.000`, the space not breaking."""
    sign = "-" if amount < 0 else ""
    return f"{sign}Rp{NO_BREAK_SPACE}{abs(amount):,}".replace(",", ".")


def parse_rupiah(written: str) -> int:
    """Read an amount as people and spreadsheets write it, in whole rupiah.

    `150000`, `150.000`, `Rp150.000,00` and `Rp 150.000,-` are the same. Raises
    ValueError for all that could be meant otherwise: `1,5 jt`, `150,000`, `1.5`.
    """
    plain = re.sub(r"\s", "", written).lower()
    found = WRITTEN.fullmatch(plain)
    if found is None or not plain.isascii():
        raise ValueError("not an amount in whole rupiah")
    return int(found["whole"].replace(".", ""))


def share_out(amount: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in proportion to the weights without losing a rupiah.

    Largest-remainder method (Hamilton): every part is rounded down, then the rupiah
    left over go to the largest remainders, the earlier part first among equals.
    Raises ValueError when there is an amount but no weight to carry it.
    """
    total = sum(weights)
    if total == 0:
        if amount:
            raise ValueError("an amount cannot be shared out over no weight")
        return [0] * len(weights)
    parts = [amount * weight // total for weight in weights]
    remainders = [amount * weight % total for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    for i in order[: amount - sum(parts)]:
        parts[i] += 1
    return parts
