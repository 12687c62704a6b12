"""Who gets into the admin, and as whom; tokens are checked against real keys."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django import Settings
from werkzeug.wrappers import Request

from accounts.clients import cloudflare_access
from accounts.models import StaffIdentity, User
from accounts.services.staff import add_staff
from sandbox.access import Access
from sandbox.kratos import Login
from sandbox.server import Server
from tests.accounts.access_tokens import (
    AUDIENCE,
    ISSUER,
    NOW,
    Certs,
    claims,
    jwk,
    make_key,
    sign,
)

pytestmark = pytest.mark.django_db

KEY = make_key()


@pytest.fixture
def certs(settings: Settings) -> Iterator[Certs]:
    """Give the keys endpoint, the shop pointed at it, and a clock that stands still."""
    certs = Certs(keys=[jwk(KEY, "one")])
    app = Request.application(certs.respond)
    cloudflare_access._verifier.cache_clear()
    with (
        Server(app, service="certs", host="127.0.0.1", port=0) as server,
        time_machine.travel(datetime.fromtimestamp(NOW, UTC), tick=False),
    ):
        settings.CF_ACCESS_JWKS_URL = server.url
        settings.CF_ACCESS_ISSUER = ISSUER
        settings.CF_ACCESS_AUD = [AUDIENCE]
        yield certs
    cloudflare_access._verifier.cache_clear()


@pytest.fixture
def citra(certs: Certs) -> User:
    user = add_staff("citra@karima.example", full_name="Citra Lestari")
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    return user


@pytest.fixture
def dewi(certs: Certs) -> User:
    user = add_staff("dewi@karima.example", full_name="Dewi Anggraini")
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    return user


def enter(client: Client, path: str = "/admin/", **changes: Any) -> Any:
    token = sign(KEY, claims(**changes))
    return client.get(path, headers={"Cf-Access-Jwt-Assertion": token})


def signed_in_as(client: Client) -> str:
    return client.session.get("_auth_user_id", "")


def test_staff_enter_as_themselves(client: Client, citra: User) -> None:
    response = enter(client)
    assert response.status_code == 200
    assert signed_in_as(client) == str(citra.pk)


def test_first_sign_in_binds_the_subject(client: Client, citra: User) -> None:
    enter(client)
    assert StaffIdentity.objects.get().access_sub == "access-citra"


def test_nobody_enters_without_a_token(client: Client, citra: User) -> None:
    response = client.get("/admin/")
    assert response.status_code == 403
    assert "http://127.0.0.1:4490/admin/" in response.content.decode()


def test_session_without_a_token_is_ended(client: Client, citra: User) -> None:
    enter(client)
    assert client.get("/admin/").status_code == 403
    assert signed_in_as(client) == ""


def test_production_gives_no_hint(
    client: Client, citra: User, settings: Settings
) -> None:
    settings.APP_ENV = "production"
    settings.ADMIN_HOSTS = ["testserver"]
    assert "4490" not in client.get("/admin/").content.decode()


def test_refusal_does_not_say_why(
    client: Client, citra: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="accounts.middleware"):
        page = enter(client, email="eko@karima.example").content.decode()
    assert "not_staff" not in page
    assert [vars(record).get("code") for record in caplog.records][0] == "not_staff"


def test_token_of_a_stranger_is_403(client: Client, citra: User) -> None:
    assert enter(client, email="eko@karima.example").status_code == 403
    assert User.objects.count() == 1


def test_email_is_compared_without_case(client: Client, citra: User) -> None:
    response = enter(client, email="  CITRA@Karima.Example ")
    assert response.status_code == 200


def test_changed_subject_is_403(client: Client, citra: User) -> None:
    enter(client)
    assert enter(client, sub="somebody-else").status_code == 403
    assert StaffIdentity.objects.get().access_sub == "access-citra"
    assert signed_in_as(client) == ""


def test_subject_of_one_is_not_bound_to_another(
    client: Client, citra: User, dewi: User
) -> None:
    enter(client)
    assert enter(client, email="dewi@karima.example").status_code == 403
    assert StaffIdentity.objects.get(user=dewi).access_sub is None


@pytest.mark.parametrize("field", ["is_active", "is_staff"])
def test_staff_switched_off_are_out_at_once(
    client: Client, citra: User, field: str
) -> None:
    enter(client)
    User.objects.update(**{field: False, "is_superuser": False})
    assert enter(client).status_code == 403


def test_withdrawn_access_is_out_at_once(client: Client, citra: User) -> None:
    enter(client)
    StaffIdentity.objects.update(is_active=False)
    assert enter(client).status_code == 403


def test_customer_is_never_staff_by_email(client: Client, certs: Certs) -> None:
    User.objects.create(username="kratos:x", email="citra@karima.example")
    assert enter(client).status_code == 403


def test_token_of_another_replaces_the_session(
    client: Client, citra: User, dewi: User
) -> None:
    enter(client)
    before = client.session.session_key
    enter(client, email="dewi@karima.example", sub="access-dewi")
    assert signed_in_as(client) == str(dewi.pk)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_session_is_kept_while_the_token_names_the_same(
    client: Client, citra: User
) -> None:
    enter(client)
    before = client.session.session_key
    enter(client)
    assert client.session.session_key == before


def test_forced_session_key_is_replaced_at_sign_in(client: Client, citra: User) -> None:
    session = client.session
    session["x"] = 1
    session.save()
    before = session.session_key
    enter(client)
    assert client.session.session_key != before
    assert "x" not in client.session


def test_keys_away_are_503_with_a_time(
    client: Client, citra: User, certs: Certs
) -> None:
    certs.status = 503
    response = enter(client)
    assert (response.status_code, response["Retry-After"]) == (503, "30")


def test_admin_without_access_settings_is_shut(
    client: Client, citra: User, settings: Settings
) -> None:
    settings.CF_ACCESS_AUD = []
    assert enter(client).status_code == 503


def test_kratos_session_on_the_admin_gives_nothing(
    client: Client, certs: Certs, aisyah_login: Login
) -> None:
    headers = {"Cookie": f"ory_kratos_session={aisyah_login.cookie}"}
    assert client.get("/admin/", headers=headers).status_code == 403


def test_password_page_is_not_there(client: Client, citra: User) -> None:
    response = enter(client, "/admin/login/")
    assert response.status_code == 403
    assert "password" not in response.content.decode().lower()


def test_logout_ends_the_session_and_leaves_access(client: Client, citra: User) -> None:
    enter(client)
    before = client.session.session_key
    headers = {"Cf-Access-Jwt-Assertion": sign(KEY, claims())}
    headers["Origin"] = "http://testserver"
    response = client.post("/admin/logout/", headers=headers)
    assert response.status_code == 302
    assert response["Location"] == "/cdn-cgi/access/logout"
    assert not Session.objects.filter(session_key=before).exists()


def test_admin_has_no_name_on_the_api_host() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("admin:index", urlconf="karima.urls.api")


def test_api_asks_for_no_access_token(client: Client, certs: Certs) -> None:
    assert client.get("/health/live").status_code == 200
    assert certs.asked == 0


def test_staff_add_makes_staff_without_a_password(certs: Certs) -> None:
    call_command(
        "staff_add", "Eko@Karima.Example", "--name", "Eko Prasetyo", stdout=None
    )
    row = StaffIdentity.objects.get()
    assert (row.email, row.access_sub) == ("eko@karima.example", None)
    assert row.user.is_staff
    assert not row.user.is_superuser
    assert not row.user.has_usable_password()
    assert row.user.full_name == "Eko Prasetyo"


def test_staff_add_refuses_the_same_email_twice(citra: User) -> None:
    with pytest.raises(CommandError, match="exists"):
        call_command("staff_add", "CITRA@karima.example")


def test_staff_add_refuses_an_unknown_group(certs: Certs) -> None:
    with pytest.raises(CommandError, match="no group gudang"):
        call_command("staff_add", "eko@karima.example", "--group", "gudang")
    assert not User.objects.exists()


def test_token_of_the_sandbox_opens_the_admin(
    client: Client, access: Access, settings: Settings
) -> None:
    settings.CF_ACCESS_JWKS_URL = access.certs_url
    settings.CF_ACCESS_ISSUER = access.issuer
    settings.CF_ACCESS_AUD = [access.aud]
    add_staff("citra@karima.example")
    headers = {"Cf-Access-Jwt-Assertion": access.mint("citra@karima.example")}
    assert client.get("/admin/", headers=headers).status_code == 200
