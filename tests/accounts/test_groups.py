"""Customer groups: applied for by customers, decided by staff, on record."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import (
    ApplicationEvent,
    CustomerGroup,
    ResellerApplication,
    User,
)
from accounts.services import groups
from accounts.services.groups import AlreadyDecided, ReasonRequired, Wish
from tests.fixtures_staff import StaffClient

pytestmark = pytest.mark.django_db

PAGE = "/api/v1/reseller-application"
BODY = {
    "wanted_group": "reseller",
    "shop_name": "Hijab Cantik Bandung",
    "city": "Kota Bandung",
    "story": "Berjualan lewat WhatsApp sejak 2023.",
    "social_link": "https://www.instagram.com/hijabcantikbandung",
}
WISH = Wish(
    wanted_group=CustomerGroup.Code.AGEN,
    shop_name="Hijab Cantik",
    city="Kota Bandung",
    story="Berjualan lewat WhatsApp sejak 2023.",
)
ClientOf = Callable[..., APIClient]


def decide_url(application: ResellerApplication) -> str:
    name = "admin:accounts_resellerapplication_decide"
    return reverse(name, "karima.urls.admin", args=[application.pk])


def trail(application: ResellerApplication) -> list[tuple[str, str, str]]:
    rows = ApplicationEvent.objects.filter(application=application)
    return [(e.from_state, e.to_state, str(e.actor)) for e in rows]


def test_four_groups_come_with_the_database() -> None:
    codes = list(CustomerGroup.objects.values_list("code", flat=True))
    assert codes == ["retail", "reseller", "agen", "distributor"]


def test_everybody_begins_in_retail(client_of: ClientOf, aisyah: User) -> None:
    assert client_of(aisyah).get(PAGE).json() == {
        "group": "retail",
        "application": None,
    }


def test_application_is_kept_and_shown(client_of: ClientOf, aisyah: User) -> None:
    answer = client_of(aisyah).post(PAGE, BODY, format="json")
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    shown = client_of(aisyah).get(PAGE).json()
    assert shown == answer.json()
    application = shown["application"]
    assert {name: application[name] for name in BODY} == BODY
    assert (application["state"], application["decided_at"]) == ("open", None)
    assert trail(ResellerApplication.objects.get()) == [("", "open", "Aisyah Putri")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("wanted_group", "retail"),
        ("wanted_group", "owner"),
        ("shop_name", "A"),
        ("city", ""),
        ("story", "pendek"),
        ("social_link", "javascript:alert(1)"),
        ("social_link", "ftp://example.com/x"),
    ],
)
def test_what_staff_cannot_judge_is_refused(
    client_of: ClientOf, aisyah: User, field: str, value: str
) -> None:
    answer = client_of(aisyah).post(PAGE, {**BODY, field: value}, format="json")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_nobody_decides_by_writing(client_of: ClientOf, aisyah: User) -> None:
    body = {**BODY, "state": "approved", "decided_at": "2026-01-01T00:00:00Z"}
    client_of(aisyah).post(PAGE, {**body, "group": "agen"}, format="json")
    application = ResellerApplication.objects.get()
    assert (application.state, application.customer) == ("open", aisyah)
    aisyah.refresh_from_db()
    assert aisyah.group_id == "retail"


def test_one_application_at_a_time(client_of: ClientOf, aisyah: User) -> None:
    groups.apply(aisyah, wish=WISH)
    answer = client_of(aisyah).post(PAGE, BODY, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "application_open")
    assert ResellerApplication.objects.count() == 1


def test_group_that_is_held_is_not_applied_for(
    client_of: ClientOf, aisyah: User
) -> None:
    User.objects.update(group="reseller")
    aisyah.refresh_from_db()
    answer = client_of(aisyah).post(PAGE, BODY, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "group_held")


def test_approved_customer_is_in_the_group(
    client_of: ClientOf, owner: Client, aisyah: User
) -> None:
    application = groups.apply(aisyah, wish=WISH)
    answer = owner.post(decide_url(application), {"decision": "approve"})
    assert answer.status_code == 302
    aisyah.refresh_from_db()
    assert aisyah.group_id == "agen"
    shown = client_of(aisyah).get(PAGE).json()
    assert (shown["group"], shown["application"]["state"]) == ("agen", "approved")
    assert shown["application"]["decided_at"]
    assert trail(application)[1:] == [("open", "approved", "Staf owner")]


def test_rejected_customer_reads_why_and_may_try_again(
    client_of: ClientOf, owner: Client, aisyah: User
) -> None:
    application = groups.apply(aisyah, wish=WISH)
    body = {"decision": "reject", "reason": "Toko belum berjalan."}
    owner.post(decide_url(application), body)
    shown = client_of(aisyah).get(PAGE).json()
    assert shown["group"] == "retail"
    assert shown["application"]["state"] == "rejected"
    assert shown["application"]["reason"] == "Toko belum berjalan."
    assert client_of(aisyah).post(PAGE, BODY, format="json").status_code == 201
    assert trail(application)[1:] == [("open", "rejected", "Staf owner")]


def test_rejection_without_a_reason_is_refused(owner: Client, aisyah: User) -> None:
    application = groups.apply(aisyah, wish=WISH)
    shown = owner.post(
        decide_url(application), {"decision": "reject", "reason": " "}, follow=True
    )
    assert "Tuliskan alasan penolakan" in shown.content.decode()
    application.refresh_from_db()
    assert application.state == "open"


def test_decision_is_made_once(owner: Client, aisyah: User, budi: User) -> None:
    application = groups.apply(aisyah, wish=WISH)
    groups.approve(application, actor=budi)
    body = {"decision": "reject", "reason": "Berubah pikiran."}
    shown = owner.post(decide_url(application), body, follow=True)
    assert "sudah diputuskan" in shown.content.decode()
    with pytest.raises(AlreadyDecided):
        groups.approve(application, actor=budi)
    aisyah.refresh_from_db()
    assert aisyah.group_id == "agen"


def test_reason_is_needed_by_the_rule_itself(aisyah: User, budi: User) -> None:
    application = groups.apply(aisyah, wish=WISH)
    with pytest.raises(ReasonRequired):
        groups.reject(application, actor=budi, reason="")


@pytest.mark.parametrize("body", [{}, {"decision": "delete"}])
def test_other_buttons_do_nothing(
    owner: Client, aisyah: User, body: dict[str, str]
) -> None:
    application = groups.apply(aisyah, wish=WISH)
    url = decide_url(application)
    assert owner.post(url, {**body, "reason": "x"}).status_code == 404
    application.refresh_from_db()
    assert application.state == "open"


@pytest.mark.parametrize(
    ("role", "seen", "decided"),
    [
        ("owner", 200, 302),
        ("manager", 200, 302),
        ("cs", 200, 302),
        ("warehouse", 403, 403),
        ("marketing", 403, 403),
        ("finance", 403, 403),
        ("", 403, 403),
    ],
)
def test_right_to_decide(
    staff_client: StaffClient, aisyah: User, role: str, seen: int, decided: int
) -> None:
    application = groups.apply(aisyah, wish=WISH)
    client = staff_client(role)
    name = "admin:accounts_resellerapplication_change"
    page = reverse(name, "karima.urls.admin", args=[application.pk])
    assert client.get(page).status_code == seen
    answer = client.post(decide_url(application), {"decision": "approve"})
    assert answer.status_code == decided
    application.refresh_from_db()
    assert application.state == ("approved" if decided == 302 else "open")


def test_page_shows_the_application_as_text(owner: Client, aisyah: User) -> None:
    application = groups.apply(
        aisyah,
        wish=Wish(
            wanted_group=CustomerGroup.Code.AGEN,
            shop_name="<script>alert(1)</script>",
            city="Kota Bandung",
            story="Baris satu\nBaris dua",
        ),
    )
    name = "admin:accounts_resellerapplication_change"
    page = reverse(name, "karima.urls.admin", args=[application.pk])
    shown = owner.get(page).content.decode()
    assert "<script>alert" not in shown
    assert "Baris satu<br>Baris dua" in shown
    listed = owner.get(
        reverse("admin:accounts_resellerapplication_changelist", "karima.urls.admin")
    )
    assert "Menunggu" in listed.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"wanted_group": "retail"},
        {"state": "approved"},
        {"decided_at": timezone.now()},
        {"state": "rejected", "decided_at": timezone.now()},
    ],
)
def test_database_refuses_contradictions(aisyah: User, wrong: dict[str, Any]) -> None:
    groups.apply(aisyah, wish=WISH)
    with pytest.raises(IntegrityError), transaction.atomic():
        ResellerApplication.objects.update(**wrong)


def test_database_knows_four_codes() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CustomerGroup.objects.create(code="vip", name="VIP", position=9)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE accounts_applicationevent SET to_state = 'approved'",
        "DELETE FROM accounts_applicationevent",
    ],
)
def test_trail_cannot_be_rewritten(aisyah: User, sql: str) -> None:
    groups.apply(aisyah, wish=WISH)
    with (
        pytest.raises(Error, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
