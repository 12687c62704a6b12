"""Browser flows of the stand-in: sign in, register, sign out."""

import hashlib
from typing import Any

import pytest
import requests

from sandbox.kratos import COOKIE_NAME, DEMO_PASSWORD, Kratos
from tests.sandbox.browser import Browser, field_ids, message_ids, nodes

GOOD = {
    "method": "password",
    "identifier": "Aisyah@Karima.example",
    "password": DEMO_PASSWORD,
}
NEWCOMER = {
    "method": "password",
    "password": "sangat-rahasia",
    "traits__email": "Siti.Rahma@karima.example",
    "traits__name__first": "Siti",
    "traits__phone": "",
}


@pytest.fixture
def browser(kratos: Kratos) -> Browser:
    return Browser(kratos)


def error_of(browser: Browser, answer: requests.Response) -> dict[str, Any]:
    """Return the error that the error page would read."""
    location = answer.headers["Location"]
    assert location.startswith("http://127.0.0.1:8080/error?id=")
    error_id = location.partition("id=")[2]
    body = browser.get(f"/self-service/errors?id={error_id}").json()
    error: dict[str, Any] = body["error"]
    return error


def test_login_begins_on_its_page(browser: Browser) -> None:
    answer = browser.get("/self-service/login/browser")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("http://127.0.0.1:8080/login?flow=")


def test_login_begins_as_json_for_scripts(browser: Browser) -> None:
    answer = browser.get("/self-service/login/browser", json=True)
    assert answer.status_code == 200
    assert (answer.json()["type"], answer.json()["state"]) == (
        "browser",
        "choose_method",
    )


def test_login_form_has_the_nodes_of_kratos(browser: Browser) -> None:
    shown = nodes(browser.begin("login"))
    assert list(shown) == ["csrf_token", "identifier", "password", "method=password"]
    assert shown["password"] == {
        "type": "input",
        "group": "password",
        "attributes": {
            "name": "password",
            "type": "password",
            "required": True,
            "autocomplete": "current-password",
            "disabled": False,
            "node_type": "input",
        },
        "messages": [],
        "meta": {"label": {"id": 1070001, "text": "Password", "type": "info"}},
    }


def test_login_gives_the_cookie_and_goes_back_to_the_shop(browser: Browser) -> None:
    answer = browser.send(browser.begin("login"), **GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "http://127.0.0.1:3000/",
    )
    whoami = browser.whoami().json()
    assert whoami["identity"]["traits"]["email"] == "aisyah@karima.example"
    assert whoami["authenticator_assurance_level"] == "aal1"


def test_login_by_script_returns_the_session_without_its_token(
    browser: Browser,
) -> None:
    answer = browser.send_json(browser.begin("login"), **GOOD)
    assert answer.status_code == 200
    assert set(answer.json()) == {"session"}
    assert browser.whoami().status_code == 200


def test_wrong_password_is_told_on_the_form(browser: Browser) -> None:
    flow = browser.begin("login")
    shown = browser.show("login", browser.send(flow, **GOOD | {"password": "salah"}))
    assert shown["id"] == flow["id"]
    assert message_ids(shown) == [4000006]
    assert nodes(shown)["identifier"]["attributes"]["value"] == GOOD["identifier"]
    assert "value" not in nodes(shown)["password"]["attributes"]


def test_wrong_password_by_script_is_400_with_the_flow(browser: Browser) -> None:
    answer = browser.send_json(browser.begin("login"), **GOOD | {"password": "salah"})
    assert answer.status_code == 400
    assert message_ids(answer.json()) == [4000006]


def test_form_without_a_method_says_so(browser: Browser) -> None:
    answer = browser.send(browser.begin("login"), identifier="a")
    assert message_ids(browser.show("login", answer)) == [4010002]


