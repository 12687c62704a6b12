"""Recovery and verification by a mailed code, and the mails themselves."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from sandbox.kratos import Kratos, run_kratos
from tests.sandbox.browser import Browser, Flow, field_ids, message_ids, nodes

BUDIS = "budi@karima.example"
AISYAHS = "aisyah@karima.example"


@pytest.fixture
def browser(kratos: Kratos) -> Browser:
    return Browser(kratos)


def ask_for_code(browser: Browser, kind: str, email: str = BUDIS) -> Flow:
    answer = browser.send(browser.begin(kind), method="code", email=email)
    return browser.show(kind, answer)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


@pytest.mark.parametrize(
    ("kind", "label"), [("recovery", 1070010), ("verification", 1070011)]
)
def test_forms_ask_for_the_address_and_then_for_the_code(
    browser: Browser, kind: str, label: int
) -> None:
    first = nodes(browser.begin(kind))
    assert list(first) == ["csrf_token", "email", "method=code"]
    flow = ask_for_code(browser, kind)
    assert flow["state"] == "sent_email"
    second = nodes(flow)
    assert list(second) == ["csrf_token", "code", "method", "method=code", "email"]
    assert second["code"]["meta"]["label"]["id"] == label
    assert second["email"]["attributes"] == {
        "name": "email",
        "type": "submit",
        "value": BUDIS,
        "disabled": False,
        "node_type": "input",
    }


def test_verification_code_proves_the_address(browser: Browser, kratos: Kratos) -> None:
    flow = ask_for_code(browser, "verification")
    assert message_ids(flow) == [1080003]
    answer = browser.send(flow, code=kratos.code_for(BUDIS))
    done = browser.show("verification", answer)
    assert (done["state"], message_ids(done)) == ("passed_challenge", [1080002])
    link = nodes(done)["continue"]
    assert (link["type"], link["attributes"]["node_type"]) == ("a", "a")
    assert link["attributes"]["href"] == "http://127.0.0.1:3000/"
    browser.sign_in(BUDIS)
    (address,) = browser.whoami().json()["identity"]["verifiable_addresses"]
    assert (address["verified"], address["status"]) == (True, "completed")


def test_verification_needs_no_session_and_gives_none(
    browser: Browser, kratos: Kratos
) -> None:
    flow = ask_for_code(browser, "verification")
    browser.send(flow, code=kratos.code_for(BUDIS))
    assert browser.whoami().status_code == 401


@pytest.mark.parametrize(
    ("kind", "number"), [("recovery", 4060006), ("verification", 4070006)]
)
def test_wrong_code_may_be_tried_again(
    browser: Browser, kratos: Kratos, kind: str, number: int
) -> None:
    flow = ask_for_code(browser, kind)
    right = kratos.code_for(BUDIS, f"{kind}_code")
    wrong = browser.show(kind, browser.send(flow, code=other_than(right)))
    assert (wrong["state"], message_ids(wrong)) == ("sent_email", [number])
    answer = browser.send_json(flow, code=other_than(right))
    assert (answer.status_code, message_ids(answer.json())) == (200, [number])
    assert browser.send(wrong, code=right).status_code == 303


@pytest.mark.parametrize("kind", ["recovery", "verification"])
def test_code_works_once(browser: Browser, kratos: Kratos, kind: str) -> None:
    flow = ask_for_code(browser, kind)
    code = kratos.code_for(BUDIS, f"{kind}_code")
    browser.send(flow, code=code)
    stranger = Browser(kratos)
    again = stranger.send(ask_for_code(stranger, kind), code=code)
    number = {"recovery": 4060006, "verification": 4070006}[kind]
    assert message_ids(stranger.show(kind, again)) == [number]


def test_code_is_too_old_after_a_quarter_of_an_hour(
    browser: Browser, kratos: Kratos
) -> None:
    flow = ask_for_code(browser, "verification")
    code = kratos.code_for(BUDIS)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        late = browser.show("verification", browser.send(flow, code=code))
    assert (late["state"], message_ids(late)) == ("sent_email", [4070006])


def test_resent_code_replaces_the_first(browser: Browser, kratos: Kratos) -> None:
    flow = ask_for_code(browser, "recovery")
    first = kratos.code_for(BUDIS, "recovery_code")
    again = browser.show("recovery", browser.send(flow, email=BUDIS, code=""))
    second = kratos.code_for(BUDIS, "recovery_code")
    assert len(kratos.mails) == 2
    refused = browser.show("recovery", browser.send(again, code=first))
    assert message_ids(refused) == [4060006] or first == second
    assert "/settings?flow=" in browser.send(again, code=second).headers["Location"]


def test_recovery_signs_in_and_asks_for_a_new_password(
    browser: Browser, kratos: Kratos
) -> None:
    flow = ask_for_code(browser, "recovery")
    answer = browser.send(flow, code=kratos.code_for(BUDIS, "recovery_code"))
    settings = browser.show("settings", answer)
    assert message_ids(settings) == [1060001]
    assert settings["ui"]["messages"][0]["type"] == "success"
    whoami = browser.whoami().json()
    assert whoami["authentication_methods"][0]["method"] == "code_recovery"
    assert whoami["identity"]["verifiable_addresses"][0]["verified"] is True
    changed = browser.send(settings, method="password", password="kata-sandi-baru")
    assert message_ids(browser.show("settings", changed)) == [1050001]


def test_recovery_by_script_is_422_with_the_page(
    browser: Browser, kratos: Kratos
) -> None:
    flow = ask_for_code(browser, "recovery")
    answer = browser.send_json(flow, code=kratos.code_for(BUDIS, "recovery_code"))
    body = answer.json()
    assert answer.status_code == 422
    assert body["error"]["id"] == "browser_location_change_required"
    assert "/settings?flow=" in body["redirect_browser_to"]
    assert browser.whoami().status_code == 200


def test_recovery_gives_up_after_too_many_wrong_codes(
    browser: Browser, kratos: Kratos
) -> None:
    flow = ask_for_code(browser, "recovery")
    right = kratos.code_for(BUDIS, "recovery_code")
    for _ in range(5):
        browser.send(flow, code=other_than(right))
    fresh = browser.show("recovery", browser.send(flow, code=other_than(right)))
    assert (fresh["state"], message_ids(fresh)) == ("choose_method", [4060007])
    assert fresh["id"] != flow["id"]


def test_recovery_ends_other_sessions_only_when_told_to(
    browser: Browser, kratos: Kratos
) -> None:
    other = Browser(kratos)
    other.sign_in(BUDIS)
    browser.send(
        ask_for_code(browser, "recovery"), code=kratos.code_for(BUDIS, "recovery_code")
    )
    assert other.whoami().status_code == 200
    kratos.configure(revoke_active_sessions=True)
    third = Browser(kratos)
    third.send(
        ask_for_code(third, "recovery"), code=kratos.code_for(BUDIS, "recovery_code")
    )
    assert other.whoami().status_code == 401
    assert third.whoami().status_code == 200


@pytest.mark.parametrize("kind", ["recovery", "verification"])
def test_unknown_address_looks_the_same_and_gets_no_mail(
    browser: Browser, kratos: Kratos, kind: str
) -> None:
    known = ask_for_code(browser, kind)
    unknown = ask_for_code(browser, kind, email="orang@karima.example")
    assert [mail.to for mail in kratos.mails] == [BUDIS]
    assert message_ids(unknown) == message_ids(known)
    assert list(nodes(unknown)) == list(nodes(known))


@pytest.mark.parametrize("code", ["000000", "", "123456"])
def test_no_code_opens_the_account_of_an_unknown_address(
    browser: Browser, code: str
) -> None:
    flow = ask_for_code(browser, "recovery", email="orang@karima.example")
    answer = browser.send_json(flow, code=code)
    assert answer.json()["state"] == "sent_email"
    assert browser.whoami().status_code == 401


def test_unknown_address_is_told_by_mail_when_configured(
    browser: Browser, kratos: Kratos
) -> None:
    kratos.configure(notify_unknown_recipients=True)
    ask_for_code(browser, "recovery", email="orang@karima.example")
    (mail,) = kratos.mails
    assert (mail.kind, mail.code) == ("recovery_code_invalid", "")


@pytest.mark.parametrize("kind", ["recovery", "verification"])
def test_address_must_be_given(browser: Browser, kind: str) -> None:
    answer = browser.send(browser.begin(kind), method="code")
    assert field_ids(browser.show(kind, answer), "email") == [4000002]


def test_link_of_the_mail_fills_the_code_in(browser: Browser, kratos: Kratos) -> None:
    ask_for_code(browser, "verification")
    (mail,) = kratos.mails
    link = re.search(r"http://\S+", mail.body)
    assert link is not None
    phone = Browser(kratos)
    flow = phone.show("verification", phone.get(link[0]))
    assert nodes(flow)["code"]["attributes"]["value"] == mail.code
    done = phone.show("verification", phone.send(flow, code=mail.code))
    assert done["state"] == "passed_challenge"


@pytest.mark.parametrize("kind", ["recovery", "verification"])
def test_mail_is_indonesian_and_carries_the_code(
    browser: Browser, kratos: Kratos, kind: str
) -> None:
    ask_for_code(browser, kind)
    (mail,) = kratos.mails
    assert (mail.kind, mail.to) == (f"{kind}_code", BUDIS)
    assert re.fullmatch(r"\d{6}", mail.code)
    assert mail.code in mail.body
    assert mail.code in mail.html
    assert mail.code not in mail.subject
    assert "Jangan berikan kode ini" in mail.body
    assert "{{" not in mail.subject + mail.body + mail.html


def test_code_for_is_the_newest_of_its_kind(browser: Browser, kratos: Kratos) -> None:
    ask_for_code(browser, "verification")
    with pytest.raises(LookupError):
        kratos.code_for(BUDIS, "recovery_code")
    ask_for_code(browser, "verification")
    assert kratos.code_for(BUDIS.upper()) == kratos.mails[-1].code


def test_mails_can_be_read_over_http(browser: Browser, kratos: Kratos) -> None:
    ask_for_code(browser, "recovery")
    ask_for_code(browser, "recovery", email=AISYAHS)
    mails = browser.get("/sandbox/mails").json()
    assert [mail["to"] for mail in mails] == [BUDIS, AISYAHS]
    (own,) = browser.get(f"/sandbox/mails?to={AISYAHS}").json()
    assert own["code"] == kratos.mails[1].code


def test_inbox_shows_codes_and_opens_mails(browser: Browser, kratos: Kratos) -> None:
    assert "Belum ada surat" in browser.get("/sandbox/inbox").text
    ask_for_code(browser, "recovery")
    (mail,) = kratos.mails
    assert mail.code in browser.get("/sandbox/inbox").text
    page = browser.get(f"/sandbox/inbox/{mail.id}")
    assert (page.status_code, mail.subject in page.text) == (200, True)
    assert browser.get("/sandbox/inbox/nothing").status_code == 404


def test_mails_and_second_factors_survive_a_restart(tmp_path: Path) -> None:
    with run_kratos(state=tmp_path) as kratos:
        secret = kratos.enrol_second_factor(AISYAHS)
        ask_for_code(Browser(kratos), "recovery")
        mails = kratos.mails
    with run_kratos(state=tmp_path) as kratos:
        assert kratos.mails == mails
        browser = Browser(kratos)
        second = browser.sign_in(AISYAHS).headers["Location"]
        flow = browser.show("login", browser.get(second))
        done = browser.send(flow, method="totp", totp_code=kratos.totp(secret))
        assert done.headers["Location"] == "http://127.0.0.1:3000/"
