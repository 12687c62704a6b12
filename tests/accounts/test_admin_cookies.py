"""The cookies of the staff in production: for the admin host, and for no script."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.accounts.access_tokens import claims, sign
from tests.accounts.fixtures_access import KEY
from tests.karima.environments import good_production
from tests.karima.processes import settings_of

pytestmark = pytest.mark.django_db

COOKIES = ("__Host-karima_admin", "__Host-karima_csrf")


@pytest.fixture(scope="module")
def production() -> dict[str, object]:
    """Give what production sets, read in a process of its own."""
    every = settings_of(good_production())
    names = ("SESSION_COOKIE_", "CSRF_COOKIE_")
    return {name: every[name] for name in every if name.startswith(names)}


@pytest.fixture
def signed_in(
    client: Client, citra: User, settings: Settings, production: dict[str, object]
) -> Client:
    for name, value in production.items():
        setattr(settings, name, value)
    token = sign(KEY, claims())
    page = "/admin/orders/order/"
    client.get(page, headers={"Cf-Access-Jwt-Assertion": token}, secure=True)
    return client


def test_there_are_two_cookies(signed_in: Client) -> None:
    assert set(signed_in.cookies) == set(COOKIES)


@pytest.mark.parametrize("name", COOKIES)
def test_cookie_keeps_the_promise_of_its_prefix(signed_in: Client, name: str) -> None:
    cookie = signed_in.cookies[name]
    assert cookie["secure"] is True
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""


@pytest.mark.parametrize("name", COOKIES)
def test_cookie_is_hidden_from_scripts_and_other_sites(
    signed_in: Client, name: str
) -> None:
    cookie = signed_in.cookies[name]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"


def test_api_sets_no_cookie(client: Client, production: dict[str, object]) -> None:
    assert not client.get("/api/v1/products").cookies
    assert not client.get("/api/v1/auth/me").cookies
