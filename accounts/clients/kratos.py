"""Ask Ory Kratos whose session a credential is, and end sessions with it.

Facts from Kratos v1.1.0 and v26.2.0.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from accounts.clients.kratos_http import (
    Answer,
    KratosUnavailable,
    ask,
    public_breaker,
    unavailable,
)
from karima.errors import Forbidden

MAX_TOKEN_LENGTH, MAX_COOKIE_LENGTH = 256, 4096
FORBIDDEN_CHARACTERS = frozenset(',;"\\')


class SecondFactorRequired(Forbidden):
    """The session is real, but Kratos wants the second factor before it is used."""

    code = "session_aal2_required"
    title = "Second factor required"
    detail = "Silakan selesaikan verifikasi dua langkah untuk melanjutkan."


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A person as Kratos knows them. Everything but `id` may change at any time."""

    id: UUID
    schema_id: str
    email: str
    email_verified: bool
    full_name: str
    phone: str
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that Kratos calls valid. Times are UTC."""

    id: UUID
    identity: Identity
    is_active: bool
    expires_at: datetime
    authenticated_at: datetime
    assurance_level: str


def check_ready() -> str:
    """Return `ok` when Kratos and its database answer, for a health probe.

    Raises `KratosUnavailable` otherwise.
    """
    answer = ask(public_breaker, _url("/health/ready"))
    if answer.status != 200:
        raise unavailable(f"status {answer.status}")
    return "ok"


def is_plausible(credential: str, *, max_length: int) -> bool:
    """Tell whether a credential can be one at all, before Kratos is bothered."""
    return 0 < len(credential) <= max_length and all(
        "!" <= character <= "~" and character not in FORBIDDEN_CHARACTERS
        for character in credential
    )


def whoami(*, cookie: str = "", token: str = "") -> Session | None:
    """Return the session behind the one credential given, or None if there is none.

    Raises `SecondFactorRequired`, and `KratosUnavailable` for every answer that is not
    a clear yes or no. Kratos also answers 401 when its own database is down, so a None
    must not be remembered.
    """
    answer = ask(
        public_breaker,
        _url("/sessions/whoami"),
        headers=_credential(cookie=cookie, token=token),
    )
    if answer.status == 200:
        return _session(answer)
    if answer.status == 401:
        return None
    if answer.status == 403:
        raise _refusal(answer)
    raise unavailable(f"status {answer.status}")


def log_out_token(token: str) -> None:
    """End the session of a token. One that has ended already is fine.

    Raises `KratosUnavailable`.
    """
    answer = ask(
        public_breaker,
        _url("/self-service/logout/api"),
        method="DELETE",
        document={"session_token": token},
    )
    # 403 is a token that Kratos does not know (any more).
    if answer.status not in {204, 403}:
        raise unavailable(f"status {answer.status}")


def revoke_other_sessions(*, cookie: str = "", token: str = "") -> int:
    """End every session of the person but this one; return how many ended.

    Raises `KratosUnavailable`.
    """
    answer = ask(
        public_breaker,
        _url("/sessions"),
        method="DELETE",
        headers=_credential(cookie=cookie, token=token),
    )
    try:
        if answer.status == 200:
            return int(answer.json()["count"])
    except (ValueError, TypeError, KeyError) as error:
        raise unavailable("unreadable count") from error
    raise unavailable(f"status {answer.status}")


def browser_logout_url(cookie: str) -> str:
    """Return where this browser signs out, or an empty text when it is signed out.

    The address is the session's own, so a page cannot sign its visitors out with a
    link that it made itself. Raises `KratosUnavailable`.
    """
    answer = ask(
        public_breaker,
        _url("/self-service/logout/browser"),
        headers=_credential(cookie=cookie, token=""),
    )
    if answer.status == 401:
        return ""
    try:
        address = answer.json()["logout_url"] if answer.status == 200 else None
    except (ValueError, TypeError, KeyError) as error:
        raise unavailable("unreadable logout") from error
    if not is_our_kratos(address):
        raise unavailable(f"status {answer.status}, no address of ours")
    return str(address)


def _url(path: str) -> str:
    return f"{settings.KRATOS_INTERNAL_URL.rstrip('/')}{path}"


def _credential(*, cookie: str, token: str) -> dict[str, str]:
    """Return the header with exactly one credential.

    A token goes as a Bearer: Kratos before 1.3 writes X-Session-Token into its log.
    """
    if token:
        return {"Authorization": f"Bearer {token}"}
    return {"Cookie": f"{settings.KRATOS_COOKIE_NAME}={cookie}"}


def _session(answer: Answer) -> Session:
    try:
        session = parse_session(answer.json())
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise unavailable("unreadable session") from error
    named = answer.headers.get("X-Kratos-Authenticated-Identity-Id", "")
    if named.lower() != str(session.identity.id):
        raise unavailable("header and body name different identities")
    return session


def parse_session(document: dict[str, Any]) -> Session:
    """Return the session from whoami's document; unknown members are ignored.

    Raises ValueError, TypeError, KeyError or AttributeError on anything else.
    """
    identity = document["identity"]
    return Session(
        id=UUID(document["id"]),
        identity=parse_identity(identity),
        is_active=document["active"] is True and identity.get("state") == "active",
        expires_at=datetime.fromisoformat(document["expires_at"]),
        authenticated_at=datetime.fromisoformat(document["authenticated_at"]),
        assurance_level=str(document.get("authenticator_assurance_level", "")),
    )


def parse_identity(document: dict[str, Any]) -> Identity:
    """Return the identity from a document; raises as `parse_session` does."""
    traits = document.get("traits") or {}
    name = traits.get("name") or {}
    email = _text(traits.get("email"), 254)
    names = (_text(name.get("first"), 100), _text(name.get("last"), 100))
    return Identity(
        id=UUID(document["id"]),
        schema_id=str(document.get("schema_id", "")),
        email=email,
        email_verified=_is_verified(email, document.get("verifiable_addresses") or []),
        full_name=" ".join(part for part in names if part),
        phone=_text(traits.get("phone"), 20),
        is_active=document.get("state") == "active",
    )


def _text(value: object, max_length: int) -> str:
    """Return a trait as a column can hold it; customers edit traits themselves."""
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "").strip()[:max_length]


def _is_verified(email: str, addresses: list[dict[str, Any]]) -> bool:
    """Tell whether this very address was verified; Kratos lower-cases addresses."""
    return any(
        address.get("via") == "email"
        and address.get("value") == email.lower()
        and address.get("verified") is True
        and address.get("status") == "completed"
        for address in addresses
    )


def _refusal(answer: Answer) -> Forbidden | KratosUnavailable:
    try:
        document = answer.json()
        identifier = document["error"].get("id")
    except (ValueError, TypeError, KeyError, AttributeError):
        return unavailable("unreadable refusal")
    if identifier != SecondFactorRequired.code:
        return unavailable("status 403")
    target = document.get("redirect_browser_to")
    if not is_our_kratos(target):
        return SecondFactorRequired()
    return SecondFactorRequired(redirect_browser_to=target)


def is_our_kratos(url: object) -> bool:
    """Tell whether a browser may be sent there, so that no answer can redirect away."""
    if not isinstance(url, str):
        return False
    try:
        theirs = urlsplit(url)
    except ValueError:
        return False
    ours = urlsplit(settings.KRATOS_BROWSER_URL)
    return (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc)
