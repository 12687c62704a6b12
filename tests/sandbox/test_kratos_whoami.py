"""whoami of the stand-in answers as the contract of Kratos v1.1.0 says."""

import json
from typing import Any

import pytest
import urllib3

from sandbox.kratos import AISYAH, BUDI, COOKIE_NAME, Kratos
from tests.sandbox.client import ask, example, shape

REQUEST_ID = "0b3c8f0a-7f0e-4f39-9f0b-6f0f6f8c2d11"


def whoami(kratos: Kratos, **headers: str) -> urllib3.BaseHTTPResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask("GET", f"{kratos.public_url}/sessions/whoami", headers=sent)


def without_metadata(session: dict[str, Any]) -> dict[str, Any]:
    """Leave out the one field that may be any JSON."""
    person = {k: v for k, v in session["identity"].items() if k != "metadata_public"}
    return {**session, "identity": person}


def test_cookie_session_has_the_shape_of_the_browser_example(kratos: Kratos) -> None:
    login = kratos.login("aisyah@karima.example")
    answer = whoami(kratos, Cookie=f"{COOKIE_NAME}={login.cookie}")
    expected = example("kratos/whoami-200-browser-aal1-password.json")
    assert answer.status == 200
    assert shape(without_metadata(answer.json())) == shape(without_metadata(expected))


def test_token_session_has_the_shape_of_the_api_example(kratos: Kratos) -> None:
    login = kratos.login("budi@karima.example")
    answer = whoami(kratos, Authorization=f"Bearer {login.token}")
    expected = example("kratos/whoami-200-api-session-token.json")
    assert answer.status == 200
    assert shape(answer.json()) == shape(expected)


def test_answer_names_the_identity_and_forbids_caching(kratos: Kratos) -> None:
    login = kratos.login("aisyah@karima.example")
    answer = whoami(kratos, Authorization=f"bearer {login.token}")
    assert answer.headers["X-Kratos-Authenticated-Identity-Id"] == AISYAH
    assert answer.headers["Cache-Control"] == (
        "private, no-cache, no-store, must-revalidate"
    )
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert login.token not in answer.data.decode()


def test_no_credential_is_the_401_example(kratos: Kratos) -> None:
    answer = whoami(kratos, X_Request_ID=REQUEST_ID)
    assert answer.status == 401
    assert answer.json() == example("kratos/whoami-401.json")
    assert answer.headers["Content-Type"] == "application/json"


def test_second_factor_is_the_403_example(kratos: Kratos) -> None:
    kratos.enrol_second_factor("aisyah@karima.example")
    login = kratos.login("aisyah@karima.example")
    answer = whoami(kratos, Authorization=f"Bearer {login.token}")
    text = answer.data.decode().replace(kratos.public_url, "http://127.0.0.1:4433")
    expected = example("kratos/whoami-403-session-aal2-required.json")
    assert answer.status == 403
    assert json.loads(text) == expected


def test_unknown_tokenizer_is_the_400_example(kratos: Kratos) -> None:
    login = kratos.login()
    url = f"{kratos.public_url}/sessions/whoami?tokenize_as=karima_api"
    answer = ask("GET", url, headers={"Authorization": f"Bearer {login.token}"})
    assert answer.status == 400
    assert answer.json() == example("kratos/whoami-400-unknown-tokenizer-template.json")


def test_wrong_session_token_header_beats_a_good_bearer(kratos: Kratos) -> None:
    login = kratos.login()
    answer = whoami(
        kratos, X_Session_Token=login.cookie, Authorization=f"Bearer {login.token}"
    )
    assert answer.status == 401


def test_good_cookie_beats_the_bearer_of_somebody_else(kratos: Kratos) -> None:
    aisyah = kratos.login("aisyah@karima.example")
    budi = kratos.login("budi@karima.example")
    answer = whoami(
        kratos,
        Cookie=f"{COOKIE_NAME}={aisyah.cookie}",
        Authorization=f"Bearer {budi.token}",
    )
    assert answer.json()["identity"]["id"] == AISYAH


