"""What customers change of themselves: at Kratos first, and the copy follows."""

from typing import Any
from uuid import UUID

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.clients import kratos_admin
from accounts.clients.kratos_admin import IdentityGone
from accounts.models import User
from accounts.services import profiles
from sandbox.faults import Fault
from sandbox.kratos import AISYAH, Kratos
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

ME = "/api/v1/auth/me"


def change(app: APIClient, **body: Any) -> Any:
    return app.patch(ME, body, format="json")


def traits() -> Any:
    identity = kratos_admin.get_identity(UUID(AISYAH))
    assert identity is not None
    return identity


def test_name_and_telephone_reach_kratos_and_the_copy(aisyahs_app: APIClient) -> None:
    answer = change(aisyahs_app, full_name="Aisyah  Putri Lestari", phone="0812 9999 1")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    answer = change(
        aisyahs_app, full_name=" Aisyah  Putri Lestari ", phone="0812-9999-1111"
    )
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert answer.json()["full_name"] == "Aisyah Putri Lestari"
    assert answer.json()["phone"] == "+6281299991111"
    assert traits().full_name == "Aisyah Putri Lestari"
    assert traits().phone == "+6281299991111"
    stored = User.objects.get()
    assert (stored.full_name, stored.phone) == (
        "Aisyah Putri Lestari",
        "+6281299991111",
    )


def test_change_is_seen_at_once_by_every_credential(
    identity: Kratos, aisyahs_app: APIClient
) -> None:
    other = APIClient()
    token = identity.login("aisyah@karima.example").token
    other.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert other.get(ME).json()["full_name"] == "Aisyah Putri"
    change(aisyahs_app, full_name="Aisyah Lestari")
    assert other.get(ME).json()["full_name"] == "Aisyah Lestari"


def test_one_name_is_enough(aisyahs_app: APIClient) -> None:
    assert change(aisyahs_app, full_name="Suharto").json()["full_name"] == "Suharto"
    assert traits().full_name == "Suharto"


def test_telephone_can_be_taken_away_twice(aisyahs_app: APIClient) -> None:
    for _ in range(2):
        assert change(aisyahs_app, phone="").json()["phone"] == ""
    assert traits().phone == ""
    assert traits().full_name == "Aisyah Putri"


def test_nothing_sent_asks_kratos_nothing(
    identity: Kratos, aisyahs_app: APIClient
) -> None:
    assert change(aisyahs_app).status_code == 200
    assert identity.admin_requests == []


def test_email_is_not_changed_here(aisyahs_app: APIClient) -> None:
    body = {"email": "lain@karima.example", "email_verified": False, "id": AISYAH}
    answer = change(aisyahs_app, **body, group="distributor")
    assert answer.json()["email"] == "aisyah@karima.example"
    assert answer.json()["group"] == "retail"
    assert traits().email == "aisyah@karima.example"


def test_change_asks_kratos_whose_session_it_is(
    identity: Kratos, aisyahs_app: APIClient
) -> None:
    aisyahs_app.get(ME)
    change(aisyahs_app, full_name="Aisyah")
    assert identity.whoami_count == 2


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.SERVER_ERROR, Fault.GARBAGE])
def test_outage_of_the_admin_api_changes_nothing(
    identity: Kratos, aisyahs_app: APIClient, fault: Fault
) -> None:
    identity.faults.set(fault, path="/admin/")
    answer = change(aisyahs_app, full_name="Aisyah Lestari")
    assert (answer.status_code, answer.json()["code"]) == (503, "auth_unavailable")
    assert User.objects.get().full_name == "Aisyah Putri"


def test_what_the_schema_refuses_is_422(
    aisyahs_app: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = {"op": "add", "path": "/id", "value": "x"}
    monkeypatch.setattr(profiles, "_name_operations", lambda name: [step])
    answer = change(aisyahs_app, full_name="Aisyah Lestari")
    assert (answer.status_code, answer.json()["code"]) == (422, "profile_refused")
    assert User.objects.get().full_name == "Aisyah Putri"


def test_identity_that_is_gone_is_not_found(identity: Kratos) -> None:
    user = CustomerFactory()
    with pytest.raises(IdentityGone):
        profiles.change_profile(user, full_name="Siapa Saja")


def test_admin_api_that_nobody_runs_is_an_outage(
    aisyahs_app: APIClient, identity: Kratos, settings: Settings
) -> None:
    settings.KRATOS_ADMIN_URL = "http://127.0.0.1:9"
    assert change(aisyahs_app, full_name="Aisyah").status_code == 503


@pytest.mark.parametrize(
    "body", [{"full_name": "A"}, {"full_name": ""}, {"phone": "12"}, {"phone": None}]
)
def test_bad_values_are_refused(aisyahs_app: APIClient, body: dict[str, Any]) -> None:
    assert change(aisyahs_app, **body).status_code == 400
