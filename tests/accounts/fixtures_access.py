"""The admin behind an issuer of Access tokens whose clock stands still."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings
from werkzeug.wrappers import Request

from accounts.clients import cloudflare_access
from accounts.models import User
from accounts.services.staff import add_staff
from sandbox.server import Server
from tests.accounts.access_tokens import (
    AUDIENCE,
    ISSUER,
    NOW,
    Certs,
    claims,
    jwk,
    make_key,
    sign,
)

KEY = make_key()


@pytest.fixture
def certs(settings: Settings) -> Iterator[Certs]:
    """Give the keys endpoint, the shop pointed at it, and a clock that stands still."""
    certs = Certs(keys=[jwk(KEY, "one")])
    app = Request.application(certs.respond)
    cloudflare_access._verifier.cache_clear()
    with (
        Server(app, service="certs", host="127.0.0.1", port=0) as server,
        time_machine.travel(datetime.fromtimestamp(NOW, UTC), tick=False),
    ):
        settings.CF_ACCESS_JWKS_URL = server.url
        settings.CF_ACCESS_ISSUER = ISSUER
        settings.CF_ACCESS_AUD = [AUDIENCE]
        yield certs
    cloudflare_access._verifier.cache_clear()


@pytest.fixture
def citra(certs: Certs) -> User:
    user = add_staff("citra@karima.example", full_name="Citra Lestari")
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    return user


@pytest.fixture
def dewi(certs: Certs) -> User:
    user = add_staff("dewi@karima.example", full_name="Dewi Anggraini")
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    return user


def enter(client: Client, path: str = "/admin/", **changes: Any) -> Any:
    token = sign(KEY, claims(**changes))
    return client.get(path, headers={"Cf-Access-Jwt-Assertion": token})
