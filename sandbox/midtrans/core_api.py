"""The Core API: ask for a transaction's state, and change it."""

import re
import uuid
from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.midtrans.ledger import Ledger
from sandbox.midtrans.methods import Json
from sandbox.midtrans.model import REFUNDABLE_STATUSES, Transaction
from sandbox.midtrans.payloads import action_body, status_body
from sandbox.midtrans.settings import Settings, has_server_key

REFUND_KEY = re.compile(r"[A-Za-z0-9_-]+")
CANNOT_MODIFY = {
    "status_code": "412",
    "status_message": "Merchant cannot modify the status of the transaction",
}
DUPLICATE_REFUND = {"status_code": "406", "status_message": "Duplicate refund ID"}
WRONG_AMOUNT = {
    "status_code": "414",
    "status_message": "Refund request is rejected due to invalid amount",
}
Action = Callable[[Ledger, Transaction], Json]


def core_blueprint(ledger: Ledger, settings: Settings) -> Blueprint:
    """Return the calls below `/v2/{order_id or transaction_id}`.

    Answers that refuse come with HTTP 200; only 401 and 404 have an HTTP code of
    their own, and not even these when `errors_over_http_200` is set.
    """
    core = Blueprint("core", __name__, url_prefix="/v2")

    @core.before_request
    def check_key() -> ResponseReturnValue | None:
        if has_server_key(settings):
            return None
        return _fail(settings, 401, "Unknown Merchant server_key/id")

    def answer(identifier: str, act: Action) -> ResponseReturnValue:
        with ledger.lock:
            transaction = ledger.find(identifier)
            if transaction is None:
                return _fail(settings, 404, "Transaction doesn't exist.")
            return jsonify(act(ledger, transaction))

    @core.get("/<identifier>/status")
    def status(identifier: str) -> ResponseReturnValue:
        return _scripted(settings, identifier) or answer(
            identifier, lambda _, row: status_body(row, settings.merchant)
        )

    @core.post("/<identifier>/<any(cancel, expire, approve, deny):action>")
    def act(identifier: str, action: str) -> ResponseReturnValue:
        return answer(identifier, ACTIONS[action])

    @core.post("/<identifier>/refund")
    @core.post("/<identifier>/refund/online/direct")
    def refund(identifier: str) -> ResponseReturnValue:
        return answer(identifier, lambda _, row: _refund(ledger, settings, row))

    return core


def _scripted(settings: Settings, identifier: str) -> Response | None:
    body = settings.scripted.get(identifier)
    return jsonify(body) if body else None


def _fail(settings: Settings, status: int, message: str) -> ResponseReturnValue:
    body = {
        "status_code": str(status),
        "status_message": message,
        "id": str(uuid.uuid4()),
    }
    return jsonify(body), 200 if settings.errors_over_http_200 else status


def _cancel(ledger: Ledger, transaction: Transaction) -> Json:
    if transaction.status not in {"pending", "authorize", "capture"}:
        return CANNOT_MODIFY
    return action_body(ledger.move(transaction, "cancel"), "cancel")


def _expire(ledger: Ledger, transaction: Transaction) -> Json:
    if transaction.status != "pending":
        return CANNOT_MODIFY
    return action_body(ledger.move(transaction, "expire"), "expire")


def _is_challenged(transaction: Transaction) -> bool:
    return transaction.status == "capture" and transaction.fraud_status == "challenge"


def _approve(ledger: Ledger, transaction: Transaction) -> Json:
    if not _is_challenged(transaction):
        return CANNOT_MODIFY
    transaction.fraud_status = "accept"
    return action_body(ledger.move(transaction, "capture"), "approve")


def _deny(ledger: Ledger, transaction: Transaction) -> Json:
    if not _is_challenged(transaction):
        return CANNOT_MODIFY
    transaction.fraud_status = "deny"
    return action_body(ledger.move(transaction, "deny"), "deny")


ACTIONS: dict[str, Action] = {
    "cancel": _cancel,
    "expire": _expire,
    "approve": _approve,
    "deny": _deny,
}


def _refund(ledger: Ledger, settings: Settings, transaction: Transaction) -> Json:
    body = request.get_json(silent=True) or {}
    key = str(body.get("refund_key") or uuid.uuid4())
    if any(row["refund_key"] == key for row in transaction.refunds):
        return DUPLICATE_REFUND
    allowed = transaction.status in REFUNDABLE_STATUSES
    if not (allowed and transaction.method.refundable and REFUND_KEY.fullmatch(key)):
        return CANNOT_MODIFY
    left = transaction.gross_amount - transaction.refunded
    amount = body.get("amount", left)
    if not isinstance(amount, int) or not 0 < amount <= left:
        return WRONG_AMOUNT
    if settings.bank_denies_refunds:
        return _refund_denied(transaction, key)
    reason = str(body.get("reason") or "")
    ledger.refund(transaction, key=key, amount=amount, reason=reason)
    row = transaction.refunds[-1]
    return action_body(transaction, "refund") | {
        name: row[name]
        for name in ("refund_chargeback_id", "refund_amount", "refund_key")
    }


def _refund_denied(transaction: Transaction, key: str) -> Json:
    return action_body(transaction, "refund") | {
        "status_code": "202",
        "status_message": "Refund denied by the bank",
        "refund_chargeback_id": 47594,
        "refund_amount": "0.00",
        "refund_key": key,
    }
