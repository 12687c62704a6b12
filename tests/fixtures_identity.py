"""Kratos with the shop pointed at it, and the two customers signed in there."""

import pytest
from django.core.cache import cache
from pytest_django import Settings
from rest_framework.test import APIClient

from sandbox.kratos import Kratos, Login


@pytest.fixture
def identity(kratos: Kratos, settings: Settings) -> Kratos:
    """Give the stand-in with the shop pointed at it and nothing remembered."""
    settings.KRATOS_INTERNAL_URL = kratos.public_url
    settings.KRATOS_PUBLIC_URL = kratos.public_url
    settings.KRATOS_BROWSER_URL = kratos.public_url
    settings.KRATOS_ADMIN_URL = kratos.admin_url
    cache.clear()
    return kratos


@pytest.fixture
def aisyah_login(identity: Kratos) -> Login:
    return identity.login("aisyah@karima.example")


@pytest.fixture
def budi_login(identity: Kratos) -> Login:
    return identity.login("budi@karima.example")


@pytest.fixture
def aisyahs_app(aisyah_login: Login) -> APIClient:
    """Give an API client with Aisyah's session token."""
    return app_of(aisyah_login)


@pytest.fixture
def budis_app(budi_login: Login) -> APIClient:
    """Give an API client with Budi's session token."""
    return app_of(budi_login)


def app_of(login: Login) -> APIClient:
    """Return an API client that sends this session's token."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {login.token}")
    return client
