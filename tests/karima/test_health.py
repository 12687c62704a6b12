import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from karima import health
from karima.health import DATABASE, REDIS

pytestmark = pytest.mark.django_db(transaction=True)


def fail() -> str:
    raise ConnectionError("password authentication failed for db.internal")


@pytest.fixture
def hang() -> Iterator[Any]:
    released = threading.Event()

    def wait() -> str:
        released.wait(60)
        return "ok"

    yield wait
    released.set()


def test_health_reports_the_shop_and_its_dependencies(client: Client) -> None:
    response = client.get("/health")
    document = response.json()
    assert response.status_code == 200
    assert (document["status"], document["database"]) == ("ok", "ok")
    assert document["redis"] == "ok"
    assert document["environment"] == "development"
    assert set(document) == {
        "status", "database", "redis", "environment", "version", "timestamp",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/api/v1/health", "/health/", "/api/v1/health/"])
def test_health_has_other_addresses(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("probe", [DATABASE, REDIS])
def test_health_is_503_when_a_dependency_is_down(
    client: Client, monkeypatch: pytest.MonkeyPatch, probe: health.Probe
) -> None:
    monkeypatch.setattr(probe, "check", fail)
    response = client.get("/health")
    assert response.status_code == 503
    assert response.json()["status"] == "down"
    assert response.json()[probe.name] == "down"


def test_health_tells_nothing_of_the_error(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DATABASE, "check", fail)
    body = client.get("/health").content.decode()
    assert "password" not in body
    assert "internal" not in body


def test_health_answers_although_everything_hangs(
    client: Client, monkeypatch: pytest.MonkeyPatch, hang: Any
) -> None:
    monkeypatch.setattr(health, "DEADLINE_SECONDS", 0.05)
    for probe in (DATABASE, REDIS):
        monkeypatch.setattr(probe, "check", hang)
    document = client.get("/health").json()
    assert (document["database"], document["redis"]) == ("down", "down")


def test_a_hanging_probe_holds_one_thread(
    monkeypatch: pytest.MonkeyPatch, hang: Any
) -> None:
    probe = health.Probe("slow", hang)
    assert probe.begin() is probe.begin()


def test_deadline_is_below_two_seconds() -> None:
    assert health.DEADLINE_SECONDS < 2


def test_shop_without_redis_is_healthy(client: Client, settings: Settings) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    }
    response = client.get("/health")
    assert response.status_code == 200
    assert response.json()["redis"] == "not configured"


def test_live_asks_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DATABASE, "check", fail)
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_ready_needs_the_database_only(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(REDIS, "check", fail)
    assert client.get("/health/ready").status_code == 200
    monkeypatch.setattr(DATABASE, "check", fail)
    assert client.get("/health/ready").status_code == 503


def test_soft_probe_is_shown_and_fails_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "EXTRA", {})
    health.add_probe("kratos", fail)
    response = client.get("/health")
    assert response.status_code == 200
    assert response.json()["kratos"] == "down"
