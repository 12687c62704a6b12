"""What is written down of the staff's doings, and that nobody can rewrite it."""

import logging
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.test import Client

from accounts.models import StaffAuditEntry, User
from accounts.services import staff_audit
from tests.accounts.access_tokens import claims, sign
from tests.accounts.fixtures_access import KEY, enter
from tests.factories import make_order
from tests.fixtures_staff import StaffClient

pytestmark = pytest.mark.django_db


def entries() -> list[str]:
    return list(StaffAuditEntry.objects.order_by("id").values_list("action", flat=True))


def last() -> StaffAuditEntry:
    return StaffAuditEntry.objects.latest("id")


def post(client: Client, path: str, body: Any = None, **headers: str) -> Any:
    token = sign(KEY, claims())
    own = {"Cf-Access-Jwt-Assertion": token, "Origin": "http://testserver"}
    return client.post(path, body, headers={**own, **headers})


def test_sign_in_is_written_once(client: Client, citra: User) -> None:
    enter(client)
    enter(client)
    assert entries() == ["login"]
    assert (last().actor, last().email) == (citra, "citra@karima.example")
    assert last().subject == "access-citra"


def test_entry_says_from_where(client: Client, citra: User) -> None:
    token = sign(KEY, claims())
    headers = {
        "Cf-Access-Jwt-Assertion": token,
        "Cf-Ray": "8f1c0ffee-SIN",
        "X-Request-ID": "r-17",
        "X-Real-IP": "203.0.113.7",
    }
    client.get("/admin/", headers=headers)
    entry = last()
    assert (entry.ip, entry.cf_ray) == ("203.0.113.7", "8f1c0ffee-SIN")
    assert (entry.request_id, entry.method, entry.path) == ("r-17", "GET", "/admin/")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"email": "eko@karima.example"}, "not_staff"),
        ({"sub": "somebody-else"}, "sub_mismatch"),
    ],
)
def test_person_who_is_turned_away_is_written(
    client: Client, citra: User, changes: dict[str, str], reason: str
) -> None:
    enter(client)
    enter(client, **changes)
    entry = last()
    assert (entry.action, entry.reason, entry.status) == ("denied", reason, 403)
    assert entry.actor is None
    assert entry.email == changes.get("email", "citra@karima.example")
    assert entry.subject == changes.get("sub", "access-citra")


def test_token_that_proves_nothing_is_not_written(client: Client, citra: User) -> None:
    enter(client, aud=["b" * 64])
    assert entries() == []


def test_reading_is_not_written(client: Client, citra: User) -> None:
    enter(client)
    enter(client, "/admin/accounts/user/")
    assert entries() == ["login"]


def test_unsafe_request_is_written_with_its_status(
    client: Client, citra: User, aisyah: User
) -> None:
    enter(client)
    path = f"/admin/accounts/user/{aisyah.pk}/change/"
    answer = post(client, path, {"full_name": "Orang lain"})
    entry = last()
    assert (entry.action, entry.method, entry.path) == ("write", "POST", path)
    assert entry.object == f"accounts_user_change {aisyah.pk}"
    assert entry.status == answer.status_code == 403


def test_action_on_a_list_is_written_with_its_rows(client: Client, citra: User) -> None:
    order = make_order()
    enter(client)
    body = {"action": "nothing", "_selected_action": [order.pk]}
    post(client, "/admin/orders/order/", body)
    assert last().object == f"orders_order_changelist nothing {order.pk}"


def test_request_of_another_site_is_written(client: Client, citra: User) -> None:
    enter(client)
    post(client, "/admin/orders/order/", Origin="https://evil.example")
    assert (last().action, last().status) == ("write", 403)


def test_sign_out_is_written(client: Client, citra: User) -> None:
    enter(client)
    post(client, "/admin/logout/")
    assert entries() == ["login", "logout"]


def test_database_that_takes_no_entry_does_not_break_the_request(
    client: Client,
    citra: User,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def away(*args: Any, **fields: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(StaffAuditEntry.objects, "create", away)
    assert enter(client).status_code == 200
    alerts = [r.message for r in caplog.records if r.levelno == logging.ERROR]
    assert alerts == ["staff_audit_failed"]


def test_what_a_stranger_sends_fits_the_columns(client: Client, citra: User) -> None:
    token = sign(KEY, claims(email=f"{'a' * 238}@karima.example"))
    headers = {"Cf-Access-Jwt-Assertion": token, "Cf-Ray": "x" * 500}
    path = f"/admin/{'y' * 1000}%00"
    assert client.get(path, headers=headers).status_code == 403
    assert (len(last().path), len(last().cf_ray)) == (200, 40)


@pytest.fixture
def entry(db: None) -> StaffAuditEntry:
    person = staff_audit.Person(email="citra@karima.example")
    staff_audit.record(staff_audit.Action.LOGIN, person=person)
    return last()


def test_entry_is_never_changed(entry: StaffAuditEntry) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        StaffAuditEntry.objects.update(email="dewi@karima.example")


def test_entry_is_never_deleted(entry: StaffAuditEntry) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        StaffAuditEntry.objects.all()._raw_delete("default")


def test_unknown_action_is_refused_by_the_database(db: None) -> None:
    with pytest.raises(DatabaseError, match="staff_audit_action"), transaction.atomic():
        StaffAuditEntry.objects.create(action="other", email="a@b")


LIST = "/admin/accounts/staffauditentry/"


def test_owner_reads_the_entries(owner: Client) -> None:
    page = owner.get(LIST, {"action__exact": "login"}).content.decode()
    assert "owner@karima.example" in page
    entry = last()
    assert owner.get(f"{LIST}{entry.pk}/change/").status_code == 200


@pytest.mark.parametrize("role", ["manager", "cs", "warehouse", "marketing", "finance"])
def test_entries_are_for_the_owner_alone(staff_client: StaffClient, role: str) -> None:
    assert staff_client(role).get(LIST).status_code == 403


@pytest.mark.parametrize("page", ["add/", "1/delete/", "1/change/"])
def test_entries_are_not_written_by_hand(owner: Client, page: str) -> None:
    count = StaffAuditEntry.objects.count()
    answer = owner.post(f"{LIST}{page}", {"email": "x@y"})
    assert answer.status_code in (302, 403)
    written = StaffAuditEntry.objects.exclude(action__in=["login", "write"])
    assert not written.exists()
    assert StaffAuditEntry.objects.count() <= count + 2
