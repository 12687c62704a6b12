"""The web hook after a registration."""

from collections.abc import Iterator

import pytest
from flask import Flask, request
from flask.typing import ResponseReturnValue

from sandbox.kratos import Kratos
from sandbox.server import Server
from tests.sandbox.browser import Browser


class Receiver:
    """A shop's end of the web hook; it answers with `statuses`, then with 204."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.url = ""

    def answer(self) -> ResponseReturnValue:
        authorization = request.headers.get("Authorization", "")
        self.seen.append((authorization, request.get_json()))
        return "", self.statuses.pop(0) if self.statuses else 204


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver, app = Receiver(), Flask(__name__)
    app.post("/hook")(receiver.answer)
    with Server(app, service="Hook", host="127.0.0.1", port=0) as server:
        receiver.url = f"{server.url}/hook"
        yield receiver


def register(kratos: Kratos) -> str:
    """Register somebody and return the identity's id, when the hook is over."""
    browser = Browser(kratos)
    browser.send(
        browser.begin("registration"),
        method="password",
        password="sangat-rahasia",
        traits__email="siti@karima.example",
    )
    kratos.wait_for_webhooks()
    return str(browser.whoami().json()["identity"]["id"])


def test_registration_calls_the_hook_with_its_key(
    kratos: Kratos, receiver: Receiver
) -> None:
    kratos.configure(webhook_url=receiver.url, webhook_key="kunci-percobaan")
    identity_id = register(kratos)
    ((authorization, body),) = receiver.seen
    assert authorization == "Bearer kunci-percobaan"
    assert set(body) == {
        "event",
        "identity_id",
        "schema_id",
        "state",
        "flow_id",
        "flow_type",
    }
    assert body["identity_id"] == identity_id
    assert (body["event"], body["flow_type"]) == ("identity.registered", "browser")


@pytest.mark.parametrize(
    ("statuses", "seen"),
    [
        ([503], [503, 204]),
        ([500, 503, 500], [500, 503, 500]),
        ([401], [401]),
    ],
)
def test_hook_is_tried_again_after_what_may_pass(
    kratos: Kratos, receiver: Receiver, statuses: list[int], seen: list[int]
) -> None:
    receiver.statuses = statuses.copy()
    kratos.configure(webhook_url=receiver.url, webhook_key="kunci-percobaan")
    register(kratos)
    (call,) = kratos.webhooks
    assert call.statuses == seen


def test_registration_does_not_depend_on_the_hook(kratos: Kratos) -> None:
    kratos.configure(webhook_url="http://127.0.0.1:9/hook", webhook_key="kunci")
    assert register(kratos)
    (call,) = kratos.webhooks
    assert call.statuses == [0, 0, 0]


def test_nothing_is_called_unless_configured(kratos: Kratos) -> None:
    register(kratos)
    assert kratos.webhooks == []
