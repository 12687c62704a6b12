"""The Snap API: make a token, end a token that nobody used."""

import uuid
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.midtrans.ledger import Ledger
from sandbox.midtrans.settings import Settings, has_server_key
from sandbox.midtrans.validation import request_errors

MAX_BODY = 16 * 1024
TAKEN = {
    "en": "transaction_details.order_id has already been taken",
    "id": "transaction_details.order_id sudah digunakan",
}
UNAUTHORIZED = [
    "Access denied due to unauthorized transaction, please check client or server key",
    "Visit https://snap-docs.midtrans.com/#request-headers for more details",
]


def snap_blueprint(ledger: Ledger, settings: Settings) -> Blueprint:
    """Return `/snap/v1/transactions` and the cancellation of a session."""
    snap = Blueprint("snap", __name__, url_prefix="/snap/v1")

    @snap.before_request
    def check_key() -> ResponseReturnValue | None:
        if has_server_key(settings):
            return None
        return _errors(401, UNAUTHORIZED)

    @snap.post("/transactions")
    def create() -> ResponseReturnValue:
        if len(request.get_data()) > MAX_BODY:
            return _errors(413, ["Request body is too large"])
        body: Any = request.get_json(silent=True)
        problems = request_errors(body)
        if problems:
            return _errors(400, problems)
        opened = ledger.open_snap(str(uuid.uuid4()), body)
        if opened is None:
            return _errors(400, [TAKEN[settings.language]])
        url = f"{request.host_url}snap/v4/redirection/{opened.token}"
        return jsonify(token=opened.token, redirect_url=url), 201

    @snap.post("/transactions/<token>/cancel")
    def cancel(token: str) -> ResponseReturnValue:
        return _cancel(ledger, token)

    return snap


def _cancel(ledger: Ledger, token: str) -> ResponseReturnValue:
    with ledger.lock:
        snap = ledger.snaps.get(token)
        if snap is None or snap.ended == "replaced":
            return _errors(404, ["token not found"])
        if snap.ended:
            return _errors(400, ["token already canceled"])
        if ledger.of_order(snap.order_id):
            return _errors(400, ["Transaction is on progress"])
        snap.ended = "canceled"
        ledger.save()
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    return jsonify(canceled_at=moment.replace("+00:00", "Z"))


def _errors(status: int, messages: list[str]) -> ResponseReturnValue:
    return jsonify(error_messages=messages), status
