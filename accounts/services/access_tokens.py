"""Access tokens of our own: signed, short-lived, and only for one session of Kratos.

JWTs (RFC 7519) with HMAC-SHA256 under a key that is derived from JWT_SECRET for this
purpose alone. They are a storefront's way to name a session whose cookie the browser
does not send; who the customer is, Kratos still says.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import jwt
from django.conf import settings
from django.utils import timezone
from jwt.exceptions import InvalidTokenError

ALGORITHM = "HS256"
ISSUER = "karima-store"
AUDIENCE = "karima-api"
KIND = "handoff"
CLAIMS = ["iss", "aud", "sub", "sid", "jti", "iat", "exp", "kind"]
# Ours have some 450 characters.
LONGEST_TOKEN = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """What a token says: whose session it stands for."""

    id: UUID
    user_id: UUID
    session_id: UUID


def looks_like_one(credential: str) -> bool:
    """Tell tokens of this module from Kratos's, which have neither dots nor JSON."""
    return credential.startswith("eyJ") and credential.count(".") == 2


def issue(token: AccessToken, *, expires_at: datetime) -> str:
    """Return the signed token."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(token.user_id),
        "sid": str(token.session_id),
        "jti": str(token.id),
        "iat": timezone.now(),
        "exp": expires_at,
        "kind": KIND,
    }
    key = settings.ACCESS_TOKEN_KEYS[0]
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"typ": "at+jwt"})


def read(text: str) -> AccessToken | None:
    """Return what a genuine token that has not expired says, else None."""
    if len(text) > LONGEST_TOKEN:
        return None
    for key in settings.ACCESS_TOKEN_KEYS:
        try:
            return _verified(text, key)
        except (InvalidTokenError, ValueError):
            continue
    return None


def _verified(text: str, key: str) -> AccessToken:
    claims = jwt.decode(
        text,
        key,
        algorithms=[ALGORITHM],
        issuer=ISSUER,
        audience=AUDIENCE,
        options={"require": CLAIMS, "strict_aud": True},
    )
    if claims["kind"] != KIND:
        raise ValueError("another kind of token")
    return AccessToken(
        id=UUID(claims["jti"]),
        user_id=UUID(claims["sub"]),
        session_id=UUID(claims["sid"]),
    )
