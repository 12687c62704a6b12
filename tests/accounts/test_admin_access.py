"""Who gets into the admin, and as whom; tokens are checked against real keys."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django import Settings

from accounts.models import StaffIdentity, User
from accounts.services import staff
from accounts.services.staff import add_staff
from sandbox.access import Access
from sandbox.kratos import Login
from tests.accounts.access_tokens import NOW, Certs, claims, sign
from tests.accounts.fixtures_access import KEY, enter

pytestmark = pytest.mark.django_db

HOUR = 3600
HEADER = "Cf-Access-Jwt-Assertion"


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
    with caplog.at_level(logging.WARNING, logger="accounts.middleware.staff"):
        page = enter(client, email="eko@karima.example").content.decode()
    assert "not_staff" not in page
    assert [vars(record).get("code") for record in caplog.records][0] == "not_staff"


def test_token_of_a_stranger_is_403(client: Client, citra: User) -> None:
    assert enter(client, email="eko@karima.example").status_code == 403
    assert User.objects.count() == 1


def test_email_is_compared_without_case(client: Client, citra: User) -> None:
    response = enter(client, email="  CITRA@Karima.Example ")
    assert response.status_code == 200


def test_wide_letters_are_the_same_address(client: Client, citra: User) -> None:
    assert enter(client, email="\uff43itra@karima.example").status_code == 200


@pytest.mark.parametrize("look_alike", ["c\u0131tra", "\u0441itra", "citra\u200b"])
def test_address_that_only_looks_alike_is_403(
    client: Client, citra: User, look_alike: str
) -> None:
    assert enter(client, email=f"{look_alike}@karima.example").status_code == 403


def test_changed_subject_is_403_and_an_alert(
    client: Client, citra: User, caplog: pytest.LogCaptureFixture
) -> None:
    enter(client)
    assert enter(client, sub="somebody-else").status_code == 403
    alerts = [r.message for r in caplog.records if r.levelno == logging.ERROR]
    assert alerts == ["staff_subject_mismatch"]
    assert StaffIdentity.objects.get().access_sub == "access-citra"
    assert signed_in_as(client) == ""


def test_service_token_is_403(client: Client, citra: User) -> None:
    token = sign(KEY, claims("email", sub="", common_name="robot.access"))
    assert client.get("/admin/", headers={HEADER: token}).status_code == 403


def test_header_with_the_email_alone_is_403(client: Client, citra: User) -> None:
    headers = {"Cf-Access-Authenticated-User-Email": "citra@karima.example"}
    assert client.get("/admin/", headers=headers).status_code == 403


def test_token_in_the_cookie_alone_is_403(client: Client, citra: User) -> None:
    client.cookies["CF_Authorization"] = sign(KEY, claims())
    assert client.get("/admin/").status_code == 403


@pytest.mark.parametrize("path", ["/admin/nowhere", "/admin/jsi18n/", "/admin"])
def test_no_path_of_the_admin_is_open(client: Client, citra: User, path: str) -> None:
    assert client.get(path).status_code == 403


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


def test_another_account_in_the_same_row_is_another_session(
    client: Client, citra: User
) -> None:
    enter(client)
    before = client.session.session_key
    staff.rebind("citra@karima.example")
    enter(client, sub="access-citra-2")
    assert signed_in_as(client) == str(citra.pk)
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize(
    ("token_hours", "session_hours"), [(24, 8), (8, 8), (3, 3), (1, 1)]
)
def test_session_ends_with_the_token_and_after_eight_hours(
    client: Client, citra: User, token_hours: int, session_hours: int
) -> None:
    enter(client, exp=NOW + token_hours * HOUR)
    ends_at = datetime.fromtimestamp(NOW + session_hours * HOUR, UTC)
    assert Session.objects.get().expire_date == ends_at
    assert client.cookies["karima_admin"]["max-age"] == session_hours * HOUR


def test_use_does_not_prolong_the_session(client: Client, citra: User) -> None:
    enter(client, exp=NOW + 24 * HOUR)
    ends_at = Session.objects.get().expire_date
    later = datetime.fromtimestamp(NOW, UTC) + timedelta(hours=7)
    with time_machine.travel(later, tick=False):
        session = client.session
        session["filter"] = "today"
        session.save()
        enter(client, exp=NOW + 24 * HOUR)
    assert Session.objects.get().expire_date == ends_at


def test_session_after_its_end_is_begun_anew(client: Client, citra: User) -> None:
    enter(client, exp=NOW + 24 * HOUR)
    before = client.session.session_key
    later = datetime.fromtimestamp(NOW + 8 * HOUR + 1, UTC)
    with time_machine.travel(later, tick=False):
        assert enter(client, exp=NOW + 24 * HOUR).status_code == 200
        assert client.session.session_key != before


def test_database_away_is_503_with_a_time(
    client: Client, citra: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(StaffIdentity.objects, "select_related", away)
    response = enter(client)
    assert (response.status_code, response["Retry-After"]) == (503, "30")


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


def test_staff_session_gives_nothing_on_the_api(client: Client, citra: User) -> None:
    enter(client)
    assert "karima_admin" in client.cookies
    assert client.get("/api/v1/auth/me").status_code == 401


def test_access_token_gives_nothing_on_the_api(client: Client, citra: User) -> None:
    token = sign(KEY, claims())
    headers = {HEADER: token, "Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/auth/me", headers={HEADER: token}).status_code == 401
    assert client.get("/api/v1/auth/me", headers=headers).status_code in (401, 503)


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


@pytest.mark.parametrize("face", ["api", "auth"])
@pytest.mark.parametrize("name", ["index", "login", "orders_order_changelist"])
def test_admin_has_no_name_on_another_host(face: str, name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:{name}", urlconf=f"karima.urls.{face}")


@pytest.mark.parametrize("host", ["admin.karima.example", "ADMIN.Karima.Example."])
def test_admin_host_asks_for_the_token_however_it_is_written(
    client: Client, citra: User, settings: Settings, host: str
) -> None:
    settings.APP_ENV = "production"
    settings.ADMIN_HOSTS = settings.ALLOWED_HOSTS = ["admin.karima.example"]
    assert client.get("/admin/", headers={"Host": host}).status_code == 403
    token = sign(KEY, claims())
    headers = {"Host": host, HEADER: token}
    assert client.get("/admin/", headers=headers).status_code == 200


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
