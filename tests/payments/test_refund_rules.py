"""What each method of payment allows: the table of the contract, row by row."""

from datetime import UTC, datetime, timedelta

import pytest

from payments.models import GatewayTransaction
from payments.services import refund_rules

NOON = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)


def offer(
    payment_type: str,
    *,
    days: float = 1,
    status: str = "settlement",
    now: datetime = NOON,
    **facts: str,
) -> refund_rules.Offer:
    paid = GatewayTransaction(
        payment_type=payment_type, status=status, paid_at=now - timedelta(days=days)
    )
    return refund_rules.offer(paid, facts, now=now)


@pytest.mark.parametrize(
    ("payment_type", "facts", "days", "in_parts"),
    [
        ("credit_card", {}, 180, True),
        ("gopay", {}, 45, True),
        ("qris", {"acquirer": "gopay", "transaction_type": "on-us"}, 45, True),
        ("qris", {"acquirer": "gopay", "transaction_type": "off-us"}, 7, True),
        ("qris", {}, 7, True),
        (
            "qris",
            {"acquirer": "airpay shopee", "transaction_type": "on-us"},
            365,
            False,
        ),
        ("shopeepay", {}, 365, False),
        ("dana", {}, 45, True),
        ("ovo", {}, 7, False),
        ("kredivo", {}, 14, True),
        ("akulaku", {}, 180, True),
    ],
)
def test_midtrans_refunds_within_the_window(
    payment_type: str, facts: dict[str, str], days: int, in_parts: bool
) -> None:
    last = offer(payment_type, days=days - 0.01, **facts)
    assert (last.kind, last.in_parts) == ("gateway", in_parts)
    assert offer(payment_type, days=days, **facts).kind == "manual"


@pytest.mark.parametrize(
    ("payment_type", "facts"),
    [
        ("bank_transfer", {}),
        ("echannel", {}),
        ("cstore", {}),
        ("brand-new", {}),
        ("qris", {"acquirer": "airpay shopee", "issuer": "BCA"}),
    ],
)
def test_the_rest_goes_by_transfer(payment_type: str, facts: dict[str, str]) -> None:
    found = offer(payment_type, **facts)
    assert (found.kind, found.in_parts) == ("manual", True)


def test_captured_card_is_voided_whole() -> None:
    found = offer("credit_card", status="capture")
    assert (found.kind, found.in_parts) == ("void", False)


@pytest.mark.parametrize(
    ("clock", "opens"),
    [
        ("23:44", None),
        ("23:45", "2026-11-26 06:05"),
        ("00:10", "2026-11-25 06:05"),
        ("06:04", "2026-11-25 06:05"),
        ("06:05", None),
        ("12:00", None),
    ],
)
def test_shopeepay_sleeps_at_night(clock: str, opens: str | None) -> None:
    now = datetime.fromisoformat(f"2026-11-25T{clock}:00+07:00")
    found = offer("shopeepay", now=now).not_before
    assert (found and f"{found:%Y-%m-%d %H:%M}") == opens
    assert offer("gopay", now=now).not_before is None
