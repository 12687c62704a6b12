"""What the stand-in for Midtrans remembers, and which changes of state it allows."""

import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.midtrans.methods import (
    Json,
    Method,
    denied_fields,
    find_method,
    paid_fields,
    pending_fields,
    transaction_id,
)
from sandbox.midtrans.model import (
    PAID_STATUSES,
    WIB,
    Snap,
    Transaction,
    amount_text,
    wib_now,
    wib_text,
)
from sandbox.state import StateFile

Notify = Callable[[Transaction], Any]

DEFAULT_METHOD = "bca_va"
TOKEN_MINUTES = 24 * 60
UNIT_MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}


class UnknownOrder(LookupError):
    """No Snap token was ever made for this order id."""


class Ledger:
    """Snap tokens and transactions. `notify` is called after every change of state."""

    def __init__(self, folder: Path | None, notify: Notify) -> None:
        self._file = StateFile(folder, "midtrans.json")
        self._notify = notify
        self.lock = threading.RLock()
        saved = self._file.load()
        self.snaps = {row["token"]: Snap(**row) for row in saved.get("snaps", [])}
        self.transactions = [
            Transaction(**row) for row in saved.get("transactions", [])
        ]

    def reset(self) -> None:
        """Forget everything."""
        with self.lock:
            self.snaps.clear()
            self.transactions.clear()
            self.save()

    def save(self) -> None:
        """Write everything to the state file, if there is one."""
        self._file.save(
            {
                "snaps": [snap.to_state() for snap in self.snaps.values()],
                "transactions": [row.to_state() for row in self.transactions],
            }
        )

    def open_snap(self, token: str, request: Json) -> Snap | None:
        """Keep a new token; the order's older ones die. None when a method was chosen.

        Source: Midtrans's Snap documentation on creating a token again.
        """
        details = request["transaction_details"]
        order_id = details["order_id"]
        with self.lock:
            if self.of_order(order_id):
                return None
            for older in self.snaps.values():
                if older.order_id == order_id and not older.ended:
                    older.ended = "replaced"
            expires_at = wib_text(_page_expiry(request))
            amount = int(details["gross_amount"])
            snap = Snap(token, order_id, amount, request, expires_at)
            self.snaps[token] = snap
            self.save()
            return snap

    def of_order(self, order_id: str) -> list[Transaction]:
        """Return the transactions of an order, oldest first."""
        return [row for row in self.transactions if row.order_id == order_id]

    def find(self, identifier: str) -> Transaction | None:
        """Return the transaction of this id, or the one that speaks for this order.

        That is a paid one if there is one, else the latest. What is overdue expires
        first. An order paid by a BI-SNAP method is not found by its order id.
        """
        with self.lock:
            self._expire_overdue()
            for row in self.transactions:
                if row.transaction_id == identifier:
                    return row
            rows = [r for r in self.of_order(identifier) if r.method_name != "bsi_va"]
            money = [row for row in rows if row.settlement_time or _is_paid(row)]
            candidates = money or rows
            return candidates[-1] if candidates else None

    def snap_of(self, order_id: str) -> Snap:
        """Return the newest token of an order. Raises `UnknownOrder`."""
        with self.lock:
            snaps = [s for s in self.snaps.values() if s.order_id == order_id]
        if not snaps:
            raise UnknownOrder(order_id)
        return snaps[-1]

    def choose(self, order_id: str, method_name: str | None) -> Transaction:
        """Return a new pending transaction, as when the customer chose a method."""
        transaction = self._start(order_id, find_method(method_name or DEFAULT_METHOD))
        return self._changed(transaction)

    def pay(
        self, order_id: str, method_name: str | None, *, challenge: bool = False
    ) -> Transaction:
        """Return the order's transaction, paid: a card is captured, the rest settled.

        Pays the pending transaction of that method, or a new one.
        """
        transaction = self._pending_or_new(order_id, method_name)
        moment = wib_text(wib_now())
        amount = transaction.gross_text
        extra = paid_fields(transaction.method, amount=amount, paid_at=moment)
        transaction.fields = transaction.fields | extra
        if transaction.method_name == "credit_card":
            transaction.status = "capture"
            transaction.fraud_status = "challenge" if challenge else "accept"
        else:
            transaction.status = "settlement"
            transaction.settlement_time = moment
        return self._changed(transaction)

    def deny(
        self, order_id: str, method_name: str | None, *, by_fraud_check: bool = False
    ) -> Transaction:
        """Return the order's transaction, refused by the bank or the fraud check."""
        name = method_name or self._pending_method(order_id) or "credit_card"
        transaction = self._pending_or_new(order_id, name)
        extra = denied_fields(transaction.method, by_fraud_check=by_fraud_check)
        transaction.fields = transaction.fields | extra
        transaction.fraud_status = "deny" if by_fraud_check else "accept"
        transaction.status = "deny"
        return self._changed(transaction)

    def expire(self, order_id: str, method_name: str | None) -> Transaction:
        """Return the order's transaction, expired."""
        transaction = self._pending_or_new(order_id, method_name)
        return self.move(transaction, "expire")

    def move(self, transaction: Transaction, status: str) -> Transaction:
        """Set a status without asking whether it may follow the present one."""
        with self.lock:
            transaction.status = status
            if status == "settlement":
                transaction.settlement_time = wib_text(wib_now())
            return self._changed(transaction)

    def refund(
        self, transaction: Transaction, *, key: str, amount: int, reason: str
    ) -> Transaction:
        """Add a refund and notify twice: as asked, then as the bank confirmed it."""
        with self.lock:
            row: dict[str, Any] = {
                "refund_chargeback_id": 40000 + secrets.randbelow(10000),
                "refund_amount": amount_text(amount),
                "created_at": wib_text(wib_now()),
                "reason": reason,
                "refund_key": key,
                "refund_method": "online",
            }
            transaction.refunds.append(row)
            whole = transaction.refunded >= transaction.gross_amount
            transaction.status = "refund" if whole else "partial_refund"
            self._changed(transaction)
            row["bank_confirmed_at"] = wib_text(wib_now())
            return self._changed(transaction)

    def _pending_or_new(self, order_id: str, method_name: str | None) -> Transaction:
        wanted = find_method(method_name).name if method_name else None
        with self.lock:
            for row in reversed(self.of_order(order_id)):
                if row.status == "pending" and wanted in {None, row.method_name}:
                    return row
            return self._start(order_id, find_method(wanted or DEFAULT_METHOD))

    def _pending_method(self, order_id: str) -> str | None:
        rows = [row for row in self.of_order(order_id) if row.status == "pending"]
        return rows[-1].method_name if rows else None

    def _start(self, order_id: str, method: Method) -> Transaction:
        snap = self.snap_of(order_id)
        begun = wib_now()
        names = ("custom_field1", "custom_field2", "custom_field3")
        transaction = Transaction(
            transaction_id=transaction_id(method, begun),
            order_id=order_id,
            gross_amount=snap.gross_amount,
            method_name=method.name,
            transaction_time=wib_text(begun),
            expiry_time=wib_text(_method_expiry(snap.request, method, begun)),
            fields=pending_fields(method),
            custom_fields={n: snap.request[n] for n in names if snap.request.get(n)},
        )
        with self.lock:
            self.transactions.append(transaction)
        return transaction

    def _expire_overdue(self) -> None:
        for row in self.transactions:
            if row.is_overdue():
                self.move(row, "expire")

    def _changed(self, transaction: Transaction) -> Transaction:
        with self.lock:
            self.save()
            self._notify(transaction)
        return transaction


def _is_paid(transaction: Transaction) -> bool:
    return transaction.status in PAID_STATUSES


def _length(limit: Json) -> timedelta:
    unit = str(limit.get("unit", "minute")).lower().removesuffix("s")
    return timedelta(minutes=int(limit.get("duration", 1)) * UNIT_MINUTES[unit])


def _started(limit: Json, begun: datetime) -> datetime:
    text = limit.get("start_time")
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z") if text else begun


def _page_expiry(request: Json) -> datetime:
    begun = datetime.now(UTC)
    limit = request.get("page_expiry") or request.get("expiry")
    if not limit:
        return begun + timedelta(minutes=TOKEN_MINUTES)
    return _started(limit, begun) + _length(limit)


def _method_expiry(request: Json, method: Method, begun: datetime) -> datetime:
    limit = request.get("expiry")
    if not limit:
        return begun + timedelta(minutes=method.expiry_minutes)
    return (_started(limit, begun) + _length(limit)).astimezone(WIB)
