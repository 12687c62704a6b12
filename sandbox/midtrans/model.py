"""Snap tokens and the transactions that customers start with them."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from sandbox.midtrans.methods import METHODS, Json, Method

# Midtrans writes every time as a naive string in this zone.
WIB = timezone(timedelta(hours=7), "WIB")
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"

PAID_STATUSES = {"capture", "settlement"}
REFUNDABLE_STATUSES = {"settlement", "partial_refund"}


def wib_now() -> datetime:
    """Return the present time in WIB."""
    return datetime.now(WIB)


def wib_text(moment: datetime) -> str:
    """Return the moment as Midtrans writes it."""
    return moment.astimezone(WIB).strftime(TIME_FORMAT)


def wib_moment(text: str) -> datetime:
    """Return the moment that such a string means."""
    return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=WIB)


@dataclass(slots=True)
class Snap:
    """One Snap token and the request it was made for. `ended`: why it is dead."""

    token: str
    order_id: str
    gross_amount: int
    request: Json
    expires_at: str
    ended: str = ""

    def is_over(self) -> bool:
        """Return whether the page may not be used any more."""
        return bool(self.ended) or wib_now() >= wib_moment(self.expires_at)

    def to_state(self) -> Json:
        """Return everything, for the state file."""
        return asdict(self)


@dataclass(slots=True)
class Transaction:
    """One try to pay with one method. `fields` are those of its payment type."""

    transaction_id: str
    order_id: str
    gross_amount: int
    method_name: str
    transaction_time: str
    expiry_time: str
    status: str = "pending"
    fraud_status: str = "accept"
    settlement_time: str = ""
    fields: Json = field(default_factory=dict)
    custom_fields: Json = field(default_factory=dict)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    chargeback_amount: int = 0

    @property
    def method(self) -> Method:
        """Return the method it is paid with."""
        return METHODS[self.method_name]

    @property
    def gross_text(self) -> str:
        """Return the amount as it is signed."""
        return amount_text(self.gross_amount)

    @property
    def refunded(self) -> int:
        """Return the sum of its refunds in rupiah."""
        return sum(int(float(row["refund_amount"])) for row in self.refunds)

    def is_overdue(self) -> bool:
        """Return whether it waits for money past its time."""
        over = wib_now() >= wib_moment(self.expiry_time)
        return self.status == "pending" and over

    def to_state(self) -> Json:
        """Return everything, for the state file."""
        return asdict(self)


def amount_text(amount: int) -> str:
    """Return rupiah as Midtrans writes them: "389000.00"."""
    return f"{amount}.00"
