"""The switch for the payloads of Kratos v26.2.0, and the other settings."""

import pytest

from sandbox.kratos import DEMO_PASSWORD, Kratos
from tests.sandbox.browser import Browser, field_ids, message_ids, nodes
from tests.sandbox.client import ask

TRAITS = {"traits__email": "siti@karima.example", "traits__name__first": "Siti"}


@pytest.fixture
def browser(kratos: Kratos) -> Browser:
    kratos.configure(version="v26.2.0")
    return Browser(kratos)


def test_login_labels_are_those_of_the_newest(browser: Browser) -> None:
    shown = nodes(browser.begin("login"))
    assert shown["identifier"]["meta"]["label"]["id"] == 1070002
    assert shown["method=password"]["meta"]["label"]["id"] == 1010022


def test_login_by_script_says_where_to_go(browser: Browser) -> None:
    body = browser.send_json(
        browser.begin("login"),
        method="password",
        identifier="aisyah@karima.example",
        password=DEMO_PASSWORD,
    ).json()
    assert body["continue_with"] == [
        {
            "action": "redirect_browser_to",
            "redirect_browser_to": "http://127.0.0.1:3000/",
        }
    ]


def test_registration_takes_two_steps(browser: Browser) -> None:
    first = browser.begin("registration")
    assert "password" not in nodes(first)
    assert nodes(first)["method=profile"]["group"] == "profile"
    assert nodes(first)["traits.email"]["group"] == "default"
    answer = browser.send(first, method="profile", **TRAITS)
    second = browser.show("registration", answer)
    assert message_ids(second) == [1040009]
    assert nodes(second)["traits.email"]["attributes"] == {
        "name": "traits.email",
        "type": "hidden",
        "value": "siti@karima.example",
        "disabled": False,
        "node_type": "input",
    }
    done = browser.send(second, method="password", password="sangat-rahasia")
    assert done.headers["Location"] == "http://127.0.0.1:3000/"
    traits = browser.whoami().json()["identity"]["traits"]
    assert traits == {"email": "siti@karima.example", "name": {"first": "Siti"}}


def test_second_step_keeps_its_form_after_a_bad_password(browser: Browser) -> None:
    first = browser.begin("registration")
    second = browser.show(
        "registration", browser.send(first, method="profile", **TRAITS)
    )
    again = browser.show(
        "registration", browser.send(second, method="password", password="x")
    )
    assert field_ids(again, "password") == [4000032]
    assert nodes(again)["traits.email"]["attributes"]["type"] == "hidden"


def test_first_step_tells_what_is_wrong_and_can_be_gone_back_to(
    browser: Browser,
) -> None:
    first = browser.begin("registration")
    wrong = browser.show(
        "registration", browser.send(first, method="profile", traits__email="salah")
    )
    assert field_ids(wrong, "traits.email") == [4000040]
    second = browser.show(
        "registration", browser.send(wrong, method="profile", **TRAITS)
    )
    back = browser.show("registration", browser.send(second, screen="previous"))
    assert "password" not in nodes(back)
    assert nodes(back)["traits.email"]["attributes"]["value"] == "siti@karima.example"


def test_api_clients_register_in_one_step(kratos: Kratos, browser: Browser) -> None:
    flow = ask("GET", f"{kratos.public_url}/self-service/registration/api").json()
    assert "password" in nodes(flow)


def test_code_field_tells_what_it_takes(browser: Browser) -> None:
    flow = browser.begin("recovery")
    answer = browser.send(flow, method="code", email="budi@karima.example")
    code = nodes(browser.show("recovery", answer))["code"]["attributes"]
    assert (code["pattern"], code["maxlength"]) == ("[0-9]+", 6)


def test_base_url_names_addresses_and_the_csrf_cookie(kratos: Kratos) -> None:
    kratos.configure(base_url="http://auth.ks-backend.cloud:4433")
    answer = Browser(kratos).get("/self-service/login/browser", json=True)
    action = answer.json()["ui"]["action"]
    assert action.startswith("http://auth.ks-backend.cloud:4433/self-service/login?")


def test_settings_can_be_changed_over_http_and_end_with_a_reset(kratos: Kratos) -> None:
    url = f"{kratos.public_url}/sandbox/settings"
    assert ask("PATCH", url, body={"ui_url": "http://127.0.0.1:9999"}).status == 204
    assert ask("PATCH", url, body={"colour": "red"}).status == 400
    answer = Browser(kratos).get("/self-service/login/browser")
    assert answer.headers["Location"].startswith("http://127.0.0.1:9999/login")
    kratos.reset()
    assert kratos.browser_settings.ui_url == "http://127.0.0.1:8080"
