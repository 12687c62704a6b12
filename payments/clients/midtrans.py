"""Midtrans: Snap, Core API and notifications. The only import of its library.

Facts about the API are from docs.midtrans.com (read November 2026). Amounts arrive as
strings with two decimals and leave as integers; times are naive strings in WIB.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote

import requests
from django.conf import settings
from django.views.decorators.debug import sensitive_variables
from midtransclient import CoreApi, Snap
from midtransclient.config import ApiConfig
from midtransclient.error_midtrans import JSONDecodeError, MidtransAPIError

from karima import metrics
from karima.breaker import Breaker
from karima.errors import Unavailable
from karima.ids import WIB

logger = logging.getLogger(__name__)

# Both languages of the merchant account, which decides what Midtrans writes.
ORDER_ID_TAKEN = ("has already been taken", "sudah digunakan")
NAME_LIMIT = 50
# The bank that prints the shortest name on its virtual account.
CUSTOMER_NAME_LIMIT = 30
# Left out: DANA and the banks behind BI-SNAP, whose status cannot be asked by order id.
ENABLED_PAYMENTS = [
    "credit_card",
    "gopay",
    "shopeepay",
    "other_qris",
    "bca_va",
    "bni_va",
    "bri_va",
    "permata_va",
    "echannel",
    "cimb_va",
    "indomaret",
    "alfamart",
]
# A refund that is accepted, and one under a key that Midtrans knows.
ACCEPTED, DUPLICATE = frozenset({200, 201}), 406
# The code of an expired transaction, which the library takes for an error over HTTP.
EXPIRED = 407


breaker = Breaker(dependency="midtrans", failures=5, within_seconds=30, open_seconds=15)


class GatewayUnavailable(Unavailable):
    """Midtrans did not answer, or not with an answer of its own. Try again later."""

    code = "payment_gateway_unavailable"
    title = "Payment gateway unavailable"
    detail = "Pembayaran sedang tidak tersedia. Silakan coba beberapa saat lagi."


class GatewayOutcomeUnknown(GatewayUnavailable):
    """A write was sent and no answer came: it may have happened. Ask, never assume."""


class GatewayRejected(Exception):
    """Midtrans refused the request as it is; sending it again changes nothing."""

    def __init__(self, code: int, messages: Sequence[str]) -> None:
        super().__init__(code, list(messages))
        self.code = code
        self.messages = list(messages)

    def __str__(self) -> str:
        return f"{self.code}: {'; '.join(self.messages)}"


class OrderIdTaken(GatewayRejected):
    """The customer has already chosen a method under this id, or paid."""


class GatewayMisconfigured(GatewayRejected):
    """The server key is wrong for this environment."""


class DuplicateRefundKey(GatewayRejected):
    """A refund under this key is on record: the status answer lists it."""


class RefundDenied(GatewayRejected):
    """The bank refused to give the money back; nothing was taken."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the bill; `price` in rupiah, negative for a discount."""

    id: str
    name: str
    price: int
    quantity: int


@dataclass(frozen=True, slots=True)
class SnapRequest:
    """What Snap needs to take a payment; the items add up to the amount, in rupiah."""

    provider_order_id: str
    amount: int
    items: Sequence[Item]
    customer_name: str
    customer_email: str
    customer_phone: str
    starts_at: datetime
    expiry_minutes: int
    finish_url: str


@dataclass(frozen=True, slots=True)
class SnapToken:
    token: str
    redirect_url: str


def create_snap_transaction(request: SnapRequest) -> SnapToken:
    """Return a token with which the customer can pay.

    Raises `OrderIdTaken`, `GatewayMisconfigured`, `GatewayRejected`,
    `GatewayOutcomeUnknown` or `GatewayUnavailable`. Sending the same request again is
    safe as long as the customer has chosen no method, but ends the earlier token.
    """
    answer = _call(lambda: _snap().create_transaction(_snap_body(request)), write=True)
    match answer:
        case {"token": str(token), "redirect_url": str(url)} if token and url:
            return SnapToken(token=token, redirect_url=url)
    raise GatewayUnavailable()


