"""Remember for some seconds what Kratos said about a credential.

The cache may be lost or unreachable at any time: then every request asks Kratos.
Credentials are never stored, only an HMAC of them.
"""

import hashlib
import hmac
import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from accounts.clients.kratos import Identity, Session

logger = logging.getLogger(__name__)

FORMAT = "2"
# The longest that a session revoked elsewhere may live on here.
LONGEST_SECONDS = 60
# Longer than any entry can live, so that a bump outlives what it drops.
EPOCH_SECONDS = 3600

T = TypeVar("T")


def key_of(*, cookie: str, token: str) -> str:
    """Return the cache key of a credential, which does not give it away."""
    kind, credential = ("token", token) if token else ("cookie", cookie)
    parts = (
        FORMAT, settings.KRATOS_INTERNAL_URL, kind, settings.KRATOS_COOKIE_NAME,
        credential,
    )  # fmt: skip
    message = "\0".join(parts).encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256)
    return f"kratos:session:{digest.hexdigest()}"


def recall(key: str) -> Session | None:
    """Return the remembered session unless its identity was forgotten since."""
    entry = _quietly(lambda: cache.get(key))
    if not isinstance(entry, dict):
        return None
    session = _restored(entry)
    forgotten_at = _quietly(lambda: cache.get(_epoch_key(session.identity.id)))
    if forgotten_at is not None and entry["asked_at"] <= forgotten_at:
        return None
    return session


def remember(key: str, session: Session, *, asked_at: float) -> None:
    """Keep the session for the configured seconds, never beyond its own end.

    `asked_at` is when Kratos was asked, in seconds since 1970. An answer that was on
    its way while the identity was forgotten is out of date, and is never recalled.
    """
    left = (session.expires_at - timezone.now()).total_seconds()
    seconds = int(min(settings.KRATOS_SESSION_CACHE_SECONDS, LONGEST_SECONDS, left))
    if seconds <= 0:
        return
    entry = {"asked_at": asked_at, **_plain(session)}
    _quietly(lambda: cache.set(key, entry, timeout=seconds))


def forget(key: str) -> None:
    """Drop what is remembered of one credential."""
    _quietly(lambda: cache.delete(key))


def forget_identity(identity_id: UUID) -> None:
    """Drop every remembered session of an identity, whichever credential it came by."""
    now = time.time()
    _quietly(lambda: cache.set(_epoch_key(identity_id), now, timeout=EPOCH_SECONDS))


def _epoch_key(identity_id: UUID) -> str:
    return f"kratos:epoch:{identity_id}"


def _plain(session: Session) -> dict[str, Any]:
    fields = asdict(session)
    fields["id"] = str(session.id)
    fields["identity"]["id"] = str(session.identity.id)
    fields["expires_at"] = session.expires_at.isoformat()
    fields["authenticated_at"] = session.authenticated_at.isoformat()
    return fields


def _restored(entry: dict[str, Any]) -> Session:
    identity = Identity(**{**entry["identity"], "id": UUID(entry["identity"]["id"])})
    return Session(
        id=UUID(entry["id"]),
        identity=identity,
        is_active=entry["is_active"],
        expires_at=datetime.fromisoformat(entry["expires_at"]),
        authenticated_at=datetime.fromisoformat(entry["authenticated_at"]),
        assurance_level=entry["assurance_level"],
    )


def _quietly(ask: Callable[[], T]) -> T | None:
    """Return the cache's answer, or None when the cache does not answer."""
    try:
        return ask()
    except (RedisError, ConnectionInterrupted):
        logger.warning("session_cache_unavailable", extra={"dependency": "redis"})
        return None
