"""The payment methods on the payment page, and the fields each adds to a payload.

Shapes: Midtrans's documentation of notifications per payment type.
"""

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = dict[str, Any]
DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Method:
    """How one method of Snap looks in the payloads.

    `keeps_expiry`: `expiry_time` stays in the payload after the pending state.
    `immediate`: the page can pay it at once; a virtual account is paid later.
    """

    name: str
    label: str
    payment_type: str
    expiry_minutes: int
    keeps_expiry: bool = False
    has_fraud_status: bool = True
    immediate: bool = False
    refundable: bool = False


METHODS = {
    method.name: method
    for method in (
        Method("bca_va", "BCA Virtual Account", "bank_transfer", DAY, True),
        Method("bni_va", "BNI Virtual Account", "bank_transfer", DAY),
        Method("bri_va", "BRI Virtual Account", "bank_transfer", DAY),
        Method("permata_va", "Permata Virtual Account", "bank_transfer", DAY),
        Method("cimb_va", "CIMB Virtual Account", "bank_transfer", DAY),
        Method("bsi_va", "BSI Virtual Account", "bank_transfer", DAY, True),
        Method("echannel", "Mandiri Bill", "echannel", DAY),
        Method("gopay", "GoPay", "gopay", 15, immediate=True, refundable=True),
        Method(
            "shopeepay", "ShopeePay", "shopeepay", 15, immediate=True, refundable=True
        ),
        Method("other_qris", "QRIS", "qris", 15, immediate=True, refundable=True),
        Method(
            "credit_card",
            "Kartu kredit atau debit",
            "credit_card",
            10,
            keeps_expiry=True,
            immediate=True,
            refundable=True,
        ),
        Method("indomaret", "Indomaret", "cstore", DAY, has_fraud_status=False),
        Method("alfamart", "Alfamart", "cstore", DAY, has_fraud_status=False),
        Method("akulaku", "Akulaku", "akulaku", 120, immediate=True, refundable=True),
    )
}
ALIASES = {"qris": "other_qris", "card": "credit_card", "mandiri_bill": "echannel"}
GROUPS = {
    "bank_transfer": ("bca_va", "bni_va", "bri_va", "permata_va", "cimb_va"),
    "cstore": ("indomaret", "alfamart"),
}


def find_method(name: str) -> Method:
    """Return the method of this name or alias. Raises KeyError."""
    return METHODS[ALIASES.get(name, name)]


def offered(enabled: list[str] | None) -> list[Method]:
    """Return the methods that `enabled_payments` leaves, in the page's order."""
    if not enabled:
        return list(METHODS.values())
    names: set[str] = set()
    for name in enabled:
        names.update(GROUPS.get(name, (ALIASES.get(name, name),)))
    return [method for method in METHODS.values() if method.name in names]


def transaction_id(method: Method, moment: datetime) -> str:
    """Return a new id: a UUID, or the other form of the BI-SNAP methods."""
    if method.name == "bsi_va":
        letters = uuid.uuid4().hex[:10]
        return f"A1{moment:%Y%m%d%H%M%S}00{letters}ID"
    return str(uuid.uuid4())


def pending_fields(method: Method) -> Json:
    """Return what the payload gains when the customer chose the method."""
    if method.name.endswith("_va") and method.name != "permata_va":
        return _virtual_account(method.name.removesuffix("_va"))
    make = PENDING.get(method.name)
    return make() if make else {}


def paid_fields(method: Method, *, amount: str, paid_at: str) -> Json:
    """Return what the payload gains when the customer paid."""
    if method.name in {"bni_va", "bri_va", "cimb_va"}:
        return {"payment_amounts": [{"paid_at": paid_at, "amount": amount}]}
    make = PAID.get(method.name)
    return make() if make else {}


def denied_fields(method: Method, *, by_fraud_check: bool) -> Json:
    """Return what the payload gains when bank or fraud check said no."""
    if method.name != "credit_card":
        return {}
    secure: Json = {"eci": "05", "three_ds_version": "2"}
    if by_fraud_check:
        return secure
    return secure | {
        "channel_response_code": "05",
        "channel_response_message": "Do not honor",
    }


def _digits(count: int) -> str:
    return "".join(str(secrets.randbelow(10)) for _ in range(count))


def _virtual_account(bank: str) -> Json:
    number = _digits(15 if bank == "bca" else 16)
    return {
        "va_numbers": [{"bank": bank, "va_number": number}],
        "payment_amounts": [],
    }


def _card() -> Json:
    return {"masked_card": "48111111-1114", "bank": "bni", "card_type": "credit"}


def _approved_card() -> Json:
    return {
        "eci": "05",
        "three_ds_version": "2",
        "channel_response_code": "00",
        "channel_response_message": "Approved",
        "approval_code": _digits(13),
    }


def _qris_paid() -> Json:
    return {
        "transaction_type": "on-us",
        "issuer": "gopay",
        "merchant_cross_reference_id": str(uuid.uuid4()),
    }


def _shopeepay_paid() -> Json:
    return {
        "shopeepay_reference_number": _digits(18),
        "reference_id": f"DL-{uuid.uuid4().hex[:22]}",
    }


PENDING: dict[str, Callable[[], Json]] = {
    "permata_va": lambda: {"permata_va_number": _digits(16)},
    "echannel": lambda: {"biller_code": "70012", "bill_key": _digits(12)},
    "other_qris": lambda: {"acquirer": "gopay"},
    "credit_card": _card,
    "indomaret": lambda: {"store": "indomaret", "payment_code": _digits(14)},
    "alfamart": lambda: {"store": "alfamart", "payment_code": _digits(14)},
}
PAID: dict[str, Callable[[], Json]] = {
    "gopay": lambda: {"payment_option_type": "GOPAY_WALLET"},
    "other_qris": _qris_paid,
    "shopeepay": _shopeepay_paid,
    "credit_card": _approved_card,
    "indomaret": lambda: {"approval_code": _digits(20)},
    "alfamart": lambda: {"approval_code": _digits(20)},
}
