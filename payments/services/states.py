"""How a transaction, an attempt and an order's payment stand. Pure functions.

A transaction is in the highest-ranked state ever heard of. The maximum does not care
in which order, or how often, it hears of its parts, so notifications that are repeated
or arrive in the wrong order all end in the same state.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from orders.models import Order

PaymentStatus = Order.PaymentStatus

RANKS = {
    "pending": 10,
    "failure": 12,
    "expire": 15,
    "authorize": 20,
    "challenge": 30,
    "capture": 40,
    "cancel": 50,
    "settlement": 60,
    "deny": 70,
    "partial_refund": 80,
    "refund": 85,
    "partial_chargeback": 90,
    "chargeback": 95,
}

PAID = frozenset({"capture", "settlement"})
RETURNED = frozenset({"partial_refund", "refund", "partial_chargeback", "chargeback"})
# The shop has at least a part of the money, and nobody disputes it.
HELD = PAID | {"partial_refund"}
# Nothing more can come of these.
ENDED = frozenset({"failure", "expire", "cancel", "deny"})
# Of these the gateway must be asked before the shop believes them: the signature of a
# notification does not cover its status.
MONEY_MOVING = frozenset(RANKS) - {"pending", "failure", "expire"}


class Transaction(Protocol):
    """What is read here of a transaction."""

    status: str
    payment_type: str
    paid_at: Any
    gross_amount: int
    refunded_total: int
    returned_total: int


def effective_status(status: str, fraud_status: str) -> str | None:
    """Return the name under which a reported status is ranked; None if unknown.

    Money counts only when the fraud check accepts it, or there was none.
    """
    if fraud_status == "deny":
        return "deny"
    if status in PAID and fraud_status not in {"", "accept"}:
        return "challenge" if fraud_status == "challenge" else None
    return status if status in RANKS else None


def standing(transaction: Transaction) -> str:
    """Return the status with what the shop gave back outside of refunds there.

    A bank transfer leaves the gateway's status as it is, and a voided card is cancelled
    for it: both are refunds here.
    """
    status = transaction.status
    if not transaction.returned_total or status not in HELD | {"cancel"}:
        return status
    given = transaction.refunded_total + transaction.returned_total
    return "refund" if given >= transaction.gross_amount else "partial_refund"


def was_reversed(transaction: Transaction) -> bool:
    """Tell whether the transaction had brought money that was then withdrawn."""
    return transaction.paid_at is not None and standing(transaction) in ENDED


def brought_money(transaction: Transaction) -> bool:
    """Tell whether the shop has, or had until a refund or dispute, this money."""
    return transaction.status in PAID or transaction.status in RETURNED


def ends_attempt(transaction: Transaction) -> bool:
    """Tell whether nothing can come of the attempt after this.

    A card that is denied, fails or is abandoned leaves the payment page open.
    """
    if transaction.status == "cancel":
        return True
    return transaction.status == "expire" and transaction.payment_type != "credit_card"


def payment_status(transactions: Iterable[Transaction]) -> str:
    """Return how the payment of an order stands, from all its transactions."""
    known = list(transactions)
    statuses = {standing(transaction) for transaction in known}
    for found, result in (
        (bool(statuses & PAID), PaymentStatus.PAID),
        (bool(statuses & {"chargeback", "partial_chargeback"}), "charged_back"),
        ("partial_refund" in statuses, PaymentStatus.PARTIALLY_REFUNDED),
        ("refund" in statuses, PaymentStatus.REFUNDED),
        ("challenge" in statuses, PaymentStatus.CHALLENGE),
        (bool(statuses & {"pending", "authorize"}), PaymentStatus.PENDING),
        (any(map(was_reversed, known)), PaymentStatus.REVERSED),
        (bool(statuses & {"deny", "failure"}), PaymentStatus.FAILED),
        ("cancel" in statuses, PaymentStatus.CANCELLED),
        ("expire" in statuses, PaymentStatus.EXPIRED),
    ):
        if found:
            return str(result)
    return str(PaymentStatus.UNPAID)
