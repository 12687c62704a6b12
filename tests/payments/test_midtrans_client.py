"""Every answer of the contract, and every way to get none, becomes one of our facts."""

import json
import pickle
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from werkzeug.wrappers import Request, Response

from payments.clients import midtrans
from payments.clients.midtrans import (
    GatewayMisconfigured,
    GatewayOutcomeUnknown,
    GatewayRejected,
    GatewayUnavailable,
    Item,
    OrderIdTaken,
    SnapRequest,
)
from sandbox.midtrans import Midtrans
from sandbox.server import Server

EXAMPLES = Path(__file__).parents[1] / "contracts" / "midtrans" / "api"
KEY = "SB-Mid-server-very-secret"
REQUEST = SnapRequest(
    provider_order_id="KRM-261123-7F3K9Q-01",
    amount=170_000,
    items=[
        Item("GMS-1", "Gamis | Arunika" * 5, 150_000, 1),
        Item("S", "Ongkir", 20_000, 1),
    ],
    customer_name="Aisyah",
    customer_email="aisyah@karima.example",
    customer_phone="+6281234567801",
    starts_at=datetime(2026, 11, 23, 5, tzinfo=UTC),
    expiry_minutes=60,
    finish_url="https://karima.com/orders/KRM-261123-7F3K9Q",
)


class Script:
    """A server that answers what a test wrote down, and remembers what it was asked."""

    def __init__(self) -> None:
        self.status, self.body = 200, b"{}"
        self.asked: list[Request] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        request.get_data()
        self.asked.append(request)
        answer = Response(self.body, self.status, content_type="application/json")
        return answer(environ, start_response)

    def answer(self, status: int, body: bytes) -> None:
        self.status, self.body = status, body


@pytest.fixture
def script(settings: Settings) -> Iterator[Script]:
    script = Script()
    server = Server(script, service="script", host="127.0.0.1", port=0)
    settings.MIDTRANS_CORE_BASE_URL = server.url
    settings.MIDTRANS_SNAP_BASE_URL = f"{server.url}/snap/v1"
    settings.MIDTRANS_SERVER_KEY = KEY
    settings.MIDTRANS_TIMEOUT_SECONDS = (1.0, 1.0)
    yield script
    server.stop()


def example(name: str) -> bytes:
    return (EXAMPLES / f"{name}.json").read_bytes()


def test_token_is_read(script: Script) -> None:
    script.answer(201, example("snap-201"))
    token = midtrans.create_snap_transaction(REQUEST)
    assert token.token == json.loads(example("snap-201"))["token"]


def test_request_keeps_the_gateways_rules(script: Script) -> None:
    script.answer(201, example("snap-201"))
    midtrans.create_snap_transaction(REQUEST)
    sent = json.loads(script.asked[0].get_data())
    assert script.asked[0].authorization.username == KEY
    assert len(sent["item_details"][0]["name"]) == 50
    assert "|" not in sent["item_details"][0]["name"]
    assert sent["expiry"] == {
        "start_time": "2026-11-23 12:00:00 +0700",
        "unit": "minute",
        "duration": 60,
    }


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [
        ("snap-400-required", 400, GatewayRejected),
        ("snap-400-sum", 400, GatewayRejected),
        ("snap-400-order_id-used-en", 400, OrderIdTaken),
        ("snap-400-order_id-used-id", 400, OrderIdTaken),
        ("snap-401", 401, GatewayMisconfigured),
        ("snap-500", 500, GatewayUnavailable),
        ("status-404", 200, GatewayRejected),
        ("status-401", 200, GatewayMisconfigured),
    ],
)
def test_refused_token(
    script: Script, name: str, status: int, error: type[Exception]
) -> None:
    script.answer(status, example(name))
    with pytest.raises(error):
        midtrans.create_snap_transaction(REQUEST)


@pytest.mark.parametrize(
    "name", ["status-200-settlement", "status-201-pending", "status-407-expire"]
)
def test_status_is_returned_as_it_is(script: Script, name: str) -> None:
    script.answer(200, example(name))
    assert midtrans.get_status("X") == json.loads(example(name))


