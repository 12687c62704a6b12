"""Whatever the order of the news, the end is the same."""

from dataclasses import dataclass
from itertools import permutations

import pytest

from payments.services import states


@dataclass
class Heard:
    status: str
    payment_type: str = "gopay"
    paid_at: object = None
    gross_amount: int = 100_000
    refunded_total: int = 0
    returned_total: int = 0


def test_ranks_are_distinct() -> None:
    assert len(set(states.RANKS.values())) == len(states.RANKS)


@pytest.mark.parametrize(
    ("reported", "fraud", "effective"),
    [
        ("settlement", "accept", "settlement"),
        ("settlement", "", "settlement"),
        ("capture", "accept", "capture"),
        ("capture", "challenge", "challenge"),
        ("capture", "deny", "deny"),
        ("settlement", "challenge", "challenge"),
        ("capture", "brand-new", None),
        ("pending", "accept", "pending"),
        ("brand-new", "accept", None),
    ],
)
def test_effective_status(reported: str, fraud: str, effective: str | None) -> None:
    assert states.effective_status(reported, fraud) == effective


@pytest.mark.parametrize(
    ("statuses", "result"),
    [
        ([], "unpaid"),
        (["pending"], "pending"),
        (["deny"], "failed"),
        (["failure"], "failed"),
        (["expire"], "expired"),
        (["cancel"], "cancelled"),
        (["challenge"], "challenge"),
        (["settlement"], "paid"),
        (["capture"], "paid"),
        (["deny", "deny", "settlement"], "paid"),
        (["settlement", "expire"], "paid"),
        (["expire", "pending"], "pending"),
        (["refund"], "refunded"),
        (["partial_refund"], "partially_refunded"),
        (["refund", "settlement"], "paid"),
        (["chargeback"], "charged_back"),
    ],
)
def test_payment_status_of_transactions_in_any_order(
    statuses: list[str], result: str
) -> None:
    for order in permutations(statuses):
        assert states.payment_status(map(Heard, order)) == result


@pytest.mark.parametrize("status", ["deny", "cancel"])
def test_money_that_was_there_and_is_gone_is_reversed(status: str) -> None:
    assert states.payment_status([Heard(status, paid_at="then")]) == "reversed"


def test_abandoned_card_leaves_the_page_open() -> None:
    assert not states.ends_attempt(Heard("expire", payment_type="credit_card"))
    assert states.ends_attempt(Heard("expire", payment_type="bank_transfer"))
    assert not states.ends_attempt(Heard("deny"))
