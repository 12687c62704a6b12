"""How much of the stock customers see."""

from typing import NamedTuple

from django.db import models

# Enough to fill a basket, too few to read the shop's stock from outside.
MAX_SHOWN_AVAILABLE = 10


class StockState(models.TextChoices):
    IN_STOCK = "in_stock"
    LOW_STOCK = "low_stock"
    SOLD_OUT = "sold_out"


class Shown(NamedTuple):
    """What is public of a balance; while it stays the same, no document changes."""

    state: str
    available: int


def shown(left: int, *, low_stock_threshold: int) -> Shown:
    """Return what customers see when so many pieces may still be sold."""
    return Shown(_state(left, low_stock_threshold), min(left, MAX_SHOWN_AVAILABLE))


def _state(left: int, threshold: int) -> str:
    if left <= 0:
        return StockState.SOLD_OUT.value
    low = left <= threshold
    return StockState.LOW_STOCK.value if low else StockState.IN_STOCK.value
