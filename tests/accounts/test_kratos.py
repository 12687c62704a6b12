"""What each answer of Kratos means, with the recorded examples and with faults."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pytest_django import Settings
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

from accounts.clients import kratos as client
from accounts.clients import kratos_http
from accounts.clients.kratos import KratosUnavailable, SecondFactorRequired
from sandbox.faults import Fault
from sandbox.kratos import Kratos, Login
from sandbox.server import Server

EXAMPLES = Path(__file__).parent.parent / "contracts" / "kratos"
HEADER = "X-Kratos-Authenticated-Identity-Id"


class Answers:
    """A Kratos that answers every request with what it was given last."""

    def __init__(self) -> None:
        self.prepared = Response(status=500)
        self.seen: list[Headers] = []

    def __call__(self, body: str, status: int = 200, **headers: str) -> None:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.prepared = Response(body, status=status, mimetype="application/json")
        self.prepared.headers.extend(names)

    def respond(self, request: Request) -> Response:
        self.seen.append(request.headers)
        return self.prepared


@pytest.fixture
def answers(settings: Settings) -> Iterator[Answers]:
    given = Answers()
    app = Request.application(given.respond)
    with Server(app, service="whoami", host="127.0.0.1", port=0) as server:
        settings.KRATOS_INTERNAL_URL = server.url
        settings.KRATOS_BROWSER_URL = "http://127.0.0.1:4433"
        yield given


def example(name: str) -> dict[str, Any]:
    return json.loads((EXAMPLES / name).read_text())


def answer_session(answers: Answers, document: dict[str, Any], **headers: str) -> None:
    identity_id = document["identity"]["id"]
    given = {HEADER.replace("-", "_"): identity_id} | headers
    answers(json.dumps(document), **given)


def test_browser_session_is_read_with_its_verified_address(answers: Answers) -> None:
    answer_session(answers, example("whoami-200-browser-aal1-password.json"))
    session = client.whoami(cookie="abc")
    assert session is not None
    assert session.is_active
    assert session.assurance_level == "aal1"
    assert session.expires_at == datetime(2026, 11, 24, 3, 12, 44, 182736, tzinfo=UTC)
    assert session.identity.id == UUID("5ff66179-c240-4703-b0d8-494592cefff5")
    assert session.identity.email == "Siti.Rahma@example.com"
    assert session.identity.email_verified
    assert session.identity.full_name == "Siti Rahma"
    assert session.identity.phone == "+6281234567890"


def test_api_session_is_read_with_its_unverified_address(answers: Answers) -> None:
    answer_session(answers, example("whoami-200-api-session-token.json"))
    session = client.whoami(token="ory_st_x")
    assert session is not None
    assert not session.identity.email_verified


def test_401_means_no_session(answers: Answers) -> None:
    answers(json.dumps(example("whoami-401.json")), status=401)
    assert client.whoami(token="ory_st_x") is None


def test_second_factor_is_named_with_our_own_redirect(answers: Answers) -> None:
    document = example("whoami-403-session-aal2-required.json")
    answers(json.dumps(document), status=403)
    with pytest.raises(SecondFactorRequired) as raised:
        client.whoami(token="ory_st_x")
    target = "http://127.0.0.1:4433/self-service/login/browser?aal=aal2"
    assert raised.value.extra == {"redirect_browser_to": target}


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "http://127.0.0.1:4433@evil.example/",
        "//evil.example", "http://127.0.0.1:4434/", "javascript:alert(1)", None, 5,
        "http://[",
    ],
)  # fmt: skip
def test_foreign_redirect_is_not_passed_on(answers: Answers, target: object) -> None:
    document = example("whoami-403-session-aal2-required.json")
    answers(json.dumps(document | {"redirect_browser_to": target}), status=403)
    with pytest.raises(SecondFactorRequired) as raised:
        client.whoami(token="ory_st_x")
    assert raised.value.extra == {}


def test_unknown_tokenizer_is_a_fault_not_a_sign_out(answers: Answers) -> None:
    document = example("whoami-400-unknown-tokenizer-template.json")
    answers(json.dumps(document), status=400)
    with pytest.raises(KratosUnavailable):
        client.whoami(token="ory_st_x")


def test_unknown_fields_and_methods_are_ignored(answers: Answers) -> None:
    document = example("whoami-200-api-session-token.json")
    document["authentication_methods"] = [{"method": "deviceauthn", "x": 1}]
    document["identity"]["region"] = "asia"
    document["authenticated_at"] = "2026-11-23T05:00:10.000491382Z"
    document["devices"] = None
    answer_session(answers, document)
    assert client.whoami(token="ory_st_x") is not None


def test_traits_of_any_shape_fit_our_columns(answers: Answers) -> None:
    document = example("whoami-200-api-session-token.json")
    document["identity"]["traits"] = {
        "email": "a\0@b.example", "name": {"first": 7, "last": "x" * 500}, "phone": [],
    }  # fmt: skip
    answer_session(answers, document)
    session = client.whoami(token="ory_st_x")
    assert session is not None
    assert session.identity.email == "a@b.example"
    assert session.identity.full_name == "x" * 100
    assert session.identity.phone == ""


@pytest.mark.parametrize(
    "address",
    [
        {"via": "sms"},
        {"value": "other@example.com"},
        {"verified": False},
        {"status": "sent"},
    ],
)
def test_address_counts_as_verified_only_by_every_rule(
    answers: Answers, address: dict[str, Any]
) -> None:
    document = example("whoami-200-browser-aal1-password.json")
    document["identity"]["verifiable_addresses"][0].update(address)
    answer_session(answers, document)
    session = client.whoami(cookie="abc")
    assert session is not None
    assert not session.identity.email_verified


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"identity": null}',
        '{"id": "x", "identity": {}}',
        "<html>",
    ],
)
def test_unreadable_session_is_a_fault(answers: Answers, body: str) -> None:
    answers(body)
    with pytest.raises(KratosUnavailable):
        client.whoami(token="ory_st_x")


def test_session_without_the_identity_header_is_a_fault(answers: Answers) -> None:
    answers(json.dumps(example("whoami-200-api-session-token.json")))
    with pytest.raises(KratosUnavailable):
        client.whoami(token="ory_st_x")


@pytest.mark.parametrize("state", ["inactive", None])
def test_inactive_identity_is_no_active_session(
    answers: Answers, state: str | None
) -> None:
    document = example("whoami-200-api-session-token.json")
    document["identity"]["state"] = state
    answer_session(answers, document)
    session = client.whoami(token="ory_st_x")
    assert session is not None
    assert not session.is_active


@pytest.mark.parametrize(
    "fault",
    [
        Fault.DOWN, Fault.GARBAGE, Fault.HTML, Fault.REDIRECT, Fault.RATE_LIMITED,
        Fault.SERVER_ERROR, Fault.UNAVAILABLE, Fault.OVERSIZE, Fault.HEADER_MISMATCH,
    ],
)  # fmt: skip
def test_every_fault_is_an_outage(
    identity: Kratos, aisyah_login: Login, fault: Fault
) -> None:
    identity.faults.set(fault)
    with pytest.raises(KratosUnavailable) as raised:
        client.whoami(token=aisyah_login.token)
    assert 1 <= (raised.value.retry_after_seconds or 0) <= 30


def test_silence_is_an_outage(
    identity: Kratos, aisyah_login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kratos_http, "READ_SECONDS", 0.1)
    monkeypatch.setattr(kratos_http, "_pool", kratos_http._pool.__wrapped__)
    identity.faults.set(Fault.SLOW, seconds=30)
    with pytest.raises(KratosUnavailable):
        client.whoami(token=aisyah_login.token)


def test_nobody_listening_is_an_outage(settings: Settings) -> None:
    settings.KRATOS_INTERNAL_URL = "http://127.0.0.1:9"
    with pytest.raises(KratosUnavailable):
        client.whoami(token="ory_st_x")


def test_an_answer_that_failed_is_not_asked_again(
    identity: Kratos, aisyah_login: Login
) -> None:
    identity.faults.set(Fault.SERVER_ERROR)
    with pytest.raises(KratosUnavailable):
        client.whoami(token=aisyah_login.token)
    assert identity.whoami_count == 1


def test_redirect_is_not_followed(answers: Answers, settings: Settings) -> None:
    answers("", status=302, Location=f"{settings.KRATOS_INTERNAL_URL}/elsewhere")
    with pytest.raises(KratosUnavailable):
        client.whoami(token="ory_st_x")
    assert len(answers.seen) == 1


def test_oversize_session_is_a_fault(answers: Answers) -> None:
    document = example("whoami-200-api-session-token.json")
    answer_session(answers, document | {"padding": "x" * kratos_http.MAX_BODY_BYTES})
    with pytest.raises(KratosUnavailable):
        client.whoami(token="ory_st_x")


def test_token_travels_as_bearer_and_alone(
    identity: Kratos, aisyah_login: Login
) -> None:
    client.whoami(token=aisyah_login.token)
    headers = identity.requests[-1].headers
    assert headers["authorization"] == f"Bearer {aisyah_login.token}"
    assert "cookie" not in headers
    assert "x-session-token" not in headers


def test_cookie_travels_alone(identity: Kratos, aisyah_login: Login) -> None:
    assert client.whoami(cookie=aisyah_login.cookie) is not None
    headers = identity.requests[-1].headers
    assert headers["cookie"] == f"ory_kratos_session={aisyah_login.cookie}"
    assert "authorization" not in headers


def test_reissued_cookie_is_not_sent_for_the_next_customer(answers: Answers) -> None:
    document = example("whoami-200-api-session-token.json")
    reissued = "ory_kratos_session=siti; Path=/; HttpOnly"
    answer_session(answers, document, Set_Cookie=reissued)
    client.whoami(token="ory_st_siti")
    client.whoami(token="ory_st_budi")
    assert [headers.get("Cookie") for headers in answers.seen] == [None, None]


def test_two_customers_interleaved_stay_themselves(
    identity: Kratos, aisyah_login: Login, budi_login: Login
) -> None:
    names = []
    for _ in range(3):
        for credential in (
            {"cookie": aisyah_login.cookie},
            {"token": budi_login.token},
            {"token": aisyah_login.token},
            {"cookie": budi_login.cookie},
        ):
            session = client.whoami(**credential)
            assert session is not None
            names.append(session.identity.full_name)
    assert names == ["Aisyah Putri", "Budi Santoso", "Aisyah Putri", "Budi Santoso"] * 3


@pytest.mark.parametrize(
    "credential",
    ["", "x" * 257, "a b", "a\tb", "a,b", "a;b", 'a"b', "a\\b", "a\0b", "é"],
)
def test_impossible_credentials_are_recognised(credential: str) -> None:
    assert not client.is_plausible(credential, max_length=256)


def test_token_without_the_prefix_is_possible() -> None:
    assert client.is_plausible("x" * 256, max_length=256)
