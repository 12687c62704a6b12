"""Texts that the database keeps and only this program can read.

Fernet (AES-128-CBC with HMAC-SHA-256) under keys made from the secrets of the
environment. New texts are under the first key; those of its predecessors are read.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.views.decorators.debug import sensitive_variables


class Unreadable(Exception):
    """The text was changed, or the secret it was written under is gone."""


@sensitive_variables()
def encrypt(text: str) -> str:
    return _keys().encrypt(text.encode()).decode()


@sensitive_variables()
def decrypt(token: str) -> str:
    """Return the text. Raises `Unreadable`."""
    try:
        return _keys().decrypt(token.encode()).decode()
    except InvalidToken:
        raise Unreadable() from None


@sensitive_variables()
def _keys() -> MultiFernet:
    made = [bytes.fromhex(key)[:32] for key in settings.ENCRYPTION_KEYS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in made])
