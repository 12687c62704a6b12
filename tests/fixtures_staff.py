"""Fixtures that let staff into the admin as production does: by an Access token."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.services import roles
from accounts.services.staff import add_staff
from sandbox.access import Access

StaffClient = Callable[..., Client]


@pytest.fixture
def staff_client(db: None, access: Access, settings: Settings) -> StaffClient:
    """Return a function that gives the browser of somebody in a role.

    An empty role is staff without any; further arguments go to Django's client.
    """
    settings.CF_ACCESS_JWKS_URL = access.certs_url
    settings.CF_ACCESS_ISSUER = access.issuer
    settings.CF_ACCESS_AUD = [access.aud]
    roles.sync()

    def enter(role: str = "owner", **options: bool) -> Client:
        email = f"{role or 'nobody'}@karima.example"
        add_staff(email, full_name=f"Staf {role}", groups=[role] if role else [])
        # Browsers name the origin of what they post.
        headers = {
            "Cf-Access-Jwt-Assertion": access.mint(email),
            "Origin": "http://testserver",
        }
        return Client(headers=headers, **options)

    return enter


@pytest.fixture
def owner(staff_client: StaffClient) -> Client:
    """Give the owner's browser."""
    return staff_client("owner")
