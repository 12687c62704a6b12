"""Programs of the shop, each with an API key made as the owner makes it."""

from datetime import timedelta

from django.utils import timezone
from rest_framework.test import APIClient

from accounts.services import api_keys
from accounts.services.api_keys import NewKey
from tests.factories import StaffFactory


def new_key(*scopes: str, days: int = 30) -> NewKey:
    """Return a key with these scopes, or with every one there is."""
    return api_keys.create(
        name="Jubelio",
        scopes=scopes or list(api_keys.SCOPES),
        expires_at=timezone.now() + timedelta(days=days),
        actor=StaffFactory(),
    )


def app_with(secret: str) -> APIClient:
    """Return an API client that sends the key."""
    app = APIClient()
    app.credentials(HTTP_AUTHORIZATION=f"Api-Key {secret}")
    return app


def program(*scopes: str) -> APIClient:
    """Return a program's API client, its key good for these scopes or for all."""
    return app_with(new_key(*scopes).secret)
