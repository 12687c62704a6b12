"""Control paths of the stand-in for Midtrans, for tests and for a demo."""

from collections.abc import Callable
from dataclasses import asdict, fields

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.midtrans.ledger import Ledger, UnknownOrder
from sandbox.midtrans.methods import METHODS, Json, find_method
from sandbox.midtrans.model import Transaction
from sandbox.midtrans.notifications import Disturbances, Sender
from sandbox.midtrans.settings import Settings

Deed = Callable[[Ledger, str, Json], Transaction]
LANGUAGES = {"en", "id"}


def _method(wish: Json) -> str | None:
    return wish.get("method") or None


def _existing(ledger: Ledger, order_id: str) -> Transaction:
    rows = ledger.of_order(order_id)
    if not rows:
        raise UnknownOrder(order_id)
    return ledger.find(order_id) or rows[-1]


def refund_by_hand(
    ledger: Ledger, order_id: str, *, amount: int | None = None
) -> Transaction:
    """Return the order's transaction, refunded in the dashboard (None: the rest)."""
    transaction = _existing(ledger, order_id)
    left = transaction.gross_amount - transaction.refunded
    key = f"dashboard-{len(transaction.refunds) + 1}"
    return ledger.refund(
        transaction, key=key, amount=amount or left, reason="Dashboard"
    )


def force(ledger: Ledger, order_id: str, status: str) -> Transaction:
    """Return the order's transaction in any status, however it got there."""
    return ledger.move(_existing(ledger, order_id), status)


DEEDS: dict[str, Deed] = {
    "pending": lambda ledger, order, wish: ledger.choose(order, _method(wish)),
    "pay": lambda ledger, order, wish: ledger.pay(order, _method(wish)),
    "challenge": lambda ledger, order, wish: ledger.pay(
        order, "credit_card", challenge=True
    ),
    "deny": lambda ledger, order, wish: ledger.deny(order, _method(wish)),
    "expire": lambda ledger, order, wish: ledger.expire(order, _method(wish)),
    "settle": lambda ledger, order, wish: force(ledger, order, "settlement"),
    "refund": lambda ledger, order, wish: refund_by_hand(
        ledger, order, amount=wish.get("amount")
    ),
}


def midtrans_controls(ledger: Ledger, sender: Sender, settings: Settings) -> Blueprint:
    """Return the paths below `/sandbox` that only Midtrans has.

    `POST /sandbox/orders/{order_id}/{deed}` with an optional `{"method", "amount"}`,
    `GET /sandbox/transactions`, `GET /sandbox/notifications`, `POST
    /sandbox/notifications` with `Disturbances`, `POST /sandbox/notifications/release`
    with `{"reverse"}`, and `POST /sandbox/settings`.
    """
    control = Blueprint("midtrans_control", __name__, url_prefix="/sandbox")
    _add_deeds(control, ledger)
    _add_notifications(control, sender)

    @control.post("/settings")
    def change() -> ResponseReturnValue:
        return _change(sender, settings, request.get_json())

    return control


def _add_deeds(control: Blueprint, ledger: Ledger) -> None:
    @control.errorhandler(UnknownOrder)
    def unknown(problem: UnknownOrder) -> ResponseReturnValue:
        return jsonify(error=f"no transaction for order {problem}"), 404

    @control.post("/orders/<order_id>/<deed>")
    def act(order_id: str, deed: str) -> ResponseReturnValue:
        wish = request.get_json(silent=True) or {}
        if deed not in DEEDS:
            return jsonify(error=f"deed must be one of {', '.join(DEEDS)}"), 404
        if wish.get("method") and not _is_method(wish["method"]):
            return jsonify(error=f"method must be one of {', '.join(METHODS)}"), 400
        return jsonify(asdict(DEEDS[deed](ledger, order_id, wish)))

    @control.get("/transactions")
    def transactions() -> ResponseReturnValue:
        return jsonify([asdict(row) for row in ledger.transactions])


def _add_notifications(control: Blueprint, sender: Sender) -> None:
    @control.get("/notifications")
    def notifications() -> ResponseReturnValue:
        return jsonify([asdict(item) for item in sender.notifications])

    @control.post("/notifications")
    def disturb() -> ResponseReturnValue:
        known = {field.name for field in fields(Disturbances)}
        for name, value in request.get_json().items():
            if name in known:
                setattr(sender.next, name, value)
        return jsonify(asdict(sender.next))

    @control.post("/notifications/release")
    def release() -> ResponseReturnValue:
        wish = request.get_json(silent=True) or {}
        sender.release(reverse=bool(wish.get("reverse")))
        return "", 204


def _change(sender: Sender, settings: Settings, wish: Json) -> ResponseReturnValue:
    if wish.get("language", "en") not in LANGUAGES:
        return jsonify(error="language must be en or id"), 400
    sender.url = str(wish.get("notification_url", sender.url))
    settings.language = wish.get("language", settings.language)
    for name in ("errors_over_http_200", "bank_denies_refunds"):
        setattr(settings, name, bool(wish.get(name, getattr(settings, name))))
    return "", 204


def _is_method(name: str) -> bool:
    try:
        find_method(name)
    except KeyError:
        return False
    return True
