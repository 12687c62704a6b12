"""The way into the admin while Cloudflare is down: who, when, from where, how often."""

import io
import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from pytest_django import Settings

from accounts.middleware.break_glass import FORWARDING, is_tunnelled
from accounts.models import BreakGlassLink, StaffAuditEntry, StaffIdentity, User
from accounts.services import break_glass
from accounts.services.break_glass import LinkInvalid
from accounts.services.staff import add_staff
from accounts.services.staff_audit import NO_REQUEST
from karima.scrubbing import scrub
from tests.accounts.access_tokens import NOW, claims, sign
from tests.accounts.fixtures_access import KEY

STARTS_AT = datetime.fromtimestamp(NOW, UTC)
ACCESS = "accounts.middleware.CloudflareAccessMiddleware"
INSTEAD = "accounts.middleware.BreakGlassMiddleware"
REASON = "Access answers 500 since 09:40"
EMAIL = "citra@karima.example"


@pytest.fixture
def window(settings: Settings) -> Any:
    """Open the window for half an hour, as the process of the emergency door does."""
    settings.APP_ENV = "production"
    settings.ADMIN_HOSTS = settings.ALLOWED_HOSTS = ["127.0.0.1"]
    settings.MIDDLEWARE = [
        INSTEAD if name == ACCESS else name for name in django_settings.MIDDLEWARE
    ]
    settings.ACCESS_BREAKGLASS_UNTIL = STARTS_AT + timedelta(minutes=30)
    with time_machine.travel(STARTS_AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def citra(db: None) -> User:
    user = add_staff(EMAIL, full_name="Citra Lestari")
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    return user


@pytest.fixture
def client() -> Client:
    """Give the browser at the end of the tunnel."""
    return Client(headers={"Host": "127.0.0.1:8090"})


def link(email: str = EMAIL, reason: str = REASON) -> str:
    """Return the path of the link that the command prints."""
    out = io.StringIO()
    call_command("break_glass", email, "--reason", reason, stdout=out)
    address = out.getvalue().splitlines()[0]
    return "/break-glass/" + address.rpartition("/")[2]


def audit() -> list[tuple[str, str]]:
    rows = StaffAuditEntry.objects.order_by("id")
    return list(rows.values_list("action", "reason"))


def test_link_opens_the_admin(client: Client, window: Any, citra: User) -> None:
    answer = client.post(link())
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    page = client.get("/admin/")
    assert page.status_code == 200
    assert page.wsgi_request.user == citra


def test_looking_at_the_link_does_not_use_it(
    client: Client, window: Any, citra: User
) -> None:
    path = link()
    assert "<button>" in client.get(path).content.decode()
    assert client.get("/admin/").status_code == 403
    assert client.post(path).status_code == 302


def test_link_works_once(client: Client, window: Any, citra: User) -> None:
    path = link()
    client.post(path)
    assert client.post(path).status_code == 403
    assert client.get("/admin/").status_code == 403


def test_link_works_for_ten_minutes(client: Client, window: Any, citra: User) -> None:
    path = link()
    window.shift(timedelta(minutes=10))
    assert client.post(path).status_code == 403
    assert BreakGlassLink.objects.get().used_at is None


def test_link_does_not_outlive_the_window(
    window: Any, citra: User, settings: Settings
) -> None:
    settings.ACCESS_BREAKGLASS_UNTIL = STARTS_AT + timedelta(minutes=3)
    link()
    assert BreakGlassLink.objects.get().expires_at == STARTS_AT + timedelta(minutes=3)


def test_session_ends_with_the_window(client: Client, window: Any, citra: User) -> None:
    client.post(link())
    window.shift(timedelta(minutes=29))
    assert client.get("/admin/").status_code == 200
    window.shift(timedelta(minutes=1))
    assert client.get("/admin/").status_code == 403


@pytest.mark.parametrize("until", [None, STARTS_AT, STARTS_AT - timedelta(hours=1)])
def test_nothing_works_while_the_window_is_closed(
    client: Client,
    window: Any,
    citra: User,
    settings: Settings,
    until: datetime | None,
) -> None:
    path = link()
    settings.ACCESS_BREAKGLASS_UNTIL = until
    assert client.post(path).status_code == 403
    with pytest.raises(CommandError):
        link()
    assert BreakGlassLink.objects.get().used_at is None


@pytest.mark.parametrize("peer", ["203.0.113.7", "172.18.0.1", "10.0.0.4", ""])
def test_other_machines_are_refused(window: Any, citra: User, peer: str) -> None:
    far = Client(headers={"Host": "127.0.0.1:8090"}, REMOTE_ADDR=peer)
    assert far.post(link()).status_code == 403
    assert BreakGlassLink.objects.get().used_at is None


@pytest.mark.parametrize("header", FORWARDING)
def test_what_a_proxy_passes_on_is_refused(
    client: Client, window: Any, citra: User, header: str
) -> None:
    answer = client.post(link(), headers={header: "127.0.0.1"})
    assert answer.status_code == 403
    assert BreakGlassLink.objects.get().used_at is None


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_is_a_tunnels_end(peer: str) -> None:
    assert is_tunnelled(peer, {})


def test_another_host_name_is_refused(window: Any, citra: User) -> None:
    """A page may point its own name at this machine (DNS rebinding)."""
    stranger = Client(headers={"Host": "evil.example"})
    assert stranger.post(link()).status_code == 400


@pytest.mark.parametrize("secret", ["", "x", "0" * 43, "a/b", "%00"])
def test_made_up_link_is_refused(
    client: Client, window: Any, citra: User, secret: str
) -> None:
    assert client.post(f"/break-glass/{secret}").status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        lambda: User.objects.update(is_active=False),
        lambda: User.objects.update(is_staff=False, is_superuser=False),
        lambda: StaffIdentity.objects.update(is_active=False),
    ],
)
def test_person_must_still_be_staff(
    client: Client, window: Any, citra: User, change: Any
) -> None:
    first, second = link(), link()
    client.post(first)
    change()
    assert client.get("/admin/").status_code == 403
    assert client.post(second).status_code == 403


