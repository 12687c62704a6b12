"""Who is asking: from a Kratos credential to one of our users."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.clients import kratos
from accounts.clients.kratos import Identity, Session
from accounts.models import User
from accounts.services import session_cache
from karima.errors import Forbidden

# How far our clock and Kratos's may differ.
CLOCK_SKEW = timedelta(seconds=30)

# Staff have a schema of their own, which must not open the shop as a customer.
CUSTOMER_SCHEMAS = frozenset({"customer"})


class AccountInactive(Forbidden):
    """The person is known and switched off here, whatever Kratos says."""

    code = "account_inactive"
    title = "Account inactive"
    detail = "Akun Anda tidak aktif. Silakan hubungi layanan pelanggan kami."


def resolve_session(
    *,
    cookie: str = "",
    token: str = "",
    fresh: bool = False,
) -> User | None:
    """Return the customer that the credential belongs to, or None.

    A token wins over a cookie. With `fresh` no remembered answer is used: for actions
    that move money or change the account. Opens its own transaction. Raises
    `KratosUnavailable`, `SecondFactorRequired` and `AccountInactive`.
    """
    session = _session(cookie="" if token else cookie, token=token, fresh=fresh)
    if session is None or not _is_live(session):
        return None
    user = sync_user(session.identity)
    if not user.is_active:
        raise AccountInactive()
    return user


def sync_user(identity: Identity) -> User:
    """Return the user of the identity, made now if new, with its current details.

    Joined on the identity's id alone: the same e-mail under another id is another
    person. Two first requests at once make one user.
    """
    details: dict[str, Any] = {
        "email": identity.email,
        "email_verified": identity.email_verified,
        "full_name": identity.full_name,
        "phone": identity.phone,
    }
    user, is_new = User.objects.get_or_create(
        kratos_identity_id=identity.id,
        defaults={
            **details,
            "username": f"kratos:{identity.id}",
            "password": make_password(None),
        },
    )
    if not is_new:
        _update(user, details)
    return user


def _update(user: User, details: dict[str, Any]) -> None:
    changed = [name for name, value in details.items() if getattr(user, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(user, name, details[name])
    user.save(update_fields=[*changed, "updated_at"])


def _session(*, cookie: str, token: str, fresh: bool) -> Session | None:
    if not _is_plausible(cookie=cookie, token=token):
        return None
    key = session_cache.key_of(cookie=cookie, token=token)
    session = None if fresh else session_cache.recall(key)
    if session is not None:
        return session
    session = kratos.whoami(cookie=cookie, token=token)
    if session is None:
        session_cache.forget(key)
    else:
        session_cache.remember(key, session)
    return session


def _is_plausible(*, cookie: str, token: str) -> bool:
    if token:
        return kratos.is_plausible(token, max_length=kratos.MAX_TOKEN_LENGTH)
    return kratos.is_plausible(cookie, max_length=kratos.MAX_COOKIE_LENGTH)


def _is_live(session: Session) -> bool:
    return (
        session.is_active
        and session.expires_at > timezone.now() - CLOCK_SKEW
        and session.identity.schema_id in CUSTOMER_SCHEMAS
    )
