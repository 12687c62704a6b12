"""What Midtrans sends to us, and what it answers when asked for a status.

Source: docs.midtrans.com, "HTTP(S) Notification / Webhooks" and "Transaction Status
Cycle", read November 2026.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from karima.errors import Forbidden, Invalid
from karima.ids import WIB

MAX_BODY_BYTES = 64 * 1024
AMOUNT = re.compile(r"[0-9]{1,12}\.[0-9]{2}")
SIGNATURE = re.compile(r"[0-9a-f]{128}")
STATUS_CODES = frozenset({"200", "201", "202", "407"})
SIGNED_FIELDS = ("order_id", "status_code", "gross_amount", "signature_key")

# Kept out of the database: with the signature a notification could be replayed with
# another status, and a saved token is a means to pay.
SECRET_FIELDS = frozenset({"signature_key", "saved_token_id"})
# Personal data that the order already holds.
DROPPED_FIELDS = frozenset({"customer_details"})

INSTRUCTION_FIELDS = (
    "va_numbers",
    "permata_va_number",
    "biller_code",
    "bill_key",
    "store",
    "payment_code",
    "expiry_time",
)


class MalformedNotification(Invalid):
    code = "malformed_notification"
    title = "Malformed notification"
    detail = "Isi notifikasi tidak dapat dibaca."


class BadSignature(Forbidden):
    code = "bad_signature"
    title = "Bad signature"
    detail = "Tanda tangan notifikasi tidak cocok."


@dataclass(frozen=True, slots=True)
class RefundReport:
    """One refund in a report; `amount` in rupiah. `key` names it for good."""

    key: str
    amount: int
    reason: str
    created_at: datetime | None
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class TransactionReport:
    """What Midtrans says of one transaction; `gross_amount` as the raw string."""

    order_id: str
    transaction_id: str
    status: str
    fraud_status: str
    payment_type: str
    gross_amount: str
    currency: str
    merchant_id: str
    paid_at: datetime | None = None
    refunded_total: int = 0
    refund_confirmed_at: datetime | None = None
    refunds: tuple[RefundReport, ...] = ()
    instructions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def amount(self) -> int | None:
        """Return the amount in whole rupiah, or None when it is no such amount."""
        return parse_amount(self.gross_amount)


def parse_notification(raw: bytes) -> Mapping[str, Any]:
    """Return the body of a notification that Midtrans has signed.

    Raises `MalformedNotification` for anything that is no notification, and
    `BadSignature` when none of the configured keys made the signature. The signature
    covers order id, status code and amount alone: everything else is only a claim.
    """
    body = _read(raw)
    if not all(isinstance(body.get(name), str) for name in SIGNED_FIELDS):
        raise MalformedNotification()
    if body["status_code"] not in STATUS_CODES or not AMOUNT.fullmatch(
        body["gross_amount"]
    ):
        raise MalformedNotification()
    _check_signature(body)
    return body


def report(body: Mapping[str, Any]) -> TransactionReport:
    """Return what a notification or a status answer says of its transaction.

    A member of another type than documented counts as absent.
    """
    return TransactionReport(
        order_id=_text(body, "order_id"),
        transaction_id=_text(body, "transaction_id")[:64],
        # One documented sample spells a status in capitals.
        status=_text(body, "transaction_status").lower()[:20],
        fraud_status=_text(body, "fraud_status").lower()[:20],
        payment_type=_text(body, "payment_type")[:30],
        gross_amount=_text(body, "gross_amount"),
        currency=_text(body, "currency"),
        merchant_id=_text(body, "merchant_id"),
        paid_at=_wib(body.get("settlement_time")) or _wib(body.get("transaction_time")),
        refunded_total=parse_amount(_text(body, "refund_amount")) or 0,
        refund_confirmed_at=_refund_confirmed_at(body.get("refunds")),
        refunds=tuple(_refunds(body.get("refunds"))),
        instructions={
            name: body[name] for name in INSTRUCTION_FIELDS if body.get(name)
        },
    )


def storable(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body without what must not be kept."""
    left_out = SECRET_FIELDS | DROPPED_FIELDS
    return {name: value for name, value in body.items() if name not in left_out}


def digest(body: Mapping[str, Any]) -> str:
    """Return a name for this very body: SHA-256 over its canonical JSON."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def parse_amount(text: str) -> int | None:
    """Return "389000.00" as 389000; None for anything but a whole amount of rupiah."""
    if not AMOUNT.fullmatch(text) or not text.endswith(".00"):
        return None
    return int(text[:-3])


def signature(*, order_id: str, status_code: str, gross_amount: str, key: str) -> str:
    """Return the signature Midtrans gives these raw strings, in lower-case hex."""
    signed = f"{order_id}{status_code}{gross_amount}{key}"
    return hashlib.sha512(signed.encode()).hexdigest()


def _check_signature(body: Mapping[str, Any]) -> None:
    if not SIGNATURE.fullmatch(body["signature_key"]):
        raise BadSignature()
    matches = [
        hmac.compare_digest(
            body["signature_key"],
            signature(
                order_id=body["order_id"],
                status_code=body["status_code"],
                gross_amount=body["gross_amount"],
                key=key,
            ),
        )
        for key in settings.MIDTRANS_NOTIFICATION_KEYS
    ]
    if not any(matches):
        raise BadSignature()


def _read(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_BODY_BYTES:
        raise MalformedNotification()
    try:
        body = json.loads(raw.decode(), object_pairs_hook=_without_duplicates)
        _check_storable(body)
    except (ValueError, RecursionError):
        raise MalformedNotification() from None
    if not isinstance(body, dict):
        raise MalformedNotification()
    return body


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a repeated member: two readers could each believe another one."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members


def _check_storable(body: Any) -> None:
    """Raise ValueError for what JSON can write and PostgreSQL's jsonb cannot hold.

    That is NaN and infinity, half of a surrogate pair, and the character NUL.
    """
    text = json.dumps(body, allow_nan=False, ensure_ascii=False)
    text.encode()
    if "\\u0000" in text.replace("\\\\", ""):
        raise ValueError("NUL character")


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _refund_confirmed_at(refunds: object) -> datetime | None:
    """Return when the bank confirmed the last refund; None until it has them all."""
    rows = refunds if isinstance(refunds, list) else []
    times = [
        _wib(row.get("bank_confirmed_at")) for row in rows if isinstance(row, dict)
    ]
    confirmed = [time for time in times if time]
    return max(confirmed) if confirmed and len(confirmed) == len(times) else None


def _refunds(refunds: object) -> Iterator[RefundReport]:
    """Yield the refunds that have a name and an amount."""
    for row in refunds if isinstance(refunds, list) else []:
        if not isinstance(row, dict):
            continue
        amount = parse_amount(_text(row, "refund_amount"))
        key = _text(row, "refund_key") or _chargeback_key(row)
        if key and amount:
            yield RefundReport(
                key=key[:50],
                amount=amount,
                reason=_text(row, "reason")[:255],
                created_at=_wib(row.get("created_at")),
                confirmed_at=_wib(row.get("bank_confirmed_at")),
            )


def _chargeback_key(row: Mapping[str, Any]) -> str:
    number = row.get("refund_chargeback_id")
    return f"chargeback-{number}" if number else ""


def _wib(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=WIB)
    except ValueError:
        return None
