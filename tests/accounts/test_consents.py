"""What customers agree to: every answer kept, the newest in force."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from accounts.models import Consent, User
from accounts.services import consents
from sandbox.kratos import Kratos, Login

pytestmark = pytest.mark.django_db

PATH = "/api/v1/privacy/consents"
ClientOf = Callable[[User | None], APIClient]


def answer(client: APIClient, granted: object, purpose: str = "marketing_email") -> Any:
    return client.post(PATH, {"purpose": purpose, "granted": granted}, format="json")


def standing_of(answered: Any, purpose: str = "marketing_email") -> dict[str, Any]:
    rows: list[dict[str, Any]] = answered.json()["consents"]
    return next(row for row in rows if row["purpose"] == purpose)


def test_no_answer_is_no(client_of: ClientOf, aisyah: User) -> None:
    answered = client_of(aisyah).get(PATH)
    assert answered.status_code == 200
    assert answered["Cache-Control"] == "no-store"
    assert {row["purpose"]: row["granted"] for row in answered.json()["consents"]} == {
        "terms": False,
        "marketing_email": False,
        "marketing_whatsapp": False,
    }


def test_answer_is_kept_with_where_and_what(client_of: ClientOf, aisyah: User) -> None:
    answered = answer(client_of(aisyah), True)
    standing = standing_of(answered)
    assert (standing["granted"], standing["history"][0]["source"]) == (True, "account")
    assert "e-mail" in standing["text"]
    row = Consent.objects.get()
    assert (row.customer, row.ip) == (aisyah, "127.0.0.1")
    assert row.text_version == consents.MARKETING_TEXT_VERSION


def test_withdrawal_holds_at_once_and_the_history_stays(
    client_of: ClientOf, aisyah: User
) -> None:
    answer(client_of(aisyah), True)
    assert consents.is_granted(aisyah, purpose="marketing_email")
    standing = standing_of(answer(client_of(aisyah), False))
    assert not consents.is_granted(aisyah, purpose="marketing_email")
    assert [row["granted"] for row in standing["history"]] == [False, True]


def test_same_answer_is_not_noted_twice(client_of: ClientOf, aisyah: User) -> None:
    answer(client_of(aisyah), True)
    answer(client_of(aisyah), True)
    assert Consent.objects.count() == 1


def test_same_answer_to_a_new_text_is_noted(
    client_of: ClientOf, aisyah: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(client_of(aisyah), True)
    monkeypatch.setattr(consents, "MARKETING_TEXT_VERSION", "2027-01")
    answer(client_of(aisyah), True)
    assert Consent.objects.count() == 2


def test_purposes_do_not_mix(client_of: ClientOf, aisyah: User) -> None:
    answer(client_of(aisyah), True)
    assert not consents.is_granted(aisyah, purpose="marketing_whatsapp")


def test_customers_do_not_mix(client_of: ClientOf, aisyah: User, budi: User) -> None:
    answer(client_of(aisyah), True)
    assert not consents.is_granted(budi, purpose="marketing_email")
    assert standing_of(client_of(budi).get(PATH))["history"] == []


@pytest.mark.parametrize(
    ("purpose", "granted", "field"),
    [
        ("terms", True, "purpose"),
        ("spam", True, "purpose"),
        ("marketing_email", "mungkin", "granted"),
        ("marketing_email", None, "granted"),
    ],
)
def test_wrong_answers_are_refused(
    client_of: ClientOf, aisyah: User, purpose: str, granted: object, field: str
) -> None:
    answered = answer(client_of(aisyah), granted, purpose)
    assert answered.status_code == 400
    assert [row["field"] for row in answered.json()["errors"]] == [field]
    assert not Consent.objects.exists()


def test_guest_is_asked_to_sign_in(client_of: ClientOf) -> None:
    assert client_of(None).get(PATH).status_code == 401
    assert answer(client_of(None), True).status_code == 401


def test_answering_asks_kratos_now(identity: Kratos, aisyah_login: Login) -> None:
    client = APIClient(headers={"X-Session-Token": aisyah_login.token})
    client.get(PATH)
    identity.revoke(aisyah_login)
    assert answer(client, True).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"granted": False},
        {"purpose": "marketing_whatsapp"},
        {"text_version": "x"},
        {"ip": "203.0.113.9"},
        {"granted": False, "ip": None},
    ],
)
def test_database_keeps_consents_as_they_are(
    aisyah: User, change: dict[str, object]
) -> None:
    consents.answer(aisyah, purpose="marketing_email", granted=True, ip="192.0.2.1")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Consent.objects.update(**change)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Consent.objects.all().delete()


def test_database_lets_the_address_be_emptied(aisyah: User) -> None:
    consents.answer(aisyah, purpose="marketing_email", granted=True, ip="192.0.2.1")
    assert Consent.objects.update(ip=None) == 1
    assert Consent.objects.get().granted