def get_status(identifier: str) -> dict[str, Any] | None:
    """Return the transaction of an order id or transaction id, or None.

    None means that no payment method has been chosen under this order id: nothing was
    attempted, nothing failed. Raises `GatewayMisconfigured` or `GatewayUnavailable`,
    the latter also for an answer that is about no transaction.
    """
    try:
        body = _call(lambda: _core().transactions.status(quote(identifier, safe="")))
    except GatewayMisconfigured:
        raise
    except GatewayRejected as rejection:
        if rejection.code == 404:
            return None
        raise GatewayUnavailable() from None
    if "transaction_status" not in body:
        raise GatewayUnavailable()
    return body


def cancel(identifier: str) -> None:
    """End a transaction that is still waiting for money.

    Raises `GatewayRejected` when it is too late for that, and the errors of `_call`.
    """
    _call(lambda: _core().transactions.cancel(quote(identifier, safe="")), write=True)


def refund(transaction_id: str, *, key: str, amount: int, reason: str) -> None:
    """Have Midtrans give back an amount, in whole rupiah, of a settled transaction.

    Sent again with the same key, within seven days, it takes effect once. It has no
    Idempotency-Key header: a repeat while the first is running would be answered with
    202, which here means that the bank refused. Raises `RefundDenied`,
    `DuplicateRefundKey`, `GatewayRejected`, and `GatewayUnavailable`, after which
    nobody knows whether it was done.
    """
    body = {"refund_key": key, "amount": amount, "reason": reason}
    identifier = quote(transaction_id, safe="")
    try:
        answer = _call(
            lambda: _core().transactions.refund(identifier, body), write=True
        )
    except GatewayRejected as rejection:
        if rejection.code == DUPLICATE:
            raise DuplicateRefundKey(rejection.code, rejection.messages) from None
        raise
    given = str(answer.get("status_code", ""))
    code = int(given) if given.isdecimal() else 0
    # The library takes a refusal of the bank for a success.
    if code not in ACCEPTED:
        raise RefundDenied(code, [str(answer.get("status_message", ""))])


def approve(identifier: str) -> None:
    """Accept a card that the fraud check holds. Raises like `cancel`."""
    _call(lambda: _core().transactions.approve(quote(identifier, safe="")), write=True)


def deny(identifier: str) -> None:
    """Refuse a card that the fraud check holds. Raises like `cancel`."""
    _call(lambda: _core().transactions.deny(quote(identifier, safe="")), write=True)


def cancel_snap_session(token: str) -> None:
    """End a payment page on which no method has been chosen.

    Raises `GatewayRejected` when one has been, and the errors of `_call`. The library
    has no function for this call.
    """
    snap = _snap()
    url = f"{settings.MIDTRANS_SNAP_BASE_URL}/transactions/{quote(token, safe='')}"
    _call(
        lambda: snap.http_client.request(
            "post", settings.MIDTRANS_SERVER_KEY, f"{url}/cancel", {}, {}, {}
        )[0],
        write=True,
    )


@sensitive_variables()
def _call(
    function: Callable[[], Mapping[str, Any]], *, write: bool = False
) -> dict[str, Any]:
    """Run one call of the library, counted, and translate all that can go wrong.

    While the breaker is open nothing is sent: `GatewayUnavailable` at once, and for a
    write no doubt about its outcome.
    """
    wait_seconds = breaker.wait_seconds()
    if wait_seconds:
        raise GatewayUnavailable(retry_after_seconds=wait_seconds)
    try:
        with metrics.asking("midtrans"):
            answer = _translated(function, write=write)
    except GatewayUnavailable:
        breaker.failed()
        raise
    except GatewayRejected:
        breaker.answered()
        raise
    breaker.answered()
    return answer