def test_expired_transaction_is_no_error_over_http_either(script: Script) -> None:
    script.answer(407, example("status-407-expire"))
    assert midtrans.get_status("X") == json.loads(example("status-407-expire"))


@pytest.mark.parametrize("status", [404, 200])
def test_unknown_transaction_is_none_not_failed(script: Script, status: int) -> None:
    script.answer(status, example("status-404"))
    assert midtrans.get_status("X") is None


@pytest.mark.parametrize("status", [401, 200])
def test_wrong_key_is_told_apart(script: Script, status: int) -> None:
    script.answer(status, example("status-401"))
    with pytest.raises(GatewayMisconfigured):
        midtrans.get_status("X")


def test_identifier_cannot_steer_the_call(script: Script) -> None:
    script.answer(404, example("status-404"))
    midtrans.get_status("X/../Y?z=1#")
    assert script.asked[0].environ["REQUEST_URI"] == "/v2/X%2F..%2FY%3Fz%3D1%23/status"


@pytest.mark.parametrize(
    ("name", "error"), [("cancel-200", None), ("cancel-412", GatewayRejected)]
)
def test_cancel(script: Script, name: str, error: type[Exception]) -> None:
    script.answer(200, example(name))
    if error is None:
        midtrans.cancel("X")
    else:
        with pytest.raises(error):
            midtrans.cancel("X")


def test_page_in_use_is_not_ended(script: Script) -> None:
    script.answer(200, example("snap-session-cancel-200"))
    midtrans.cancel_snap_session("T")
    assert script.asked[0].path == "/snap/v1/transactions/T/cancel"
    script.answer(400, example("snap-session-cancel-in-progress"))
    with pytest.raises(GatewayRejected):
        midtrans.cancel_snap_session("T")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'"text"'),
        (302, b"{}"),
        (403, b"<html>Cloudflare</html>"),
        (403, b"{}"),
        (429, b"{}"),
        (502, b"<html>"),
        (201, b'{"no": "token"}'),
        (201, b'{"token": "", "redirect_url": null}'),
        (200, b'{"status_code": "none"}'),
        (200, b'{"status_code": null}'),
        (503, b'{"status_code": "none", "error_messages": 5}'),
    ],
)
def test_anything_else_is_unavailable(script: Script, status: int, body: Any) -> None:
    script.answer(status, body)
    with pytest.raises(GatewayUnavailable):
        midtrans.create_snap_transaction(REQUEST)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"{}"),
        (200, b'{"status_code": "200"}'),
        (407, b"[]"),
        (407, b'["transaction_status"]'),
        (407, b'{"message": "proxy"}'),
    ],
)
def test_answer_about_no_transaction_is_unavailable(
    script: Script, status: int, body: bytes
) -> None:
    script.answer(status, body)
    with pytest.raises(GatewayUnavailable):
        midtrans.get_status("X")


def test_silence_after_a_write_is_unknown(gateway: Midtrans) -> None:
    gateway.faults.set("slow", seconds=1.5)
    with pytest.raises(GatewayOutcomeUnknown):
        midtrans.create_snap_transaction(REQUEST)
    with pytest.raises(GatewayUnavailable) as read:
        midtrans.get_status("X")
    assert not isinstance(read.value, GatewayOutcomeUnknown)


def test_refused_connection_is_unavailable(settings: Settings) -> None:
    settings.MIDTRANS_CORE_BASE_URL = "http://127.0.0.1:9"
    with pytest.raises(GatewayUnavailable):
        midtrans.get_status("X")


@pytest.mark.parametrize("status", [400, 401])
def test_errors_do_not_carry_the_key(script: Script, status: int) -> None:
    script.answer(status, example("snap-401"))
    with pytest.raises(GatewayRejected) as refused:
        midtrans.create_snap_transaction(REQUEST)
    told = "".join(traceback.format_exception(refused.value)) + repr(refused.value)
    assert KEY not in told
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_cookies_are_not_kept(script: Script, settings: Settings) -> None:
    assert midtrans._session.cookies.get_policy().allowed_domains() == ()


def test_rejection_survives_a_trip_through_a_queue() -> None:
    rejection = GatewayRejected(400, ["no"])
    assert str(pickle.loads(pickle.dumps(rejection))) == str(rejection)  # noqa: S301 our own bytes
