"""Ask Kratos's admin API, which knows no credentials: inside the network only.

People are named by their identity's id and never by e-mail. Facts from Kratos v1.1.0
and v26.2.0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.clients.kratos import (
    Identity,
    Session,
    parse_identity,
    parse_session,
)
from accounts.clients.kratos_http import Answer, admin_breaker, ask, unavailable
from karima.errors import NotFound, Unprocessable

MALFORMED = (ValueError, TypeError, KeyError, AttributeError)
# More than any person's devices; a page of Kratos holds 250 unless told.
MOST_SESSIONS = 500
# Each brings its identity and devices along: some 1.5 KB, 3 KB at most.
MOST_SESSIONS_BYTES = MOST_SESSIONS * 4096
LONGEST_DEVICE = 300


class IdentityGone(NotFound):
    """Kratos has no such identity (any more)."""

    code = "identity_gone"
    detail = "Akun Anda sudah tidak ada."


class TraitsRefused(Unprocessable):
    """Kratos's identity schema does not allow the new details."""

    code = "profile_refused"
    title = "Profile refused"
    detail = "Data profil ditolak. Periksa kembali isinya."


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSession:
    """A session of a person, on one device. Times are UTC."""

    id: UUID
    authenticated_at: datetime
    expires_at: datetime
    device: str
    ip_address: str


def get_identity(identity_id: UUID) -> Identity | None:
    """Return the identity, or None when there is none. Raises `KratosUnavailable`."""
    answer = ask(admin_breaker, _url(f"identities/{identity_id}"))
    return None if answer.status == 404 else _identity(answer, identity_id)


def change_identity(
    identity_id: UUID, *, operations: Sequence[dict[str, Any]]
) -> Identity:
    """Apply a JSON patch (RFC 6902) to the identity and return it as it is now.

    Raises `IdentityGone`, `TraitsRefused` and `KratosUnavailable`.
    """
    url = _url(f"identities/{identity_id}")
    answer = ask(admin_breaker, url, method="PATCH", document=list(operations))
    if answer.status == 404:
        raise IdentityGone()
    if answer.status in {400, 409}:
        raise TraitsRefused()
    return _identity(answer, identity_id)


def list_sessions(identity_id: UUID) -> list[KnownSession]:
    """Return the sessions of the identity that are valid, the newest first.

    Raises `KratosUnavailable`.
    """
    query = f"active=true&page_size={MOST_SESSIONS}"
    url = _url(f"identities/{identity_id}/sessions?{query}")
    answer = ask(admin_breaker, url, max_bytes=MOST_SESSIONS_BYTES)
    if answer.status == 404:
        return []
    if answer.status != 200:
        raise unavailable(f"status {answer.status}")
    try:
        found = [_session(row) for row in answer.json() if row["active"] is True]
    except MALFORMED as error:
        raise unavailable("unreadable sessions") from error
    return sorted(found, key=lambda session: session.authenticated_at, reverse=True)


def get_session(session_id: UUID) -> Session | None:
    """Return the session with its identity, or None when there is none.

    Unlike whoami this asks for no second factor. Raises `KratosUnavailable`.
    """
    answer = ask(admin_breaker, _url(f"sessions/{session_id}?expand=identity"))
    if answer.status == 404:
        return None
    if answer.status != 200:
        raise unavailable(f"status {answer.status}")
    try:
        session = parse_session(answer.json())
    except MALFORMED as error:
        raise unavailable("unreadable session") from error
    if session.id != session_id:
        raise unavailable("another session than asked for")
    return session


def revoke_session(session_id: UUID) -> None:
    """End a session. One that has ended already is fine. Raises `KratosUnavailable`."""
    answer = ask(admin_breaker, _url(f"sessions/{session_id}"), method="DELETE")
    if answer.status not in {204, 404}:
        raise unavailable(f"status {answer.status}")


def delete_sessions(identity_id: UUID) -> None:
    """End every session of the identity; to have none is fine.

    Raises `KratosUnavailable`.
    """
    _delete(f"identities/{identity_id}/sessions")


def delete_identity(identity_id: UUID) -> None:
    """Delete the identity with all that hangs on it; one that is gone is fine.

    Its e-mail address is free for another registration after that. Raises
    `KratosUnavailable`.
    """
    _delete(f"identities/{identity_id}")


def _delete(path: str) -> None:
    answer = ask(admin_breaker, _url(path), method="DELETE")
    if answer.status not in {204, 404}:
        raise unavailable(f"status {answer.status}")


def _url(path: str) -> str:
    return f"{settings.KRATOS_ADMIN_URL.rstrip('/')}/admin/{path}"


def _identity(answer: Answer, identity_id: UUID) -> Identity:
    if answer.status != 200:
        raise unavailable(f"status {answer.status}")
    try:
        identity = parse_identity(answer.json())
    except MALFORMED as error:
        raise unavailable("unreadable identity") from error
    if identity.id != identity_id:
        raise unavailable("another identity than asked for")
    return identity


def _session(row: dict[str, Any]) -> KnownSession:
    devices = row.get("devices") or [{}]
    return KnownSession(
        id=UUID(row["id"]),
        authenticated_at=datetime.fromisoformat(row["authenticated_at"]),
        expires_at=datetime.fromisoformat(row["expires_at"]),
        device=str(devices[-1].get("user_agent") or "")[:LONGEST_DEVICE],
        ip_address=_without_port(str(devices[-1].get("ip_address") or "")),
    )


def _without_port(address: str) -> str:
    """Return the address alone; Kratos writes the port behind it without a proxy."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
