"""Bodies that Midtrans sends: notifications, states and answers to actions."""

import hashlib
from dataclasses import dataclass

from sandbox.midtrans.methods import Json
from sandbox.midtrans.model import Transaction, amount_text

NOTIFICATION_CODES = {
    "pending": "201",
    "deny": "202",
    "cancel": "202",
    "expire": "202",
    "failure": "202",
}
# The codes of GET status differ for these two.
STATUS_CODES = NOTIFICATION_CODES | {"cancel": "200", "expire": "407"}

ACTION_MESSAGES = {
    "cancel": "Success, transaction is canceled",
    "expire": "Success, transaction has expired",
    "approve": "Success, transaction is approved",
    "deny": "Success, transaction is denied",
    "refund": "Success, refund request is approved",
}
REFUND_STATUSES = {"refund", "partial_refund"}


@dataclass(frozen=True, slots=True)
class Merchant:
    """Whose key signs, and whose name the payloads carry."""

    merchant_id: str
    server_key: str


def sign(*, order_id: str, status_code: str, gross_amount: str, key: str) -> str:
    """Return the signature: it has no delimiters and covers only these strings."""
    text = f"{order_id}{status_code}{gross_amount}{key}"
    return hashlib.sha512(text.encode()).hexdigest()


def notification_body(transaction: Transaction, merchant: Merchant) -> Json:
    """Return the signed notification of the transaction's present state."""
    code = _code(transaction, NOTIFICATION_CODES)
    return _body(transaction, merchant, code, "midtrans payment notification")


def status_body(transaction: Transaction, merchant: Merchant) -> Json:
    """Return the answer of GET status, with BI-SNAP's quirk in `order_id`."""
    code = _code(transaction, STATUS_CODES)
    body = _body(transaction, merchant, code, "Success, transaction is found")
    if transaction.method_name == "bsi_va":
        body["order_id"] = transaction.transaction_id
        body["signature_key"] = sign(
            order_id=transaction.transaction_id,
            status_code=code,
            gross_amount=transaction.gross_text,
            key=merchant.server_key,
        )
    return body


def action_body(transaction: Transaction, action: str) -> Json:
    """Return the answer to cancel, expire, approve, deny or refund."""
    body: Json = {
        "status_code": "407" if action == "expire" else "200",
        "status_message": ACTION_MESSAGES[action],
        "transaction_id": transaction.transaction_id,
        "order_id": transaction.order_id,
        "payment_type": transaction.method.payment_type,
        "transaction_time": transaction.transaction_time,
        "transaction_status": transaction.status,
    }
    if action in {"cancel", "approve", "deny"}:
        body["fraud_status"] = transaction.fraud_status
    body["gross_amount"] = transaction.gross_text
    return body


def _code(transaction: Transaction, codes: dict[str, str]) -> str:
    if transaction.status == "capture" and transaction.fraud_status == "challenge":
        return "201"
    return codes.get(transaction.status, "200")


def _body(
    transaction: Transaction, merchant: Merchant, code: str, message: str
) -> Json:
    body: Json = {
        "transaction_time": transaction.transaction_time,
        "transaction_status": transaction.status,
        "transaction_id": transaction.transaction_id,
        "status_message": message,
        "status_code": code,
        "signature_key": sign(
            order_id=transaction.order_id,
            status_code=code,
            gross_amount=transaction.gross_text,
            key=merchant.server_key,
        ),
        "payment_type": transaction.method.payment_type,
        "order_id": transaction.order_id,
        "merchant_id": merchant.merchant_id,
        "gross_amount": transaction.gross_text,
        "currency": "IDR",
    }
    if transaction.method.has_fraud_status:
        body["fraud_status"] = transaction.fraud_status
    return body | _refunds(transaction) | transaction.fields | _tail(transaction)


def _refunds(transaction: Transaction) -> Json:
    if transaction.status == "partial_chargeback":
        return {"refund_amount": amount_text(transaction.chargeback_amount)}
    if transaction.status not in REFUND_STATUSES:
        return {}
    rows = [dict(row) for row in transaction.refunds]
    return {"refund_amount": amount_text(transaction.refunded), "refunds": rows}


def _tail(transaction: Transaction) -> Json:
    tail: Json = {}
    if transaction.status == "pending" or transaction.method.keeps_expiry:
        tail["expiry_time"] = transaction.expiry_time
    # A card's later states do not repeat when it was settled.
    repeats = transaction.method_name != "credit_card"
    if transaction.settlement_time and (repeats or transaction.status == "settlement"):
        tail["settlement_time"] = transaction.settlement_time
    return tail | transaction.custom_fields
