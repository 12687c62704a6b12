"""Where customers are signed in, and every way to sign out."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.clients.kratos_admin import MOST_SESSIONS
from accounts.models import User
from sandbox.faults import Fault
from sandbox.kratos import Kratos, Login
from tests.fixtures_identity import app_of

pytestmark = pytest.mark.django_db

ME = "/api/v1/auth/me"
SESSIONS = "/api/v1/auth/sessions"
LOGOUT = "/api/v1/auth/logout"
ORIGIN = "http://testserver"


def browser(login: Login) -> Client:
    cookie = f"ory_kratos_session={login.cookie}"
    return Client(headers={"Cookie": cookie, "Origin": ORIGIN})


def test_sessions_are_listed_with_the_current_one_marked(
    identity: Kratos, aisyah_login: Login, budi_login: Login
) -> None:
    other = identity.login("aisyah@karima.example")
    answer = app_of(aisyah_login).get(SESSIONS)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    found = answer.json()["results"]
    assert {row["id"]: row["is_current"] for row in found} == {
        other.session_id: False,
        aisyah_login.session_id: True,
    }
    assert found[0]["device"] == "Sandbox/1.0"
    assert found[0]["ip_address"] == "127.0.0.1"
    assert set(found[0]) == {
        "id", "is_current", "device", "ip_address", "signed_in_at", "expires_at",
    }  # fmt: skip


def test_customer_with_very_many_sessions_shuts_nobody_out(
    identity: Kratos, aisyah_login: Login, budi_login: Login
) -> None:
    for _ in range(MOST_SESSIONS - 1):
        identity.login("aisyah@karima.example")
    answers = [app_of(aisyah_login).get(SESSIONS) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert answers[0].json()["pagination"]["total_items"] == MOST_SESSIONS
    assert app_of(budi_login).get(SESSIONS).status_code == 200


def test_ended_sessions_are_not_listed(identity: Kratos, aisyah_login: Login) -> None:
    identity.revoke(identity.login("aisyah@karima.example"))
    assert len(app_of(aisyah_login).get(SESSIONS).json()["results"]) == 1


def test_one_other_session_is_ended_at_once(
    identity: Kratos, aisyah_login: Login
) -> None:
    other = identity.login("aisyah@karima.example")
    assert app_of(other).get(ME).status_code == 200
    answer = app_of(aisyah_login).delete(f"{SESSIONS}/{other.session_id}")
    assert answer.status_code == 204
    assert app_of(other).get(ME).status_code == 401
    assert app_of(aisyah_login).get(ME).status_code == 200


def test_budi_cannot_end_aisyahs_session(
    identity: Kratos, aisyah_login: Login, budi_login: Login
) -> None:
    answer = app_of(budi_login).delete(f"{SESSIONS}/{aisyah_login.session_id}")
    assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")
    assert app_of(aisyah_login).patch(ME, {}, format="json").status_code == 200


def test_all_others_are_ended_and_this_one_stays(
    identity: Kratos, aisyah_login: Login, budi_login: Login
) -> None:
    others = [identity.login("aisyah@karima.example") for _ in range(2)]
    for other in others:
        app_of(other).get(ME)
    answer = app_of(aisyah_login).delete(SESSIONS)
    assert (answer.status_code, answer.json()) == (200, {"ended": 2})
    assert [app_of(other).get(ME).status_code for other in others] == [401, 401]
    assert app_of(aisyah_login).get(ME).status_code == 200
    assert app_of(budi_login).get(ME).status_code == 200


def test_all_others_are_ended_by_a_browser(
    identity: Kratos, aisyah_login: Login
) -> None:
    other = identity.login("aisyah@karima.example")
    assert browser(aisyah_login).delete(SESSIONS).json() == {"ended": 1}
    assert app_of(other).get(ME).status_code == 401
    assert browser(aisyah_login).get(ME).status_code == 200


def test_revoked_session_cannot_end_others(
    identity: Kratos, aisyah_login: Login
) -> None:
    other = identity.login("aisyah@karima.example")
    app_of(aisyah_login).get(ME)
    identity.revoke(aisyah_login)
    assert app_of(aisyah_login).delete(SESSIONS).status_code == 401
    assert app_of(other).get(ME).status_code == 200


def test_token_is_signed_out_at_once_and_at_kratos(
    identity: Kratos, aisyah_login: Login
) -> None:
    app = app_of(aisyah_login)
    assert app.get(ME).status_code == 200
    assert app.post(LOGOUT).status_code == 204
    assert app.get(ME).status_code == 401
    last = identity.requests[-2]
    assert (last.method, last.path) == ("DELETE", "/self-service/logout/api")


def test_sign_out_ends_the_sessions_other_credentials_too(
    identity: Kratos, aisyah_login: Login
) -> None:
    assert browser(aisyah_login).get(ME).status_code == 200
    app_of(aisyah_login).post(LOGOUT)
    assert browser(aisyah_login).get(ME).status_code == 401


def test_cookie_is_signed_out_and_cleared(
    identity: Kratos, aisyah_login: Login, settings: Settings
) -> None:
    settings.KRATOS_COOKIE_DOMAIN = "ks-backend.cloud"
    page = browser(aisyah_login)
    assert page.get(ME).status_code == 200
    answer = page.post(LOGOUT)
    assert answer.status_code == 204
    cleared = answer.cookies["ory_kratos_session"]
    assert (cleared.value, cleared["max-age"]) == ("", 0)
    assert cleared["domain"] == "ks-backend.cloud"
    assert browser(aisyah_login).get(ME).status_code == 401
    assert app_of(aisyah_login).get(ME).status_code == 401


def test_another_site_signs_nobody_out(identity: Kratos, aisyah_login: Login) -> None:
    cookie = f"ory_kratos_session={aisyah_login.cookie}"
    client = Client(headers={"Cookie": cookie, "Origin": "https://evil.example"})
    assert client.post(LOGOUT).status_code == 403
    assert app_of(aisyah_login).get(ME).status_code == 200


def test_signing_out_twice_is_fine(aisyah_login: Login) -> None:
    app = app_of(aisyah_login)
    assert [app.post(LOGOUT).status_code for _ in range(2)] == [204, 204]


def test_nobody_has_nothing_to_sign_out_of(identity: Kratos) -> None:
    answer = APIClient().post(LOGOUT)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert identity.requests == []


def test_customer_switched_off_here_may_sign_out(
    aisyah_login: Login, identity: Kratos
) -> None:
    app = app_of(aisyah_login)
    app.get(ME)
    User.objects.update(is_active=False)
    assert app.post(LOGOUT).status_code == 204
    User.objects.update(is_active=True)
    assert app.get(ME).status_code == 401


def test_token_without_its_second_factor_can_be_signed_out(
    identity: Kratos, aisyah_login: Login
) -> None:
    identity.enrol_second_factor("aisyah@karima.example")
    assert app_of(aisyah_login).get(ME).status_code == 403
    assert app_of(aisyah_login).post(LOGOUT).status_code == 204
    assert app_of(aisyah_login).get(ME).status_code == 401


def test_outage_is_no_sign_out_but_nothing_is_remembered(
    identity: Kratos, aisyah_login: Login
) -> None:
    app = app_of(aisyah_login)
    app.get(ME)
    identity.faults.set(Fault.DOWN)
    assert app.post(LOGOUT).status_code == 503
    assert app.get(ME).status_code == 503


def location(client: Client, path: str = LOGOUT, **query: str) -> str:
    answer = client.get(path, query)
    assert (answer.status_code, answer["Cache-Control"]) == (303, "no-store")
    return str(answer["Location"])


def test_browser_is_sent_to_its_own_sign_out(
    identity: Kratos, aisyah_login: Login
) -> None:
    address = location(browser(aisyah_login))
    assert address.startswith(f"{identity.public_url}/self-service/logout?token=ory_lo")


def test_browser_without_a_session_is_sent_to_the_shop(
    identity: Kratos, aisyah_login: Login, settings: Settings
) -> None:
    settings.STOREFRONT_URL = "https://karima.example"
    assert location(Client()) == "https://karima.example"
    identity.revoke(aisyah_login)
    assert location(browser(aisyah_login)) == "https://karima.example"


def test_sign_out_elsewhere_than_at_our_kratos_is_refused(
    aisyah_login: Login, settings: Settings
) -> None:
    settings.KRATOS_BROWSER_URL = "https://auth.karima.example"
    assert browser(aisyah_login).get(LOGOUT).status_code == 503


@pytest.mark.parametrize(
    ("path", "kind"), [("login", "login"), ("register", "registration")]
)
def test_browser_is_sent_to_sign_in(settings: Settings, path: str, kind: str) -> None:
    settings.KRATOS_BROWSER_URL = "https://auth.karima.example"
    settings.STOREFRONT_URL = "https://karima.example"
    flow = f"https://auth.karima.example/self-service/{kind}/browser"
    page = f"/api/v1/auth/{path}"
    assert location(Client(), page) == flow
    back = location(Client(), page, return_to="https://karima.example/keranjang")
    assert back == f"{flow}?return_to=https%3A%2F%2Fkarima.example%2Fkeranjang"
    assert location(Client(), page, return_to="https://evil.example/") == flow


def test_cached_entries_of_a_session_are_dropped_with_it(
    identity: Kratos, aisyah_login: Login
) -> None:
    app_of(aisyah_login).get(ME)
    assert cache.keys("kratos:session:*")
    app_of(aisyah_login).post(LOGOUT)
    assert cache.keys("kratos:session:*") == []


def test_sessions_of_garbage_are_an_outage(
    identity: Kratos, aisyah_login: Login
) -> None:
    identity.faults.set(Fault.GARBAGE, path="/admin/")
    answer: Any = app_of(aisyah_login).get(SESSIONS)
    assert (answer.status_code, answer.json()["code"]) == (503, "auth_unavailable")
