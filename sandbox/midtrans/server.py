"""Start Midtrans's server, and control it from Python."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from sandbox.control import control_blueprint
from sandbox.faults import Faults, FaultyApp, RecordedRequest
from sandbox.midtrans.controls import force, midtrans_controls, refund_by_hand
from sandbox.midtrans.core_api import core_blueprint
from sandbox.midtrans.ledger import Ledger
from sandbox.midtrans.methods import Json
from sandbox.midtrans.model import Transaction
from sandbox.midtrans.notifications import (
    RETRY_SECONDS,
    Disturbances,
    Notification,
    Sender,
)
from sandbox.midtrans.page import page_blueprint
from sandbox.midtrans.payloads import Merchant, notification_body, status_body
from sandbox.midtrans.settings import Settings
from sandbox.midtrans.snap_api import snap_blueprint
from sandbox.server import Server

SERVER_KEY = "SB-Mid-server-sandbox"
MERCHANT_ID = "G123456789"
SERVER_ERROR = (
    '{"error_messages":["Sorry, we encountered internal server error. '
    'We will fix this soon."],"locale":"en"}'
)


@dataclass(frozen=True, slots=True)
class Account:
    """The merchant's account: its key, its name and where it wants notifications."""

    server_key: str = SERVER_KEY
    merchant_id: str = MERCHANT_ID
    notification_url: str = ""


class Midtrans:
    """The running stand-in.

    `core_base_url` is its root, `snap_base_url` ends with `/snap/v1`. While no
    notification URL is set, notifications are recorded and not sent: a test can post
    their bodies itself. `faults` makes the server misbehave, `disturb` the
    notifications. Every deed returns the body of the notification it caused.
    """

    def __init__(
        self,
        account: Account,
        *,
        host: str,
        port: int,
        retry_seconds: Sequence[float],
        state: Path | None,
    ) -> None:
        self.server_key = account.server_key
        self.merchant_id = account.merchant_id
        self._account = account
        self.faults = Faults()
        merchant = Merchant(account.merchant_id, account.server_key)
        self.settings = Settings(merchant)
        self._ledger = Ledger(state, self._notify)
        self._sender = Sender(url=account.notification_url, retry_seconds=retry_seconds)
        self._app = FaultyApp(self._flask(), self.faults, server_error=SERVER_ERROR)
        try:
            self._server = Server(self._app, service="Midtrans", host=host, port=port)
        except Exception:
            self._sender.stop()
            raise
        self.core_base_url = self._server.url
        self.snap_base_url = f"{self._server.url}/snap/v1"

    def _flask(self) -> Flask:
        app = Flask(__name__)
        app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's own provider
        app.register_blueprint(snap_blueprint(self._ledger, self.settings))
        app.register_blueprint(core_blueprint(self._ledger, self.settings))
        app.register_blueprint(page_blueprint(self._ledger, self.settings.merchant))
        app.register_blueprint(control_blueprint(self.faults, self.reset))
        controls = midtrans_controls(self._ledger, self._sender, self.settings)
        app.register_blueprint(controls)
        return app

    def reset(self) -> None:
        """Forget transactions, notifications and records; switch everything back."""
        self.faults.clear()
        self._sender.reset(url=self._account.notification_url)
        self._ledger.reset()
        self._app.requests.clear()
        self.settings.language = "en"
        self.settings.errors_over_http_200 = False
        self.settings.bank_denies_refunds = False
        self.settings.scripted.clear()

    def stop(self) -> None:
        """Stop the server and the sender."""
        self.faults.clear()
        self._server.stop()
        self._sender.stop()

    @property
    def requests(self) -> list[RecordedRequest]:
        """Return the requests since the last reset."""
        return list(self._app.requests)

    def notify_at(self, url: str) -> None:
        """Send notifications to this URL from now on ("": only record them)."""
        self._sender.url = url

    @property
    def disturb(self) -> Disturbances:
        """Return the switches for the next notifications, to be set by a test."""
        return self._sender.next

    @property
    def notifications(self) -> list[Notification]:
        """Return all notifications since the last reset, in the order of events."""
        return self._sender.notifications

    def resend(self, notification: Notification) -> Notification:
        """Send a notification's body once more."""
        return self._sender.resend(notification)

    def release(self, *, reverse: bool = False) -> None:
        """Send the notifications that `disturb.hold` kept back."""
        self._sender.release(reverse=reverse)

    def wait_delivered(self, seconds: float = 10) -> None:
        """Wait until no notification is on its way. Raises TimeoutError."""
        self._sender.wait_idle(seconds)

    def pending(self, order_id: str, method: str = "bca_va") -> Json:
        """Let the customer choose a method and pay later."""
        return self._body(self._ledger.choose(order_id, method))

    def pay(self, order_id: str, method: str | None = None) -> Json:
        """Let the customer pay: what is pending, or a BCA account when nothing is."""
        return self._body(self._ledger.pay(order_id, method))

    def challenge(self, order_id: str) -> Json:
        """Let the customer pay by a card that the fraud check wants reviewed."""
        transaction = self._ledger.pay(order_id, "credit_card", challenge=True)
        return self._body(transaction)

    def settle(self, order_id: str) -> Json:
        """Let a captured card settle, as on the next day."""
        return self._body(force(self._ledger, order_id, "settlement"))

    def deny(
        self, order_id: str, method: str | None = None, *, by_fraud_check: bool = False
    ) -> Json:
        """Let the bank refuse what is pending, or a new card payment."""
        transaction = self._ledger.deny(order_id, method, by_fraud_check=by_fraud_check)
        return self._body(transaction)

    def expire(self, order_id: str, method: str | None = None) -> Json:
        """Let what is pending (or a new BCA account) run out of time."""
        return self._body(self._ledger.expire(order_id, method))

    def refund(self, order_id: str, amount: int | None = None) -> Json:
        """Refund in the dashboard, whole rupiah (None: all that is left).

        Two notifications follow, the second with `bank_confirmed_at`.
        """
        return self._body(refund_by_hand(self._ledger, order_id, amount=amount))

    def force_status(self, order_id: str, status: str) -> Json:
        """Move the order's transaction to any status: reversal, chargeback, failure."""
        return self._body(force(self._ledger, order_id, status))

    def transactions(self, order_id: str) -> list[Transaction]:
        """Return the order's transactions, oldest first."""
        return self._ledger.of_order(order_id)

    def status(self, order_id: str) -> Json | None:
        """Return what GET status would answer, or None for its 404."""
        transaction = self._ledger.find(order_id)
        if transaction is None:
            return None
        return status_body(transaction, self.settings.merchant)

    def snap_request(self, order_id: str) -> Json:
        """Return the request that made the order's newest token."""
        return self._ledger.snap_of(order_id).request

    def _notify(self, transaction: Transaction) -> None:
        self._sender.send(self._body(transaction))

    def _body(self, transaction: Transaction) -> Json:
        return notification_body(transaction, self.settings.merchant)


@contextmanager
def run_midtrans(
    account: Account | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    retry_seconds: Sequence[float] = RETRY_SECONDS,
    state: Path | None = None,
) -> Iterator[Midtrans]:
    """Run Midtrans for the length of a `with` block; port 0 takes a free one.

    `retry_seconds` are the five waits between deliveries. `state` is a folder that
    keeps tokens and transactions. Raises `PortTaken`.
    """
    midtrans = Midtrans(
        account or Account(),
        host=host,
        port=port,
        retry_seconds=retry_seconds,
        state=state,
    )
    try:
        yield midtrans
    finally:
        midtrans.stop()