@sensitive_variables()
def _translated(
    function: Callable[[], Mapping[str, Any]], *, write: bool
) -> dict[str, Any]:
    """Return the answer, or raise what it stands for.

    The library's own errors carry the Authorization header, hence `from None`.
    """
    try:
        answer = function()
    except MidtransAPIError as error:
        body = error.api_response_dict
        if error.http_status_code == EXPIRED and isinstance(body, dict):
            return body
        raise _refusal(error) from None
    except requests.exceptions.ConnectTimeout:
        raise GatewayUnavailable() from None
    except (
        requests.exceptions.RequestException,
        # An HTML page of a proxy, JSON that is no object, a code that is no number.
        JSONDecodeError,
        AttributeError,
        TypeError,
        ValueError,
    ):
        raise (GatewayOutcomeUnknown if write else GatewayUnavailable)() from None
    return dict(answer)


def _refusal(error: MidtransAPIError) -> Exception:
    body = error.api_response_dict if isinstance(error.api_response_dict, dict) else {}
    # Errors also come as HTTP 200 with the code in the body, so the body counts first.
    given = str(body.get("status_code", ""))
    code = int(given if given.isdecimal() else error.http_status_code)
    listed = body.get("error_messages")
    messages = [str(m) for m in listed] if isinstance(listed, list) else []
    messages = messages or [str(body.get("status_message", ""))]
    if any(text in message for message in messages for text in ORDER_ID_TAKEN):
        return OrderIdTaken(code, messages)
    if code == 401:
        logger.error("midtrans_key_refused")
        return GatewayMisconfigured(code, messages)
    if code == 429 or code >= 500 or code == 403:
        return GatewayUnavailable()
    return GatewayRejected(code, messages)


def _snap_body(request: SnapRequest) -> dict[str, Any]:
    return {
        "transaction_details": {
            "order_id": request.provider_order_id,
            "gross_amount": request.amount,
        },
        "item_details": [
            {
                "id": item.id[:NAME_LIMIT],
                # A vertical bar breaks the bill that Alfamart prints.
                "name": item.name.replace("|", "/")[:NAME_LIMIT],
                "price": item.price,
                "quantity": item.quantity,
            }
            for item in request.items
        ],
        "customer_details": {
            "first_name": request.customer_name[:CUSTOMER_NAME_LIMIT],
            "email": request.customer_email,
            "phone": request.customer_phone,
        },
        "enabled_payments": ENABLED_PAYMENTS,
        "credit_card": {"secure": True},
        # Without a start the clock would begin only when a method is chosen.
        "expiry": {
            "start_time": request.starts_at.astimezone(WIB).strftime(
                "%Y-%m-%d %H:%M:%S +0700"
            ),
            "unit": "minute",
            "duration": request.expiry_minutes,
        },
        "callbacks": {"finish": request.finish_url},
        # A dashboard switch adds fees to the amount otherwise.
        "customer_imposed_payment_fee": {"enable": False},
    }


class _Endpoints(ApiConfig):
    """The library's configuration with the base addresses taken from the settings."""

    def get_core_api_base_url(self) -> str:
        return settings.MIDTRANS_CORE_BASE_URL

    def get_snap_base_url(self) -> str:
        return settings.MIDTRANS_SNAP_BASE_URL


class _Session(requests.Session):
    """A session that has time-outs, and no redirects, proxies, cookies or netrc."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = settings.MIDTRANS_TIMEOUT_SECONDS
        kwargs["allow_redirects"] = False
        return super().request(*args, **kwargs)


_session = _Session()


def _snap() -> Snap:
    return _configured(Snap())


def _core() -> CoreApi:
    return _configured(CoreApi())


def _configured(client: Any) -> Any:
    """Return a client of this call's own: it holds headers, so it is not shared."""
    client.api_config = _Endpoints(
        is_production=settings.MIDTRANS_IS_PRODUCTION,
        server_key=settings.MIDTRANS_SERVER_KEY,
        client_key=settings.MIDTRANS_CLIENT_KEY,
        custom_headers={},
        proxies={},
    )
    client.http_client.http_client = _session
    return client