def test_link_is_for_staff_alone(window: Any, citra: User) -> None:
    with pytest.raises(CommandError, match="no active member"):
        link("eko@karima.example")
    assert audit() == []


def test_link_needs_a_reason(window: Any, citra: User) -> None:
    with pytest.raises(CommandError, match="Alasan"):
        link(reason="  ")
    assert not BreakGlassLink.objects.exists()


def test_secret_is_not_kept(window: Any, citra: User) -> None:
    secret = link().rpartition("/")[2]
    row = BreakGlassLink.objects.values().get()
    assert secret not in map(str, row.values())


def test_link_its_use_and_what_follows_are_in_the_audit(
    client: Client, window: Any, citra: User
) -> None:
    client.post(link())
    client.post("/admin/logout/", headers={"Origin": "http://127.0.0.1:8090"})
    assert audit() == [
        ("breakglass", f"link: {REASON}"),
        ("breakglass", f"used: {REASON}"),
        ("logout", ""),
    ]
    assert {e.subject for e in StaffAuditEntry.objects.all()} == {"break-glass"}
    assert {e.actor for e in StaffAuditEntry.objects.all()} == {citra}


def test_link_and_its_use_are_alerts(
    client: Client, window: Any, citra: User, caplog: pytest.LogCaptureFixture
) -> None:
    client.post(link())
    alerts = [r.message for r in caplog.records if r.levelno == logging.ERROR]
    assert alerts == ["break_glass_link_made", "break_glass_used"]


def test_no_secret_is_in_the_log(
    client: Client, window: Any, citra: User, caplog: pytest.LogCaptureFixture
) -> None:
    path = link()
    with caplog.at_level(logging.DEBUG):
        client.post(path, headers={"X-Real-IP": "203.0.113.7"})
        client.post(path)
    lines = [record.getMessage() for record in caplog.records]
    assert any(path in line for line in lines)
    assert not any(path in scrub(line) for line in lines)


@pytest.mark.django_db
def test_public_process_knows_no_links(
    client: Client, settings: Settings, citra: User
) -> None:
    settings.APP_ENV = "production"
    settings.ADMIN_HOSTS = settings.ALLOWED_HOSTS = ["127.0.0.1"]
    with time_machine.travel(STARTS_AT, tick=False):
        settings.ACCESS_BREAKGLASS_UNTIL = STARTS_AT + timedelta(minutes=30)
        assert client.post(link()).status_code == 403
    assert BreakGlassLink.objects.get().used_at is None


def test_session_of_the_emergency_opens_no_public_admin(
    client: Client, window: Any, citra: User, settings: Settings
) -> None:
    client.post(link())
    settings.MIDDLEWARE = [
        ACCESS if name == INSTEAD else name for name in settings.MIDDLEWARE
    ]
    public = Client(headers={"Host": "127.0.0.1"})
    public.cookies = client.cookies
    assert public.get("/admin/").status_code == 403


def test_session_of_the_public_admin_opens_no_emergency_door(
    client: Client, window: Any, citra: User
) -> None:
    client.force_login(citra)
    assert client.get("/admin/").status_code == 403


def test_access_token_does_not_open_the_emergency_door(
    client: Client, window: Any, citra: User
) -> None:
    headers = {"Cf-Access-Jwt-Assertion": sign(KEY, claims())}
    assert client.get("/admin/", headers=headers).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_at_once_use_a_link_once(settings: Settings) -> None:
    settings.ACCESS_BREAKGLASS_UNTIL = datetime.now(UTC) + timedelta(minutes=30)
    add_staff(EMAIL)
    secret = break_glass.open_link(EMAIL, reason=REASON).secret
    outcomes: list[str] = []
    barrier = threading.Barrier(4)

    def use() -> None:
        barrier.wait(10)
        try:
            break_glass.redeem(secret, trace=NO_REQUEST)
            outcomes.append("in")
        except LinkInvalid:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["in", "refused", "refused", "refused"]