def test_csrf_cookie_has_the_name_of_the_public_address(
    browser: Browser, kratos: Kratos
) -> None:
    answer = browser.get("/self-service/login/browser")
    digest = hashlib.sha256(f"{kratos.public_url}/".encode()).hexdigest()
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"csrf_token_{digest}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_csrf_tokens_of_two_flows_differ_and_both_work(browser: Browser) -> None:
    first, second = browser.begin("login"), browser.begin("login")
    tokens = [
        nodes(flow)["csrf_token"]["attributes"]["value"] for flow in (first, second)
    ]
    assert tokens[0] != tokens[1]
    assert browser.send(first, **GOOD).headers["Location"] == "http://127.0.0.1:3000/"


def test_flow_of_another_browser_is_refused(browser: Browser, kratos: Kratos) -> None:
    flow = browser.begin("login")
    other = Browser(kratos)
    answer = other.get(f"/self-service/login/flows?id={flow['id']}")
    assert answer.status_code == 403
    assert answer.json()["error"]["id"] == "security_csrf_violation"


def test_form_of_another_browser_is_refused(browser: Browser, kratos: Kratos) -> None:
    flow = browser.begin("login")
    other = Browser(kratos)
    other.begin("login")
    page = error_of(other, other.send(flow, **GOOD))
    script = other.send_json(flow, **GOOD)
    assert (page["code"], page["id"]) == (403, "security_csrf_violation")
    assert (script.status_code, script.json()["error"]["id"]) == (
        403,
        "security_csrf_violation",
    )
    assert other.whoami().status_code == 401


def test_unknown_flow_is_404_to_scripts_and_an_error_page_to_people(
    browser: Browser,
) -> None:
    assert browser.get("/self-service/login/flows?id=nothing").status_code == 404
    flow = browser.begin("login")
    flow["ui"]["action"] = f"{browser.base}/self-service/login?flow=nothing"
    assert error_of(browser, browser.send(flow, **GOOD))["code"] == 404


def test_expired_flow_is_410_with_where_to_begin_again(
    browser: Browser, kratos: Kratos
) -> None:
    flow = browser.begin("login", return_to="http://127.0.0.1:3000/keranjang")
    kratos.expire_flow(flow["id"])
    answer = browser.get(f"/self-service/login/flows?id={flow['id']}")
    error = answer.json()["error"]
    assert (answer.status_code, error["id"]) == (410, "self_service_flow_expired")
    assert error["details"] == {
        "redirect_to": f"{browser.base}/self-service/login/browser",
        "return_to": "http://127.0.0.1:3000/keranjang",
    }


def test_expired_form_leads_to_a_new_one_that_keeps_the_way_back(
    browser: Browser, kratos: Kratos
) -> None:
    flow = browser.begin("login", return_to="http://127.0.0.1:3000/keranjang")
    kratos.expire_flow(flow["id"])
    fresh = browser.show("login", browser.send(flow, **GOOD))
    assert fresh["id"] != flow["id"]
    assert fresh["ui"]["messages"][0]["text"].startswith("The login flow expired 1.0")
    assert message_ids(fresh) == [4010001]
    done = browser.send(fresh, **GOOD)
    assert done.headers["Location"] == "http://127.0.0.1:3000/keranjang"


def test_expired_form_names_the_new_one_to_scripts(
    browser: Browser, kratos: Kratos
) -> None:
    flow = browser.begin("login")
    kratos.expire_flow(flow["id"])
    answer = browser.send_json(flow, **GOOD)
    assert answer.status_code == 410
    fresh = answer.json()["use_flow_id"]
    assert browser.get(f"/self-service/login/flows?id={fresh}").status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "http://127.0.0.1:3000.evil.example/",
        "http://127.0.0.1:3001/",
        "//evil.example/",
        "javascript:alert(1)",
    ],
)
def test_return_to_stays_on_the_list(browser: Browser, wanted: str) -> None:
    path = f"/self-service/login/browser?return_to={wanted}"
    script = browser.get(path, json=True)
    assert script.status_code == 400
    assert script.json()["error"]["id"] == "self_service_flow_return_to_forbidden"
    assert error_of(browser, browser.get(path))["code"] == 400


