"""How the process of the emergency door differs from production."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.karima.environments import good_production
from tests.karima.processes import run_python, settings_of

DOOR = {"DJANGO_SETTINGS_MODULE": "karima.settings.break_glass", "APP_PORT": "8090"}
ACCESS = "accounts.middleware.CloudflareAccessMiddleware"
INSTEAD = "accounts.middleware.BreakGlassMiddleware"


@pytest.fixture(scope="module")
def door() -> dict[str, Any]:
    until = (datetime.now(UTC) + timedelta(minutes=30)).isoformat()
    window = {"ACCESS_BREAKGLASS_UNTIL": until}
    return settings_of(good_production() | DOOR | window)


@pytest.fixture(scope="module")
def public() -> dict[str, Any]:
    until = (datetime.now(UTC) + timedelta(minutes=30)).isoformat()
    return settings_of(good_production() | {"ACCESS_BREAKGLASS_UNTIL": until})


def test_link_takes_the_place_of_the_token(door: dict[str, Any]) -> None:
    assert INSTEAD in door["MIDDLEWARE"]
    assert ACCESS not in door["MIDDLEWARE"]


def test_public_process_does_not_know_links(public: dict[str, Any]) -> None:
    assert ACCESS in public["MIDDLEWARE"]
    assert INSTEAD not in public["MIDDLEWARE"]


def test_rest_of_the_middleware_is_the_same(
    door: dict[str, Any], public: dict[str, Any]
) -> None:
    replaced = [ACCESS if name == INSTEAD else name for name in door["MIDDLEWARE"]]
    assert replaced == public["MIDDLEWARE"]


def test_only_the_admin_on_this_machine_is_served(door: dict[str, Any]) -> None:
    assert door["ADMIN_HOSTS"] == door["ALLOWED_HOSTS"] == ["127.0.0.1"]
    assert door["API_HOSTS"] == door["AUTH_HOSTS"] == []


def test_tunnel_speaks_plain_http(door: dict[str, Any]) -> None:
    assert door["SECURE_SSL_REDIRECT"] is False
    assert door["SECURE_PROXY_SSL_HEADER"] is None
    assert door["SESSION_COOKIE_SECURE"] is door["CSRF_COOKIE_SECURE"] is False
    assert door["SESSION_COOKIE_HTTPONLY"] is door["CSRF_COOKIE_HTTPONLY"] is True
    assert door["BREAK_GLASS_PORT"] == 8090


def test_door_does_not_open_without_a_window() -> None:
    done = run_python("manage.py", "check", environment=good_production() | DOOR)
    assert done.returncode != 0
    assert "ACCESS_BREAKGLASS_UNTIL" in done.stderr


def test_door_is_one_of_production() -> None:
    done = run_python("manage.py", "check", environment=DOOR)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
