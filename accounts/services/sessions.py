"""Who is asking: from a Kratos credential to one of our users."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts.clients import kratos
from accounts.clients.kratos import Session
from accounts.models import User
from accounts.services import customers, session_cache
from accounts.services.customers import AccountInactive

__all__ = ["AccountInactive", "SignedIn", "is_plausible", "resolve_session", "sign_in"]

# How far our clock and Kratos's may differ.
CLOCK_SKEW = timedelta(seconds=30)

# Anything else is no proof at all, such as a session that only recovers an account.
ASSURANCE_LEVELS = frozenset({"aal1", "aal2"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A customer and their session. `is_fresh`: Kratos has said so just now."""

    user: User
    session: Session
    is_fresh: bool


def resolve_session(
    *, cookie: str = "", token: str = "", fresh: bool = False
) -> User | None:
    """Return the customer that the credential belongs to, or None, as `sign_in`."""
    found = sign_in(cookie=cookie, token=token, fresh=fresh)
    return found.user if found else None


def sign_in(
    *, cookie: str = "", token: str = "", fresh: bool = False
) -> SignedIn | None:
    """Return the customer that the credential belongs to with its session, or None.

    A token wins over a cookie. With `fresh` no remembered answer is used: for actions
    that move money or change the account. Opens its own transaction. Raises
    `KratosUnavailable`, `SecondFactorRequired` and `AccountInactive`.
    """
    cookie = "" if token else cookie
    if not is_plausible(cookie=cookie, token=token):
        return None
    key = session_cache.key_of(cookie=cookie, token=token)
    return sign_in_by(
        key, lambda: kratos.whoami(cookie=cookie, token=token), fresh=fresh
    )


def sign_in_by(
    key: str, ask: Callable[[], Session | None], *, fresh: bool
) -> SignedIn | None:
    """Return the customer of the session that is remembered, or that Kratos tells.

    `key` is where the cache keeps it, `ask` asks Kratos; otherwise as `sign_in`.
    """
    remembered = None if fresh else session_cache.recall(key)
    session = remembered or _ask(key, ask)
    if session is None or not _is_live(session):
        return None
    user = customers.sync_user(session.identity)
    if not user.is_active:
        raise AccountInactive()
    return SignedIn(user=user, session=session, is_fresh=remembered is None)


def _ask(key: str, ask: Callable[[], Session | None]) -> Session | None:
    asked_at = time.time()
    session = ask()
    if session is None:
        session_cache.forget(key)
    else:
        session_cache.remember(key, session, asked_at=asked_at)
    return session


def is_plausible(*, cookie: str = "", token: str = "") -> bool:
    """Tell whether the credential can be one at all, before Kratos is bothered."""
    if token:
        return kratos.is_plausible(token, max_length=kratos.MAX_TOKEN_LENGTH)
    return kratos.is_plausible(cookie, max_length=kratos.MAX_COOKIE_LENGTH)


def _is_live(session: Session) -> bool:
    return (
        session.is_active
        and session.expires_at > timezone.now() - CLOCK_SKEW
        and session.assurance_level in ASSURANCE_LEVELS
        and session.identity.schema_id in customers.CUSTOMER_SCHEMAS
    )
