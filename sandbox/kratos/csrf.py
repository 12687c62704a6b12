"""Kratos's own protection of its forms: one cookie, and a mask of it in each form.

The cookie holds 32 random bytes. A form carries 64: a pad, and the cookie's bytes
under that pad, so that no two forms are alike.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

from flask import g, request

SIZE = 32
LIFE_SECONDS = 365 * 24 * 60 * 60


def cookie_name(base_url: str) -> str:
    """Return the cookie's name, which follows from the public address."""
    return "csrf_token_" + hashlib.sha256(f"{base_url}/".encode()).hexdigest()


def form_token(base_url: str) -> str:
    """Return a token for a form of this browser, which gets the cookie if need be."""
    name = cookie_name(base_url)
    # A secret that this answer is about to give counts before the one that came.
    cookie = g.get("new_csrf_cookie") or request.cookies.get(name, "")
    return _masked(_decoded(cookie, size=SIZE) or renew())


def renew() -> bytes:
    """Give the browser another secret; forms of before are refused from now on."""
    secret: bytes = secrets.token_bytes(SIZE)
    g.new_csrf_cookie = base64.b64encode(secret).decode()
    return secret


def is_ours(base_url: str, token: str) -> bool:
    """Return whether the token belongs to the cookie that came with the request."""
    secret = _decoded(request.cookies.get(cookie_name(base_url), ""), size=SIZE)
    masked = _decoded(token, size=2 * SIZE)
    if secret is None or masked is None:
        return False
    return hmac.compare_digest(secret, _xor(masked[:SIZE], masked[SIZE:]))


def _masked(secret: bytes) -> str:
    pad = secrets.token_bytes(SIZE)
    return base64.b64encode(pad + _xor(pad, secret)).decode()


def _decoded(value: str, *, size: int) -> bytes | None:
    try:
        found = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if len(found) == size else None


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
