"""Kratos's web hook: the key decides, the identity is asked for, once is enough."""

import json
import logging
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from sandbox.faults import Fault
from sandbox.kratos import AISYAH, Kratos, Login
from tests.fixtures_identity import app_of

pytestmark = pytest.mark.django_db

DOOR = "/api/v1/webhooks/kratos"
KEY = "kunci-rahasia-dari-tes-0123456789"


@pytest.fixture
def door(identity: Kratos, settings: Settings) -> Kratos:
    """Give Kratos, with the shop knowing its key."""
    settings.KRATOS_WEBHOOK_KEY = KEY
    return identity


def knock(client: Client, *, key: str = f"Bearer {KEY}", **body: Any) -> Any:
    document = {"event": "identity.registered", "identity_id": AISYAH, **body}
    headers = {"Authorization": key} if key else {}
    return client.post(
        DOOR, json.dumps(document), content_type="application/json", headers=headers
    )


def test_registration_makes_the_customer_once(client: Client, door: Kratos) -> None:
    for _ in range(2):
        answer = knock(client)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    user = User.objects.get()
    assert (str(user.kratos_identity_id), user.full_name) == (AISYAH, "Aisyah Putri")


def test_body_is_only_a_hint(client: Client, door: Kratos) -> None:
    traits = {"email": "owner@karima.example", "name": {"first": "Palsu"}}
    knock(client, traits=traits, is_staff=True, group="distributor")
    user = User.objects.get()
    assert user.email == "aisyah@karima.example"
    assert (user.is_staff, user.group_id) == (False, "retail")


def test_unknown_identity_makes_nobody(client: Client, door: Kratos) -> None:
    assert knock(client, identity_id=str(uuid4())).status_code == 200
    assert not User.objects.exists()


def test_inactive_identity_makes_nobody(client: Client, door: Kratos) -> None:
    door.deactivate("aisyah@karima.example")
    assert knock(client).status_code == 200
    assert not User.objects.exists()


def test_what_was_remembered_of_the_person_is_dropped(
    client: Client, door: Kratos, aisyah_login: Login
) -> None:
    app_of(aisyah_login).get("/api/v1/auth/me")
    door.revoke(aisyah_login)
    knock(client)
    assert app_of(aisyah_login).get("/api/v1/auth/me").status_code == 401


@pytest.mark.parametrize(
    "key", ["", "Bearer ", "Bearer wrong", f"Basic {KEY}", KEY, f"Bearer {KEY}x"]
)
def test_without_the_key_nothing_is_asked(
    client: Client, door: Kratos, key: str
) -> None:
    answer = knock(client, key=key)
    assert (answer.status_code, answer.json()["code"]) == (401, "webhook_key_invalid")
    assert answer["WWW-Authenticate"] == "Bearer"
    assert door.admin_requests == []


@pytest.mark.parametrize("key", ["", "Bearer ", f"Bearer {KEY}"])
def test_without_a_setting_there_is_no_door(
    client: Client, door: Kratos, settings: Settings, key: str
) -> None:
    settings.KRATOS_WEBHOOK_KEY = ""
    assert knock(client, key=key).status_code == 404
    assert door.admin_requests == []


@pytest.mark.parametrize("value", ["", "x", None, "../sessions"])
def test_id_must_be_one(client: Client, door: Kratos, value: object) -> None:
    assert knock(client, identity_id=value).status_code == 400
    assert door.admin_requests == []


def test_outage_is_503_so_that_kratos_tries_again(client: Client, door: Kratos) -> None:
    door.faults.set(Fault.DOWN)
    answer = knock(client)
    assert answer.status_code == 503
    assert answer["Retry-After"]
    door.faults.clear()
    assert knock(client).status_code == 200


def test_key_is_not_logged(
    client: Client, door: Kratos, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        knock(client)
        knock(client, key=f"Bearer {KEY}x")
    assert KEY not in caplog.text
