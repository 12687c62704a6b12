"""Stock: how many are left, how many are promised. The sole writer of both tables.

A change is one guarded UPDATE for each variant, in primary-key order so that two
checkouts cannot deadlock, with its ledger row written by the same statement. When
customers see the difference, the documents of the product follow.
"""

from catalog.services.stock.arrivals import give_back, receive
from catalog.services.stock.counting import (
    REASONS,
    Look,
    Reason,
    adjust,
    correct,
    count,
    lock,
    look,
    set_thresholds,
)
from catalog.services.stock.lines import MAX_QUANTITY, StockLine
from catalog.services.stock.refusals import (
    InvalidQuantity,
    OutOfStock,
    ReservationMissing,
    StockStillReserved,
)
from catalog.services.stock.reservations import release, reserve, ship
from catalog.services.stock.verifying import Difference, verify

__all__ = [
    "MAX_QUANTITY",
    "REASONS",
    "Difference",
    "InvalidQuantity",
    "Look",
    "OutOfStock",
    "Reason",
    "ReservationMissing",
    "StockLine",
    "StockStillReserved",
    "adjust",
    "correct",
    "count",
    "give_back",
    "lock",
    "look",
    "receive",
    "release",
    "reserve",
    "set_thresholds",
    "ship",
    "verify",
]
