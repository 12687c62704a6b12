"""How long what was ended elsewhere stays usable here; docs/api.md says the same.

Reading: as long as the memory, at most KRATOS_SESSION_CACHE_SECONDS (30, never over
60). Writing, money, and sign-out through this API: not at all.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from sandbox.kratos import Kratos, Login
from tests.fixtures_identity import app_of

pytestmark = pytest.mark.django_db

ME = "/api/v1/auth/me"
AISYAH = "aisyah@karima.example"
End = Callable[[Kratos, Login], object]


def change_password(kratos: Kratos, login: Login) -> None:
    """Do what Kratos's hook `revoke_active_sessions` does after a new password."""
    kratos.revoke(login)


ENDINGS: list[Any] = [
    pytest.param(lambda kratos, login: kratos.revoke(login), id="session revoked"),
    pytest.param(lambda kratos, login: kratos.deactivate(AISYAH), id="deactivated"),
    pytest.param(lambda kratos, login: kratos.delete_identity(AISYAH), id="deleted"),
    pytest.param(change_password, id="password changed"),
]


def remembered_seconds() -> list[int]:
    return [cache.ttl(key) for key in cache.keys("kratos:session:*")]


def let_the_memory_run_out() -> None:
    for key in cache.keys("kratos:session:*"):
        assert cache.expire(key, timeout=0)


@pytest.mark.parametrize("end", ENDINGS)
def test_reading_goes_on_for_the_length_of_the_memory(
    identity: Kratos, aisyah_login: Login, settings: Settings, end: End
) -> None:
    settings.KRATOS_SESSION_CACHE_SECONDS = 30
    app = app_of(aisyah_login)
    assert app.get(ME).status_code == 200
    end(identity, aisyah_login)
    (left,) = remembered_seconds()
    assert 25 <= left <= 30
    assert app.get(ME).status_code == 200
    # Reading does not prolong the memory.
    assert remembered_seconds()[0] <= left
    let_the_memory_run_out()
    assert app.get(ME).status_code == 401


def test_memory_is_never_longer_than_a_minute(
    aisyah_login: Login, settings: Settings
) -> None:
    settings.KRATOS_SESSION_CACHE_SECONDS = 86_400
    app_of(aisyah_login).get(ME)
    assert remembered_seconds()[0] <= 60


WRITES = [
    ("patch", ME),
    ("delete", "/api/v1/auth/sessions"),
    ("post", "/api/v1/addresses"),
    ("post", "/api/v1/reseller-application"),
    ("post", "/api/v1/checkout"),
    ("post", "/api/v1/orders/KRM-261123-7F3K9Q/pay"),
]


@pytest.mark.parametrize("end", ENDINGS)
@pytest.mark.parametrize(("method", "path"), WRITES)
def test_writing_and_paying_end_at_once(
    identity: Kratos, aisyah_login: Login, end: End, method: str, path: str
) -> None:
    app: APIClient = app_of(aisyah_login)
    assert app.get(ME).status_code == 200
    end(identity, aisyah_login)
    assert getattr(app, method)(path, {}, format="json").status_code == 401


def test_refused_write_ends_reading_too(identity: Kratos, aisyah_login: Login) -> None:
    app = app_of(aisyah_login)
    app.get(ME)
    identity.revoke(aisyah_login)
    app.patch(ME, {}, format="json")
    assert app.get(ME).status_code == 401


def test_customer_switched_off_here_is_out_at_once(aisyah_login: Login) -> None:
    app = app_of(aisyah_login)
    app.get(ME)
    User.objects.update(is_active=False)
    assert app.get(ME).status_code == 403