def test_first_of_two_cookies_wins(kratos: Kratos) -> None:
    aisyah = kratos.login("aisyah@karima.example").cookie
    budi = kratos.login("budi@karima.example").cookie
    answer = whoami(kratos, Cookie=f"{COOKIE_NAME}={budi}; {COOKIE_NAME}={aisyah}")
    assert answer.json()["identity"]["id"] == BUDI


@pytest.mark.parametrize("header", ["Authorization", "X-Session-Token"])
def test_undecodable_cookie_beside_a_good_token_is_500(
    kratos: Kratos, header: str
) -> None:
    token = kratos.login().token
    value = f"Bearer {token}" if header == "Authorization" else token
    answer = whoami(kratos, **{"Cookie": f"{COOKIE_NAME}=rubbish", header: value})
    assert answer.status == 500


def test_undecodable_cookie_alone_is_401(kratos: Kratos) -> None:
    assert whoami(kratos, Cookie=f"{COOKIE_NAME}=rubbish").status == 401


def test_two_cookies_of_one_session_differ_and_both_work(kratos: Kratos) -> None:
    login = kratos.login()
    other = kratos.another_cookie(login)
    answer = whoami(kratos, Cookie=f"{COOKIE_NAME}={other}")
    assert other != login.cookie
    assert answer.json()["id"] == login.session_id


def test_revoked_expired_and_inactive_sessions_look_alike(kratos: Kratos) -> None:
    revoked, expired = kratos.login(), kratos.login()
    disabled = kratos.login("budi@karima.example")
    kratos.revoke(revoked)
    kratos.expire(expired)
    kratos.deactivate("budi@karima.example")
    answers = [
        whoami(kratos, Authorization=f"Bearer {login.token}")
        for login in (revoked, expired, disabled)
    ]
    assert {answer.status for answer in answers} == {401}
    assert len({answer.data for answer in answers}) == 1


def test_database_outage_looks_like_an_unknown_session(kratos: Kratos) -> None:
    login = kratos.login()
    kratos.database_down()
    answer = whoami(kratos, Authorization=f"Bearer {login.token}")
    assert answer.status == 401
    assert ask("GET", f"{kratos.public_url}/health/ready").status == 503
    assert ask("GET", f"{kratos.public_url}/health/alive").json() == {"status": "ok"}


def test_trailing_slash_redirects(kratos: Kratos) -> None:
    answer = ask("GET", f"{kratos.public_url}/sessions/whoami/")
    assert answer.status == 301
    assert answer.headers["Location"].endswith("/sessions/whoami")


def test_admin_port_redirects_whoami(kratos: Kratos) -> None:
    answer = ask("GET", f"{kratos.admin_url}/sessions/whoami")
    assert answer.status == 307
    assert answer.headers["Location"] == "/admin/sessions/whoami"
    second = ask("GET", f"{kratos.admin_url}/admin/sessions/whoami")
    assert second.headers["Location"] == f"{kratos.public_url}/sessions/whoami"


def test_session_can_be_made_over_http(kratos: Kratos) -> None:
    made = ask(
        "POST",
        f"{kratos.public_url}/sandbox/sessions",
        body={"identifier": "Budi@karima.example "},
    )
    answer = whoami(kratos, Cookie=f"{COOKIE_NAME}={made.json()['cookie']}")
    assert answer.json()["identity"]["id"] == BUDI
    assert made.json()["token"].startswith("ory_st_")
    assert len(made.json()["token"]) == 39


def test_requests_are_recorded(kratos: Kratos) -> None:
    whoami(kratos, X_Request_ID=REQUEST_ID)
    assert kratos.whoami_count == 1
    assert kratos.requests[0].headers["x-request-id"] == REQUEST_ID


def test_cookie_of_a_prolonged_session_is_issued_anew(kratos: Kratos) -> None:
    login = kratos.login()
    sent = f"{COOKIE_NAME}={login.cookie}"
    assert "Set-Cookie" not in whoami(kratos, Cookie=sent).headers
    kratos.extend(login)
    answer = whoami(kratos, Cookie=sent)
    assert answer.headers["Set-Cookie"].startswith(f"{COOKIE_NAME}=")
    assert (
        "Set-Cookie"
        not in whoami(kratos, Authorization=f"Bearer {login.token}").headers
    )
