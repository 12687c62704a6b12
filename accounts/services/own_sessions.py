"""Where a customer is signed in, and how they sign out: here, there, everywhere."""

from dataclasses import dataclass
from uuid import UUID

from accounts.clients import kratos, kratos_admin
from accounts.clients.kratos import SecondFactorRequired, Session
from accounts.clients.kratos_admin import KnownSession
from accounts.services import access_tokens, handoff, session_cache, sessions
from karima.errors import NotFound


class SessionNotFound(NotFound):
    code = "session_not_found"
    title = "No such session"
    detail = "Sesi tidak ditemukan."


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSession:
    """One of the customer's sessions. `is_current`: the one that asks."""

    session: KnownSession
    is_current: bool


def list_own(current: Session) -> list[OwnSession]:
    """Return the customer's sessions, the newest first. Raises `KratosUnavailable`."""
    return [
        OwnSession(session=session, is_current=session.id == current.id)
        for session in kratos_admin.list_sessions(current.identity.id)
    ]


def revoke_own(session_id: UUID, *, current: Session) -> None:
    """End one of the customer's sessions, perhaps the current one.

    Raises `SessionNotFound` for another person's, and `KratosUnavailable`.
    """
    identity_id = current.identity.id
    own = {session.id for session in kratos_admin.list_sessions(identity_id)}
    if session_id not in own:
        raise SessionNotFound()
    kratos_admin.revoke_session(session_id)
    session_cache.forget_identity(identity_id)


def revoke_others(current: Session, *, cookie: str = "", token: str = "") -> int:
    """End all of the customer's sessions but the current one; return how many.

    Needs the current session's credential. Raises `KratosUnavailable`.
    """
    if access_tokens.looks_like_one(token):
        return _revoke_others_by_id(current)
    ended = kratos.revoke_other_sessions(cookie="" if token else cookie, token=token)
    session_cache.forget_identity(current.identity.id)
    return ended


def sign_out(*, cookie: str = "", token: str = "") -> None:
    """End the session of the credential; nothing happens when it has ended already.

    What is remembered of the person is dropped first and last, so that no answer of
    Kratos from in between is believed. Raises `KratosUnavailable`, and
    `SecondFactorRequired` for a cookie of which Kratos does not tell whose it is.
    """
    if access_tokens.looks_like_one(token):
        handoff.sign_out(token)
    elif token:
        _sign_out_token(token)
    elif sessions.is_plausible(cookie=cookie):
        _sign_out_cookie(cookie)


def logout_page(cookie: str) -> str:
    """Return where a browser ends its session, or an empty text without a session.

    Raises `KratosUnavailable`.
    """
    if not sessions.is_plausible(cookie=cookie):
        return ""
    session_cache.forget(session_cache.key_of(cookie=cookie, token=""))
    return kratos.browser_logout_url(cookie)


def _revoke_others_by_id(current: Session) -> int:
    """Do so one by one: Kratos does not know the access tokens of our own."""
    sessions_there = kratos_admin.list_sessions(current.identity.id)
    others = [session.id for session in sessions_there if session.id != current.id]
    for session_id in others:
        kratos_admin.revoke_session(session_id)
    session_cache.forget_identity(current.identity.id)
    return len(others)


def _sign_out_token(token: str) -> None:
    if not sessions.is_plausible(token=token):
        return
    session_cache.forget(session_cache.key_of(cookie="", token=token))
    try:
        session = kratos.whoami(token=token)
    except SecondFactorRequired:
        session = None
    kratos.log_out_token(token)
    _forget(session)


def _sign_out_cookie(cookie: str) -> None:
    """Revoke by the session's id: Kratos has no sign-out by cookie for programs."""
    session_cache.forget(session_cache.key_of(cookie=cookie, token=""))
    session = kratos.whoami(cookie=cookie)
    if session:
        kratos_admin.revoke_session(session.id)
    _forget(session)


def _forget(session: Session | None) -> None:
    if session:
        session_cache.forget_identity(session.identity.id)
