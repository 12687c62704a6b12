"""API flows of the stand-in: sign in, register, sign out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
import urllib3

from sandbox.kratos import DEMO_PASSWORD, Kratos
from tests.sandbox.client import ask, example, shape

GOOD = {
    "method": "password",
    "identifier": "budi@karima.example",
    "password": DEMO_PASSWORD,
}
NEWCOMER = {
    "method": "password",
    "password": "sangat-rahasia",
    "traits": {"email": "Siti.Rahma@karima.example", "name": {"first": "Siti"}},
}


def begin(kratos: Kratos, kind: str = "login") -> dict[str, Any]:
    flow = ask("GET", f"{kratos.public_url}/self-service/{kind}/api").json()
    assert isinstance(flow, dict)
    return flow


def submit(
    flow: dict[str, Any], body: dict[str, Any], **headers: str
) -> urllib3.BaseHTTPResponse:
    return ask("POST", flow["ui"]["action"], body=body, headers=headers)


def test_login_has_the_shape_of_the_example(kratos: Kratos) -> None:
    answer = submit(begin(kratos), GOOD)
    assert answer.status == 200
    assert shape(answer.json()) == shape(example("kratos/login-200-api.json"))


def test_login_token_works_at_whoami(kratos: Kratos) -> None:
    token = submit(begin(kratos), GOOD).json()["session_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = ask("GET", f"{kratos.public_url}/sessions/whoami", headers=headers)
    assert answer.status == 200
    assert token.startswith("ory_st_")


def test_flow_posts_to_the_public_address(kratos: Kratos) -> None:
    flow = begin(kratos)
    action = f"{kratos.public_url}/self-service/login?flow={flow['id']}"
    assert flow["ui"]["action"] == action
    assert (flow["type"], flow["state"]) == ("api", "choose_method")
    assert (flow["requested_aal"], flow["refresh"]) == ("aal1", False)


def test_wrong_password_returns_the_flow_with_its_message(kratos: Kratos) -> None:
    flow = begin(kratos)
    answer = submit(flow, GOOD | {"password": "salah"})
    assert answer.status == 400
    assert answer.json()["id"] == flow["id"]
    assert [m["id"] for m in answer.json()["ui"]["messages"]] == [4000006]


@pytest.mark.parametrize(
    ("header", "value"), [("Origin", "http://127.0.0.1:3000"), ("Cookie", "a=b")]
)
def test_browsers_are_refused(kratos: Kratos, header: str, value: str) -> None:
    answer = submit(begin(kratos), GOOD, **{header: value})
    assert answer.status == 400
    assert header in answer.json()["error"]["reason"]


def test_cloudflare_cookie_is_let_through(kratos: Kratos) -> None:
    assert submit(begin(kratos), GOOD, Cookie="__cf_bm=abc").status == 200


def test_expired_flow_is_410_and_names_a_new_one(kratos: Kratos) -> None:
    flow = begin(kratos)
    later = datetime.now(UTC) + timedelta(minutes=11)
    with time_machine.travel(later):
        answer = submit(flow, GOOD)
    body = answer.json()
    assert answer.status == 410
    assert body["error"]["id"] == "self_service_flow_expired"
    assert set(body) == {"error", "expired_at", "since", "use_flow_id"}


def test_unknown_flow_is_404(kratos: Kratos) -> None:
    url = f"{kratos.public_url}/self-service/login?flow=nothing"
    answer = ask("POST", url, body=GOOD)
    assert answer.status == 404
    assert answer.json()["error"]["message"] == "Unable to locate the resource"


def test_login_beside_a_valid_session_is_refused(kratos: Kratos) -> None:
    headers = {"X-Session-Token": kratos.login().token}
    url = f"{kratos.public_url}/self-service/login/api"
    answer = ask("GET", url, headers=headers)
    assert answer.status == 400
    assert answer.json()["error"]["id"] == "session_already_available"
    assert ask("GET", f"{url}?refresh=true", headers=headers).status == 200


def test_second_factor_without_a_session_is_401(kratos: Kratos) -> None:
    answer = ask("GET", f"{kratos.public_url}/self-service/login/api?aal=aal2")
    assert answer.status == 401
    assert answer.json()["error"]["id"] == "session_aal1_required"


def test_login_with_a_second_factor_hides_the_identity(kratos: Kratos) -> None:
    kratos.enrol_second_factor("budi@karima.example")
    answer = submit(begin(kratos), GOOD)
    assert answer.status == 200
    assert answer.json()["session"]["identity"] is None


def test_registration_signs_in_and_keeps_the_case_of_the_trait(kratos: Kratos) -> None:
    answer = submit(begin(kratos, "registration"), NEWCOMER)
    body = answer.json()
    assert answer.status == 200
    assert body["identity"]["traits"]["email"] == "Siti.Rahma@karima.example"
    address = body["identity"]["verifiable_addresses"][0]
    assert (address["value"], address["verified"]) == (
        "siti.rahma@karima.example",
        False,
    )
    assert body["session_token"].startswith("ory_st_")


def test_taken_email_is_refused_in_any_case(kratos: Kratos) -> None:
    traits = {"email": "AISYAH@karima.example"}
    answer = submit(begin(kratos, "registration"), NEWCOMER | {"traits": traits})
    assert answer.status == 400
    assert answer.json()["ui"]["messages"][0]["id"] == 4000007


def test_short_password_is_refused_at_its_field(kratos: Kratos) -> None:
    answer = submit(begin(kratos, "registration"), NEWCOMER | {"password": "x"})
    nodes = {n["attributes"]["name"]: n for n in answer.json()["ui"]["nodes"]}
    assert answer.status == 400
    assert nodes["password"]["messages"][0]["id"] == 4000032


def test_logout_ends_the_session_and_may_be_repeated(kratos: Kratos) -> None:
    token = kratos.login().token
    url = f"{kratos.public_url}/self-service/logout/api"
    answers = [ask("DELETE", url, body={"session_token": token}) for _ in range(2)]
    whoami = ask(
        "GET",
        f"{kratos.public_url}/sessions/whoami",
        headers={"X-Session-Token": token},
    )
    assert [answer.status for answer in answers] == [204, 204]
    assert whoami.status == 401


def test_logout_refuses_unknown_tokens_and_bad_bodies(kratos: Kratos) -> None:
    url = f"{kratos.public_url}/self-service/logout/api"
    assert ask("DELETE", url, body={"session_token": "ory_st_x"}).status == 403
    assert ask("DELETE", url, body=[]).status == 400
