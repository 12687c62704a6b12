"""The settings flow and second factors of the stand-in."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.kratos import DEMO_PASSWORD, Kratos
from tests.sandbox.browser import Browser, Flow, field_ids, message_ids, nodes
from tests.sandbox.client import ask

AISYAHS = "aisyah@karima.example"
NEW_PASSWORD = "kata-sandi-baru"


@pytest.fixture
def browser(kratos: Kratos) -> Browser:
    """Give a browser in which Aisyah has just signed in."""
    browser = Browser(kratos)
    browser.sign_in()
    return browser


def sign_in_again(kratos: Kratos, password: str) -> requests.Response:
    stranger = Browser(kratos)
    flow = stranger.begin("login")
    return stranger.send_json(
        flow, method="password", identifier=AISYAHS, password=password
    )


def second_step(browser: Browser, kratos: Kratos) -> Flow:
    """Sign in with the password; return the form of the second factor."""
    answer = browser.sign_in()
    return browser.show("login", browser.get(answer.headers["Location"]))


def saved(browser: Browser, answer: requests.Response) -> Flow:
    flow = browser.show("settings", answer)
    assert (flow["state"], message_ids(flow)) == ("success", [1050001])
    return flow


def test_settings_show_every_group_in_order(browser: Browser) -> None:
    flow = browser.begin("settings")
    groups = [node["group"] for node in flow["ui"]["nodes"]]
    assert list(dict.fromkeys(groups)) == [
        "default",
        "profile",
        "password",
        "lookup_secret",
        "totp",
    ]
    assert flow["state"] == "show_form"
    assert flow["identity"]["traits"]["email"] == AISYAHS
    assert nodes(flow)["traits.name.first"]["attributes"]["value"] == "Aisyah"


def test_strangers_are_sent_to_sign_in_and_back(kratos: Kratos) -> None:
    stranger = Browser(kratos)
    page = stranger.get("/self-service/settings/browser")
    target = urlsplit(page.headers["Location"])
    assert target.path == "/self-service/login/browser"
    back = parse_qs(target.query)["return_to"]
    assert back == [f"{kratos.public_url}/self-service/settings/browser"]
    script = stranger.get("/self-service/settings/browser", json=True)
    assert (script.status_code, script.json()["error"]["id"]) == (
        401,
        "session_inactive",
    )


def test_settings_of_another_person_are_refused(
    browser: Browser, kratos: Kratos
) -> None:
    flow = browser.begin("settings")
    budi = Browser(kratos)
    budi.sign_in("budi@karima.example")
    read = budi.get(f"/self-service/settings/flows?id={flow['id']}")
    assert read.json()["error"]["id"] == "security_identity_mismatch"
    own = budi.begin("settings")
    own["ui"]["action"] = flow["ui"]["action"]
    sent = budi.send_json(own, method="password", password=NEW_PASSWORD)
    assert sent.status_code == 403
    assert sign_in_again(kratos, DEMO_PASSWORD).status_code == 200


def test_profile_is_changed_without_a_fresh_sign_in(
    browser: Browser, kratos: Kratos
) -> None:
    kratos.age(AISYAHS)
    flow = browser.begin("settings")
    answer = browser.send(
        flow, method="profile", traits__email=AISYAHS, traits__phone="+628111222333"
    )
    saved(browser, answer)
    identity = browser.whoami().json()["identity"]
    assert identity["traits"] == {"email": AISYAHS, "phone": "+628111222333"}
    assert identity["verifiable_addresses"][0]["verified"] is True


def test_new_email_is_not_verified_and_gets_a_code(
    browser: Browser, kratos: Kratos
) -> None:
    flow = browser.begin("settings")
    answer = browser.send(flow, method="profile", traits__email="putri@karima.example")
    done = saved(browser, answer)
    (address,) = browser.whoami().json()["identity"]["verifiable_addresses"]
    assert (address["value"], address["verified"]) == ("putri@karima.example", False)
    assert kratos.code_for("putri@karima.example")
    assert done["continue_with"][0]["action"] == "show_verification_ui"


def test_taken_email_changes_nothing(browser: Browser) -> None:
    flow = browser.begin("settings")
    answer = browser.send(flow, method="profile", traits__email="budi@karima.example")
    assert message_ids(browser.show("settings", answer)) == [4000007]
    assert browser.whoami().json()["identity"]["traits"]["email"] == AISYAHS


def test_password_is_changed_and_other_sessions_live_on(
    browser: Browser, kratos: Kratos
) -> None:
    other = Browser(kratos)
    other.sign_in()
    flow = browser.begin("settings")
    saved(browser, browser.send(flow, method="password", password=NEW_PASSWORD))
    assert other.whoami().status_code == 200
    assert sign_in_again(kratos, DEMO_PASSWORD).status_code == 400
    assert sign_in_again(kratos, NEW_PASSWORD).status_code == 200


def test_password_change_ends_other_sessions_when_told_to(
    browser: Browser, kratos: Kratos
) -> None:
    kratos.configure(revoke_active_sessions=True)
    other = Browser(kratos)
    other.sign_in()
    flow = browser.begin("settings")
    saved(browser, browser.send(flow, method="password", password=NEW_PASSWORD))
    assert other.whoami().status_code == 401
    assert browser.whoami().status_code == 200


def test_bad_password_is_told_beside_the_field(
    browser: Browser, kratos: Kratos
) -> None:
    flow = browser.begin("settings")
    answer = browser.send(flow, method="password", password="pendek")
    assert field_ids(browser.show("settings", answer), "password") == [4000032]
    assert sign_in_again(kratos, DEMO_PASSWORD).status_code == 200


def test_old_sign_in_must_be_confirmed_by_script(
    browser: Browser, kratos: Kratos
) -> None:
    flow = browser.begin("settings")
    kratos.age(AISYAHS, seconds=901)
    answer = browser.send_json(flow, method="password", password=NEW_PASSWORD)
    body = answer.json()
    assert (answer.status_code, body["error"]["id"]) == (
        403,
        "session_refresh_required",
    )
    target = urlsplit(body["redirect_browser_to"])
    assert target.path == "/self-service/login/browser"
    assert parse_qs(target.query)["refresh"] == ["true"]
    assert sign_in_again(kratos, DEMO_PASSWORD).status_code == 200


def confirm(browser: Browser, answer: requests.Response) -> requests.Response:
    """Confirm who it is, as an answer asks; return where that leads."""
    flow = browser.show("login", browser.get(answer.headers["Location"]))
    assert message_ids(flow) == [1010003]
    assert nodes(flow)["identifier"]["attributes"]["type"] == "hidden"
    return browser.send(flow, method="password", password=DEMO_PASSWORD)


def test_form_goes_on_after_the_sign_in_was_confirmed(
    browser: Browser, kratos: Kratos
) -> None:
    before = browser.whoami().json()["id"]
    flow = browser.begin("settings")
    kratos.age(AISYAHS, seconds=901)
    answer = browser.send(flow, method="password", password=NEW_PASSWORD)
    back = confirm(browser, answer).headers["Location"]
    assert urlsplit(back).path == "/self-service/settings"
    saved(browser, browser.get(back))
    assert browser.whoami().json()["id"] == before
    assert sign_in_again(kratos, NEW_PASSWORD).status_code == 200


def test_waiting_form_belongs_to_its_browser(browser: Browser, kratos: Kratos) -> None:
    flow = browser.begin("settings")
    kratos.age(AISYAHS, seconds=901)
    browser.send(flow, method="password", password=NEW_PASSWORD)
    other = Browser(kratos)
    other.sign_in()
    other.get(f"/self-service/settings?flow={flow['id']}")
    assert sign_in_again(kratos, DEMO_PASSWORD).status_code == 200


def test_settings_go_back_to_where_they_were_asked_for(browser: Browser) -> None:
    flow = browser.begin("settings", return_to="http://127.0.0.1:3000/akun")
    answer = browser.send(flow, method="password", password=NEW_PASSWORD)
    assert answer.headers["Location"] == "http://127.0.0.1:3000/akun"


def enrol_totp(browser: Browser, kratos: Kratos) -> tuple[Flow, str]:
    flow = browser.begin("settings")
    secret = nodes(flow)["totp_secret_key"]["attributes"]["text"]["text"]
    code = kratos.totp(secret)
    answer = browser.send(flow, method="totp", totp_code=code)
    return saved(browser, answer), secret


def test_totp_is_offered_as_a_picture_and_a_text(browser: Browser) -> None:
    shown = nodes(browser.begin("settings"))
    picture = shown["totp_qr"]
    assert (picture["type"], picture["attributes"]["node_type"]) == ("img", "img")
    assert picture["attributes"]["src"].startswith("data:image/png;base64,iVBOR")
    secret = shown["totp_secret_key"]
    assert (secret["type"], secret["attributes"]["text"]["id"]) == ("text", 1050006)
    assert shown["totp_code"]["meta"]["label"]["id"] == 1070006


def test_totp_raises_this_session_and_holds_others_back(
    browser: Browser, kratos: Kratos
) -> None:
    other = Browser(kratos)
    other.sign_in()
    flow, _ = enrol_totp(browser, kratos)
    assert "totp_unlink" in nodes(flow)
    whoami = browser.whoami().json()
    assert whoami["authenticator_assurance_level"] == "aal2"
    methods = [item["method"] for item in whoami["authentication_methods"]]
    assert methods == ["password", "totp"]
    assert other.whoami().status_code == 403


def test_wrong_totp_code_enrols_nothing(browser: Browser, kratos: Kratos) -> None:
    flow = browser.begin("settings")
    answer = browser.send(flow, method="totp", totp_code="abcdef")
    assert field_ids(browser.show("settings", answer), "totp_code") == [4000008]
    assert Browser(kratos).sign_in().headers["Location"] == "http://127.0.0.1:3000/"


def test_totp_can_be_unlinked(browser: Browser, kratos: Kratos) -> None:
    flow, secret = enrol_totp(browser, kratos)
    flow = saved(browser, browser.send(flow, totp_unlink="true"))
    shown = nodes(flow)
    assert shown["totp_secret_key"]["attributes"]["text"]["text"] != secret
    assert Browser(kratos).sign_in().headers["Location"] == "http://127.0.0.1:3000/"


def test_second_factor_is_asked_for_after_the_password(kratos: Kratos) -> None:
    secret = kratos.enrol_second_factor(AISYAHS)
    browser = Browser(kratos)
    flow = second_step(browser, kratos)
    assert (flow["requested_aal"], message_ids(flow)) == ("aal2", [1010004])
    assert list(nodes(flow)) == ["csrf_token", "totp_code", "method=totp"]
    assert browser.whoami().status_code == 403
    answer = browser.send(flow, method="totp", totp_code=kratos.totp(secret))
    assert answer.headers["Location"] == "http://127.0.0.1:3000/"
    assert browser.whoami().json()["authenticator_assurance_level"] == "aal2"


def test_second_factor_keeps_the_session_and_the_way_back(kratos: Kratos) -> None:
    secret = kratos.enrol_second_factor(AISYAHS)
    browser = Browser(kratos)
    start = browser.begin("login", return_to="http://127.0.0.1:3000/keranjang")
    answer = browser.send(
        start, method="password", identifier=AISYAHS, password=DEMO_PASSWORD
    )
    flow = browser.show("login", browser.get(answer.headers["Location"]))
    cookie = browser.cookies["ory_kratos_session"]
    done = browser.send(flow, method="totp", totp_code=kratos.totp(secret))
    assert done.headers["Location"] == "http://127.0.0.1:3000/keranjang"
    answers = [
        ask(
            "GET",
            f"{kratos.public_url}/sessions/whoami",
            headers={"Cookie": f"ory_kratos_session={value}"},
        ).json()["id"]
        for value in (cookie, browser.cookies["ory_kratos_session"])
    ]
    assert answers[0] == answers[1]


def test_scripts_are_told_to_go_on_to_the_second_factor(kratos: Kratos) -> None:
    kratos.enrol_second_factor(AISYAHS)
    answer = sign_in_again(kratos, DEMO_PASSWORD)
    body = answer.json()
    assert answer.status_code == 422
    assert body["error"]["id"] == "browser_location_change_required"
    assert body["redirect_browser_to"].endswith("/self-service/login/browser?aal=aal2")


def test_wrong_totp_code_is_told_beside_its_field(kratos: Kratos) -> None:
    kratos.enrol_second_factor(AISYAHS)
    browser = Browser(kratos)
    flow = second_step(browser, kratos)
    answer = browser.send(flow, method="totp", totp_code="abcdef")
    assert field_ids(browser.show("login", answer), "totp_code") == [4000008]
    assert browser.whoami().status_code == 403


def test_second_factor_without_a_session_is_an_error(kratos: Kratos) -> None:
    answer = Browser(kratos).get("/self-service/login/browser?aal=aal2", json=True)
    assert answer.json()["error"]["id"] == "session_aal1_required"


def test_settings_need_the_second_factor(kratos: Kratos) -> None:
    browser = Browser(kratos)
    browser.sign_in()
    kratos.enrol_second_factor(AISYAHS)
    page = browser.get("/self-service/settings/browser")
    assert parse_qs(urlsplit(page.headers["Location"]).query)["aal"] == ["aal2"]
    script = browser.get("/self-service/settings/browser", json=True)
    assert script.status_code == 403
    assert script.json()["error"]["id"] == "session_aal2_required"
    assert "aal=aal2" in script.json()["redirect_browser_to"]


def test_required_aal_can_be_lowered(kratos: Kratos) -> None:
    kratos.configure(required_aal="aal1")
    kratos.enrol_second_factor(AISYAHS)
    browser = Browser(kratos)
    assert browser.sign_in().headers["Location"] == "http://127.0.0.1:3000/"
    assert browser.whoami().status_code == 200
    assert browser.begin("settings")["state"] == "show_form"


def make_codes(browser: Browser) -> tuple[Flow, list[str]]:
    """Make backup codes and keep them; return the form and the codes."""
    flow = browser.begin("settings")
    answer = browser.send(flow, lookup_secret_regenerate="true")
    flow = browser.show("settings", answer)
    text: dict[str, Any] = nodes(flow)["lookup_secret_codes"]["attributes"]["text"]
    codes = [item["text"] for item in text["context"]["secrets"]]
    return saved(browser, browser.send(flow, lookup_secret_confirm="true")), codes


def test_backup_codes_are_made_confirmed_and_hidden(browser: Browser) -> None:
    flow, codes = make_codes(browser)
    shown = nodes(flow)
    assert (len(codes), {len(code) for code in codes}) == (12, {8})
    assert "lookup_secret_reveal" in shown
    assert "lookup_secret_codes" not in shown
    assert browser.whoami().json()["authenticator_assurance_level"] == "aal2"


def test_unconfirmed_backup_codes_are_worth_nothing(
    browser: Browser, kratos: Kratos
) -> None:
    flow = browser.begin("settings")
    browser.send(flow, lookup_secret_regenerate="true")
    assert Browser(kratos).sign_in().headers["Location"] == "http://127.0.0.1:3000/"
    fresh = browser.begin("settings")
    answer = browser.send(fresh, lookup_secret_confirm="true")
    assert message_ids(browser.show("settings", answer)) == [4000001]


def test_backup_code_works_once(kratos: Kratos) -> None:
    code = kratos.give_lookup_secrets(AISYAHS)[0]
    browser = Browser(kratos)
    flow = second_step(browser, kratos)
    assert list(nodes(flow)) == [
        "csrf_token",
        "lookup_secret",
        "method=lookup_secret",
    ]
    done = browser.send(flow, method="lookup_secret", lookup_secret=code)
    assert done.headers["Location"] == "http://127.0.0.1:3000/"
    other = Browser(kratos)
    again = other.send(
        second_step(other, kratos), method="lookup_secret", lookup_secret=code
    )
    assert field_ids(other.show("login", again), "lookup_secret") == [4000012]


def test_unknown_backup_code_is_told_beside_its_field(kratos: Kratos) -> None:
    kratos.give_lookup_secrets(AISYAHS)
    browser = Browser(kratos)
    answer = browser.send(
        second_step(browser, kratos), method="lookup_secret", lookup_secret="nothing"
    )
    assert field_ids(browser.show("login", answer), "lookup_secret") == [4000016]


def test_revealed_backup_codes_tell_which_were_used(
    browser: Browser, kratos: Kratos
) -> None:
    _, codes = make_codes(browser)
    other = Browser(kratos)
    other.send(
        second_step(other, kratos), method="lookup_secret", lookup_secret=codes[0]
    )
    flow = browser.begin("settings")
    shown = browser.show("settings", browser.send(flow, lookup_secret_reveal="true"))
    content = nodes(shown)["lookup_secret_codes"]["attributes"]["text"]
    assert content["id"] == 1050015
    assert content["text"].startswith(f"used, {codes[1]}")
    assert [item["id"] for item in content["context"]["secrets"]][:2] == [
        1050014,
        1050009,
    ]


def test_backup_codes_can_be_dropped(browser: Browser, kratos: Kratos) -> None:
    flow, _ = make_codes(browser)
    saved(browser, browser.send(flow, lookup_secret_disable="true"))
    assert Browser(kratos).sign_in().headers["Location"] == "http://127.0.0.1:3000/"


def test_api_client_gives_its_second_factor_with_its_token(kratos: Kratos) -> None:
    secret = kratos.enrol_second_factor(AISYAHS)
    token = {"X-Session-Token": kratos.login().token}
    begun = ask(
        "GET", f"{kratos.public_url}/self-service/login/api?aal=aal2", headers=token
    ).json()
    body = {"method": "totp", "totp_code": kratos.totp(secret)}
    answer = ask("POST", begun["ui"]["action"], body=body, headers=token)
    assert answer.status == 200
    assert answer.json()["session_token"] == token["X-Session-Token"]
    assert answer.json()["session"]["authenticator_assurance_level"] == "aal2"