def test_signed_in_people_go_on_instead_of_signing_in(browser: Browser) -> None:
    browser.sign_in()
    for kind in ("login", "registration", "recovery"):
        page = browser.get(f"/self-service/{kind}/browser")
        script = browser.get(f"/self-service/{kind}/browser", json=True)
        assert page.headers["Location"] == "http://127.0.0.1:3000/"
        assert script.status_code == 400
        assert script.json()["error"]["id"] == "session_already_available"


def test_disabled_account_is_an_error_page(browser: Browser, kratos: Kratos) -> None:
    kratos.deactivate("aisyah@karima.example")
    error = error_of(browser, browser.send(browser.begin("login"), **GOOD))
    assert (error["code"], error["reason"]) == (401, "This account was disabled.")


def test_session_cookie_has_the_attributes_of_the_settings(
    browser: Browser, kratos: Kratos
) -> None:
    plain = browser.sign_in().headers["Set-Cookie"]
    assert plain.startswith(f"{COOKIE_NAME}=")
    assert "; HttpOnly; Path=/; SameSite=Lax" in plain
    assert "Max-Age=86400" in plain
    assert not any(word in plain for word in ("Secure", "Domain"))
    flow = Browser(kratos).begin("login")
    kratos.configure(cookie_domain="ks-backend.cloud", cookie_secure=True)
    fresh = Browser(kratos).get("/self-service/login/browser").headers["Set-Cookie"]
    assert "Domain=ks-backend.cloud" in fresh
    assert "Secure" in fresh
    assert flow["type"] == "browser"


def test_registration_form_asks_for_the_traits_of_the_schema(browser: Browser) -> None:
    shown = nodes(browser.begin("registration"))
    assert list(shown) == [
        "csrf_token",
        "traits.email",
        "password",
        "traits.name.first",
        "traits.name.last",
        "traits.phone",
        "method=password",
    ]
    assert shown["traits.phone"]["attributes"]["type"] == "tel"
    assert shown["traits.phone"]["meta"]["label"]["id"] == 1070002
    assert {node["group"] for node in shown.values()} == {"default", "password"}


def test_registration_signs_in_and_mails_a_code(
    browser: Browser, kratos: Kratos
) -> None:
    answer = browser.send(browser.begin("registration"), **NEWCOMER)
    assert answer.headers["Location"] == "http://127.0.0.1:3000/"
    identity = browser.whoami().json()["identity"]
    assert identity["traits"] == {
        "email": "Siti.Rahma@karima.example",
        "name": {"first": "Siti"},
    }
    assert identity["verifiable_addresses"][0]["verified"] is False
    assert [mail.to for mail in kratos.mails] == ["siti.rahma@karima.example"]


def test_registration_by_script_says_how_to_go_on(browser: Browser) -> None:
    body = browser.send_json(
        browser.begin("registration"),
        **{
            "method": "password",
            "password": "sangat-rahasia",
            "traits": {"email": "siti@karima.example"},
        },
    ).json()
    assert body["identity"]["id"] == body["session"]["identity"]["id"]
    (step,) = body["continue_with"]
    assert step["action"] == "show_verification_ui"
    assert step["flow"]["verifiable_address"] == "siti@karima.example"
    flow = browser.read("verification", step["flow"]["url"])
    assert flow["state"] == "sent_email"


def test_registration_can_go_on_to_the_verification_page(
    browser: Browser, kratos: Kratos
) -> None:
    kratos.configure(show_verification_ui=True)
    answer = browser.send(browser.begin("registration"), **NEWCOMER)
    flow = browser.show("verification", answer)
    assert flow["state"] == "sent_email"


