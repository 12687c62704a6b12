"""Kratos for the accounts' tests, and the two customers signed in there."""

import pytest
from django.core.cache import cache
from pytest_django import Settings

from sandbox.kratos import Kratos, Login


@pytest.fixture
def identity(kratos: Kratos, settings: Settings) -> Kratos:
    """Give the stand-in with the shop pointed at it and nothing remembered."""
    settings.KRATOS_INTERNAL_URL = kratos.public_url
    settings.KRATOS_PUBLIC_URL = kratos.public_url
    cache.clear()
    return kratos


@pytest.fixture
def aisyah_login(identity: Kratos) -> Login:
    return identity.login("aisyah@karima.example")


@pytest.fixture
def budi_login(identity: Kratos) -> Login:
    return identity.login("budi@karima.example")
