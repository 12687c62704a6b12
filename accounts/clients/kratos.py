"""Ask Ory Kratos whose session a credential is.

Plain urllib3 on purpose: it keeps no cookies, reads no netrc and follows no redirect.
Kratos re-issues its session cookie on whoami; a client that kept it would answer the
next customer's request as this customer. Facts from Kratos v1.1.0 and v26.2.0.
"""

import functools
import json
import logging
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import urllib3
from django.conf import settings
from urllib3.exceptions import HTTPError

from karima import request_id
from karima.errors import Forbidden, Unavailable

logger = logging.getLogger(__name__)

# Connecting takes 1 ms inside one network; whoami's slowest p99 seen is 0.2 seconds.
CONNECT_SECONDS, READ_SECONDS = 0.5, 2.0
MAX_BODY_BYTES = 256 * 1024
RETRY_AFTER_SECONDS, LONGEST_RETRY_AFTER_SECONDS = 5, 30

MAX_TOKEN_LENGTH, MAX_COOKIE_LENGTH = 256, 4096
FORBIDDEN_CHARACTERS = frozenset(',;"\\')


class KratosUnavailable(Unavailable):
    """Nobody can tell who the customer is; not the same as "not signed in"."""

    code = "auth_unavailable"
    detail = "Layanan masuk sedang tidak tersedia. Silakan coba beberapa saat lagi."

    def __init__(self, *, retry_after_seconds: int = RETRY_AFTER_SECONDS) -> None:
        super().__init__(retry_after_seconds=retry_after_seconds)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that Kratos calls valid. Times are UTC."""

    id: UUID
    identity: Identity
    is_active: bool
    expires_at: datetime
    authenticated_at: datetime
    assurance_level: str


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
    headers = _headers(cookie=cookie, token=token)
    deadline = time.monotonic() + CONNECT_SECONDS + READ_SECONDS
    try:
        response = _pool().request(
            "GET",
            f"{settings.KRATOS_INTERNAL_URL.rstrip('/')}/sessions/whoami",
            headers=headers,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
    except HTTPError as error:
        raise _unavailable("no answer") from error
    try:
        return _outcome(response, _read(response, deadline))
    finally:
        response.release_conn()


@functools.cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(
        maxsize=16,
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        retries=urllib3.Retry(connect=1, read=0, redirect=0, status=0, other=0),
    )


def _headers(*, cookie: str, token: str) -> dict[str, str]:
    """Return the headers with exactly one credential.

    A token goes as a Bearer: Kratos before 1.3 writes X-Session-Token into its log.
    """
    headers = {
        "Accept": "application/json",
        "User-Agent": "karima-store",
        "X-Request-ID": request_id.current(),
    }
    if token:
        headers["Authorization"] = f"Bearer {token}"
    else:
        headers["Cookie"] = f"{settings.KRATOS_COOKIE_NAME}={cookie}"
    return headers


def _read(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """Return the body, refusing one that is too large or drips in too slowly."""
    body = b""
    try:
        while chunk := response.read1(16 * 1024):
            body += chunk
            if len(body) > MAX_BODY_BYTES or time.monotonic() > deadline:
                response.close()
                raise _unavailable("body too large or too slow")
    except HTTPError as error:
        raise _unavailable("answer broken off") from error
    return body


def _outcome(response: urllib3.BaseHTTPResponse, body: bytes) -> Session | None:
    if response.status == 200:
        return _session(response, body)
    if response.status == 401:
        return None
    if response.status == 403:
        raise _refusal(body)
    if response.status == 429:
        raise _unavailable("rate limited", _retry_after(response))
    raise _unavailable(f"status {response.status}")


def _session(response: urllib3.BaseHTTPResponse, body: bytes) -> Session:
    try:
        session = parse_session(json.loads(body))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unavailable("unreadable session") from error
    named = response.headers.get("X-Kratos-Authenticated-Identity-Id", "")
    if named.lower() != str(session.identity.id):
        raise _unavailable("header and body name different identities")
    return session


def parse_session(document: dict[str, Any]) -> Session:
    """Return the session from whoami's document; unknown members are ignored.

    Raises ValueError, TypeError, KeyError or AttributeError on anything else.
    """
    identity = document["identity"]
    return Session(
        id=UUID(document["id"]),
        identity=_identity(identity),
        is_active=document["active"] is True and identity.get("state") == "active",
        expires_at=datetime.fromisoformat(document["expires_at"]),
        authenticated_at=datetime.fromisoformat(document["authenticated_at"]),
        assurance_level=str(document.get("authenticator_assurance_level", "")),
    )


def _identity(document: dict[str, Any]) -> Identity:
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


def _refusal(body: bytes) -> Forbidden | KratosUnavailable:
    try:
        document = json.loads(body)
        identifier = document["error"].get("id")
    except (ValueError, TypeError, KeyError, AttributeError):
        return _unavailable("unreadable refusal")
    if identifier != SecondFactorRequired.code:
        return _unavailable("status 403")
    target = document.get("redirect_browser_to")
    if not _is_our_kratos(target):
        return SecondFactorRequired()
    return SecondFactorRequired(redirect_browser_to=target)


def _is_our_kratos(url: object) -> bool:
    """Tell whether a browser may be sent there, so that no answer can redirect away."""
    if not isinstance(url, str):
        return False
    ours = urlsplit(settings.KRATOS_PUBLIC_URL)
    try:
        theirs = urlsplit(url)
    except ValueError:
        return False
    return (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc)


def _retry_after(response: urllib3.BaseHTTPResponse) -> int:
    given = response.headers.get("Retry-After", "")
    seconds = int(given) if given.isascii() and given.isdigit() else RETRY_AFTER_SECONDS
    return min(max(seconds, 1), LONGEST_RETRY_AFTER_SECONDS)


def _unavailable(
    reason: str, retry_after_seconds: int = RETRY_AFTER_SECONDS
) -> KratosUnavailable:
    logger.error("kratos_unavailable", extra={"reason": reason})
    return KratosUnavailable(retry_after_seconds=retry_after_seconds)
