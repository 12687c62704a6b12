"""What each payment method allows: refund, void, or nothing but a bank transfer.

Pure functions. Source: docs.midtrans.com, "Refund Transaction" and the pages of the
methods, read November 2026. Where two pages disagree the stricter one is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from karima.ids import WIB
from payments.models import GatewayTransaction, Refund

Kind = Refund.Kind

# ShopeePay refuses refunds between these times in WIB; both with a margin.
QUIET_FROM, QUIET_UNTIL = time(23, 45), time(6, 5)
SHOPEEPAY_ACQUIRERS = frozenset({"airpay shopee", "shopeepay", "shopee"})
# ShopeePay cannot give back what their customers paid by QRIS.
NO_REFUND_ISSUERS = frozenset({"bca", "bni", "bri"})
REFUNDABLE = frozenset({"settlement", "partial_refund"})


@dataclass(frozen=True, slots=True)
class Rule:
    """How long after payment Midtrans refunds a method, and whether in parts."""

    days: int
    in_parts: bool = True
    is_shopeepay: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """How the money of one transaction can go back now.

    `why` tells the staff in a sentence; `until` is the last moment for Midtrans.
    """

    kind: str
    in_parts: bool
    why: str
    until: datetime | None = None
    not_before: datetime | None = None


RULES = {
    "credit_card": Rule(days=180),
    "gopay": Rule(days=45),
    "shopeepay": Rule(days=365, in_parts=False, is_shopeepay=True),
    "dana": Rule(days=45),
    "ovo": Rule(days=7, in_parts=False),
    "kredivo": Rule(days=14),
    "akulaku": Rule(days=180),
}
QRIS_GOPAY, QRIS_SHOPEEPAY = Rule(days=45), Rule(365, in_parts=False, is_shopeepay=True)
QRIS_OTHER_BANK = Rule(days=7)


def rule_of(payment_type: str, facts: Mapping[str, Any]) -> Rule | None:
    """Return the rule of a method, or None where Midtrans cannot refund it.

    `facts` is what Midtrans reported of the transaction; QRIS depends on whose customer
    paid. What is unknown counts as the shortest time.
    """
    if payment_type != "qris":
        return RULES.get(payment_type)
    acquirer = str(facts.get("acquirer", "")).lower()
    is_own_customer = str(facts.get("transaction_type", "")).lower() == "on-us"
    if acquirer in SHOPEEPAY_ACQUIRERS:
        issuer = str(facts.get("issuer", "")).lower()
        if issuer in NO_REFUND_ISSUERS:
            return None
        return QRIS_SHOPEEPAY if is_own_customer else QRIS_OTHER_BANK
    if acquirer == "gopay" and is_own_customer:
        return QRIS_GOPAY
    return QRIS_OTHER_BANK


def offer(
    transaction: GatewayTransaction, facts: Mapping[str, Any], *, now: datetime
) -> Offer:
    """Return how the money of a paid transaction can go back."""
    if transaction.status == "capture":
        return Offer(
            kind=Kind.VOID,
            in_parts=False,
            why="Kartu belum disetel: transaksinya dibatalkan seluruhnya. Untuk "
            "sebagian, tunggu sampai besok pukul 16.00 WIB.",
        )
    rule = rule_of(transaction.payment_type, facts)
    if rule is None or transaction.status not in REFUNDABLE:
        return _transfer("Cara bayar ini tidak dapat dikembalikan lewat Midtrans.")
    until = (transaction.paid_at or now) + timedelta(days=rule.days)
    if now >= until:
        return _transfer(f"Batas {rule.days} hari untuk pengembalian sudah lewat.")
    parts = "" if rule.in_parts else " Hanya seluruhnya, tidak sebagian."
    return Offer(
        kind=Kind.GATEWAY,
        in_parts=rule.in_parts,
        why=f"Lewat Midtrans, ke sumber pembayaran pembeli.{parts}",
        until=until,
        not_before=after_quiet_hours(now) if rule.is_shopeepay else None,
    )


def after_quiet_hours(now: datetime) -> datetime | None:
    """Return when ShopeePay takes refunds again; None when it does now."""
    local = now.astimezone(WIB)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    day = local.date() + timedelta(days=1 if local.time() >= QUIET_FROM else 0)
    return datetime.combine(day, QUIET_UNTIL, tzinfo=WIB)


def _transfer(why: str) -> Offer:
    return Offer(
        kind=Kind.MANUAL,
        in_parts=True,
        why=f"{why} Kembalikan lewat transfer bank, dengan bukti.",
    )
