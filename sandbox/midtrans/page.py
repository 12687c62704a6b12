"""The payment page where a person pays, declines or lets time run out."""

from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.midtrans.ledger import Ledger
from sandbox.midtrans.methods import METHODS, offered
from sandbox.midtrans.model import PAID_STATUSES, Snap, Transaction
from sandbox.midtrans.payloads import Merchant, status_body

OPEN_STATUSES = {"deny", "failure"}  # After these the customer may try again.


def rupiah(amount: int) -> str:
    """Return the amount as people in Indonesia write it: Rp389.000."""
    return f"Rp{amount:,}".replace(",", ".")


def page_blueprint(ledger: Ledger, merchant: Merchant) -> Blueprint:
    """Return the page at the `redirect_url` of a token."""
    page = Blueprint("page", __name__, template_folder="templates")
    page.add_app_template_filter(rupiah)

    @page.get("/snap/v4/redirection/<token>")
    def show(token: str) -> ResponseReturnValue:
        snap = ledger.snaps.get(token)
        if snap is None or snap.ended:
            return render_template("gone.html"), 404
        transaction = ledger.find(snap.order_id) or _latest(ledger, snap)
        return render_template(
            "pay.html",
            snap=snap,
            transaction=transaction,
            can_pay=_can_pay(snap, transaction),
            is_paid=transaction is not None and transaction.status in PAID_STATUSES,
            methods=offered(snap.request.get("enabled_payments")),
            finish=_finish_url(snap, transaction, merchant),
        )

    @page.post("/snap/v4/redirection/<token>")
    def click(token: str) -> ResponseReturnValue:
        with ledger.lock:
            snap = ledger.snaps.get(token)
            if snap is None or snap.is_over():
                return render_template("gone.html"), 404
            if _can_pay(snap, ledger.find(snap.order_id) or _latest(ledger, snap)):
                _act(ledger, snap)
        return redirect(url_for("page.show", token=token), 303)

    return page


def _act(ledger: Ledger, snap: Snap) -> None:
    method = request.form.get("method", "")
    if method not in METHODS:
        return
    match request.form.get("action"):
        case "pay":
            ledger.pay(snap.order_id, method)
        case "pending":
            ledger.choose(snap.order_id, method)
        case "deny":
            ledger.deny(snap.order_id, method)
        case "expire":
            ledger.expire(snap.order_id, method)


def _latest(ledger: Ledger, snap: Snap) -> Transaction | None:
    rows = ledger.of_order(snap.order_id)
    return rows[-1] if rows else None


def _can_pay(snap: Snap, transaction: Transaction | None) -> bool:
    if snap.is_over():
        return False
    return transaction is None or transaction.status in OPEN_STATUSES | {"pending"}


def _finish_url(snap: Snap, transaction: Transaction | None, merchant: Merchant) -> str:
    finish = str((snap.request.get("callbacks") or {}).get("finish") or "")
    if not finish.startswith(("http://", "https://")):
        return ""
    if transaction is None:
        return finish
    query = urlencode(
        {
            "order_id": snap.order_id,
            "status_code": status_body(transaction, merchant)["status_code"],
            "transaction_status": transaction.status,
        }
    )
    return f"{finish}{'&' if '?' in finish else '?'}{query}"