@pytest.mark.parametrize(
    ("field", "value", "number"),
    [
        ("traits__email", "", 4000002),
        ("traits__email", "bukan e-mail", 4000001),
        ("traits__name__first", "x" * 101, 4000017),
        ("password", "", 4000002),
        ("password", "pendek", 4000032),
        ("password", "siti.rahma@kar", 4000031),
    ],
)
def test_registration_tells_what_is_wrong_beside_the_field(
    browser: Browser, field: str, value: str, number: int
) -> None:
    flow = browser.begin("registration")
    answer = browser.send(flow, **NEWCOMER | {field: value})
    shown = browser.show("registration", answer)
    assert field_ids(shown, field.replace("__", ".")) == [number]
    assert browser.whoami().status_code == 401


def test_registration_keeps_what_was_typed_but_not_the_password(
    browser: Browser,
) -> None:
    flow = browser.begin("registration")
    shown = browser.show(
        "registration", browser.send(flow, **NEWCOMER | {"password": "x"})
    )
    given = {
        name: node["attributes"].get("value") for name, node in nodes(shown).items()
    }
    assert given["traits.email"] == NEWCOMER["traits__email"]
    assert given["traits.name.first"] == "Siti"
    assert given["password"] is None


def test_taken_email_is_told_on_the_form(browser: Browser) -> None:
    fields = NEWCOMER | {"traits__email": "BUDI@karima.example"}
    answer = browser.send(browser.begin("registration"), **fields)
    assert message_ids(browser.show("registration", answer)) == [4000007]


def test_logout_needs_the_token_of_the_session(browser: Browser) -> None:
    browser.sign_in()
    offer = browser.get("/self-service/logout/browser").json()
    assert offer["logout_url"].endswith(f"/logout?token={offer['logout_token']}")
    assert offer["logout_token"].startswith("ory_lo_")
    refused = browser.get("/self-service/logout?token=ory_lo_x", json=True)
    assert refused.status_code == 403
    assert browser.whoami().status_code == 200


def test_logout_ends_the_session_and_takes_the_cookie(browser: Browser) -> None:
    browser.sign_in()
    offer = browser.get("/self-service/logout/browser").json()
    answer = browser.get(offer["logout_url"])
    assert answer.headers["Location"] == "http://127.0.0.1:8080/login"
    assert COOKIE_NAME not in browser.cookies
    assert browser.whoami().status_code == 401


def test_logout_by_script_is_204_and_strangers_are_401(browser: Browser) -> None:
    browser.sign_in()
    offer = browser.get("/self-service/logout/browser").json()
    assert browser.get(offer["logout_url"], json=True).status_code == 204
    assert browser.get("/self-service/logout/browser").status_code == 401


def test_scripts_of_listed_origins_may_call_with_cookies(
    browser: Browser, kratos: Kratos
) -> None:
    def answer(origin: str) -> requests.Response:
        return requests.get(
            f"{kratos.public_url}/sessions/whoami",
            headers={"Origin": origin},
            timeout=10,
        )

    good = answer("http://127.0.0.1:3000").headers
    assert good["Access-Control-Allow-Origin"] == "http://127.0.0.1:3000"
    assert good["Access-Control-Allow-Credentials"] == "true"
    evil = answer("https://evil.example").headers
    assert "Access-Control-Allow-Origin" not in evil


def test_schema_is_the_one_that_is_deployed(browser: Browser) -> None:
    by_name = browser.get("/schemas/customer")
    by_url = browser.get("/schemas/Y3VzdG9tZXI")
    assert by_name.json()["title"] == "Karima Store customer"
    assert by_url.json() == by_name.json()
    assert browser.get("/schemas/staff").status_code == 404


def test_unknown_error_is_404_and_the_stub_is_there(browser: Browser) -> None:
    assert browser.get("/self-service/errors?id=nothing").status_code == 404
    stub = browser.get("/self-service/errors?id=stub:500").json()
    assert stub["error"]["code"] == 500
