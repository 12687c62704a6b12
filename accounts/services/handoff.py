"""Hand a session over to a storefront on another site: a one-time code, then a token.

Browsers keep the session cookie from scripts of another site, but not from a page that
is opened. So the storefront opens an address of the API, which sees the session and
sends the browser back with a code, and a script changes the code for a short-lived
access token: OAuth 2.0's authorization code with PKCE (RFC 6749, RFC 7636), for one
client of our own.
"""

import base64
import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.clients import kratos_admin
from accounts.clients.kratos import SecondFactorRequired
from accounts.clients.kratos_http import KratosUnavailable
from accounts.models import HandoffCode
from accounts.services import access_tokens, session_cache, sessions
from accounts.services.access_tokens import AccessToken
from accounts.services.customers import AccountInactive
from accounts.services.sessions import SignedIn
from karima.errors import Invalid

logger = logging.getLogger(__name__)

CODE_LIFETIME = timedelta(seconds=60)
TOKEN_LIFETIME = timedelta(minutes=10)
# What is left of a code is of use while its token may live, and for a look afterwards.
KEPT = timedelta(days=1)

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class InvalidRequest(Invalid):
    """RFC 6749, section 5.2: something is missing, or is not of its form."""

    code = "invalid_request"
    title = "Invalid request"
    detail = "Permintaan masuk tidak lengkap. Silakan masuk kembali dari toko."


class InvalidGrant(Invalid):
    """RFC 6749, section 5.2: the code is unknown, used, late, or another's."""

    code = "invalid_grant"
    title = "Invalid grant"
    detail = "Kode masuk tidak berlaku lagi. Silakan masuk kembali."


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Who is to get a code: an address of the storefront, and the challenge it made.

    Raises `InvalidRequest` unless the address is one of HANDOFF_REDIRECT_URIS, letter
    by letter, and the challenge is a SHA-256 as RFC 7636 writes it.
    """

    redirect_uri: str
    code_challenge: str

    def __post_init__(self) -> None:
        if self.redirect_uri not in settings.HANDOFF_REDIRECT_URIS:
            raise _refused("redirect_uri")
        if not CHALLENGE.fullmatch(self.code_challenge):
            raise _refused("code_challenge")


class Refusal(StrEnum):
    """Why there is no code, in the words of RFC 6749 and OpenID Connect."""

    SIGNED_OUT = "login_required"
    SECOND_FACTOR = "interaction_required"
    INACTIVE = "access_denied"
    UNAVAILABLE = "temporarily_unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A code, or why there is none."""

    code: str = ""
    error: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A signed access token and how many seconds it lives."""

    access_token: str
    expires_in: int


def begin(find: Callable[[], SignedIn | None], *, receiver: Receiver) -> Outcome:
    """Return a code for whoever `find` finds, or why there is none.

    Refusals are returned, not raised: a person and not a script sees the answer.
    """
    try:
        visitor = find()
    except SecondFactorRequired:
        return Outcome(error=Refusal.SECOND_FACTOR)
    except AccountInactive:
        return Outcome(error=Refusal.INACTIVE)
    except KratosUnavailable:
        return Outcome(error=Refusal.UNAVAILABLE)
    if visitor is None:
        return Outcome(error=Refusal.SIGNED_OUT)
    return Outcome(code=issue_code(visitor, receiver=receiver))


def issue_code(visitor: SignedIn, *, receiver: Receiver) -> str:
    """Return a code for the visitor's session, good once and for one minute.

    Drops codes that are long over. Opens its own transaction.
    """
    code = secrets.token_urlsafe(32)
    now = timezone.now()
    with transaction.atomic(durable=True):
        HandoffCode.objects.filter(expires_at__lt=now - KEPT).delete()
        HandoffCode.objects.create(
            code_hash=_hash(code),
            user=visitor.user,
            session_id=visitor.session.id,
            session_expires_at=visitor.session.expires_at,
            redirect_uri=receiver.redirect_uri,
            code_challenge=receiver.code_challenge,
            expires_at=now + CODE_LIFETIME,
        )
    return code


def redeem(code: str, *, code_verifier: str, redirect_uri: str) -> Grant:
    """Change a code for a token that ends with the session or after ten minutes.

    Whatever the outcome, the code is used up; a second use also ends the token of the
    first (RFC 6749, section 4.1.2). Opens its own transaction. Raises `InvalidRequest`
    for a verifier that is none, and `InvalidGrant`.
    """
    if not VERIFIER.fullmatch(code_verifier):
        raise _refused("code_verifier")
    with transaction.atomic(durable=True):
        row = _take(code)
        if row and _matches(row, code_verifier, redirect_uri):
            row.token_id = uuid4()
            row.save(update_fields=["token_id"])
    # Outside, so that a refusal does not undo the use.
    if row is None or row.token_id is None:
        raise InvalidGrant()
    return _grant(row, row.token_id)


def sign_in(token: str, *, fresh: bool = False) -> SignedIn | None:
    """Return the customer whose session the access token stands for, or None.

    Kratos is asked for the session by its id, through the admin API, and its answer is
    remembered like that about any other credential. Raises as `sessions.sign_in`.
    """
    claims = access_tokens.read(token)
    if claims is None or not _stands(claims.id):
        return None
    found = sessions.sign_in_by(
        session_cache.key_of(cookie="", token=token),
        lambda: kratos_admin.get_session(claims.session_id),
        fresh=fresh,
    )
    return found if found and found.user.pk == claims.user_id else None


def sign_out(token: str) -> None:
    """End the session that an access token stands for, at Kratos too.

    Nothing happens when the token says nothing. Raises `KratosUnavailable`.
    """
    claims = access_tokens.read(token)
    if claims is None:
        return
    session = kratos_admin.get_session(claims.session_id)
    kratos_admin.revoke_session(claims.session_id)
    HandoffCode.objects.filter(session_id=claims.session_id, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if session:
        session_cache.forget_identity(session.identity.id)


def _stands(token_id: UUID) -> bool:
    return HandoffCode.objects.filter(token_id=token_id, revoked_at=None).exists()


def _take(code: str) -> HandoffCode | None:
    """Return the code's row, used up now, or None. Must run in a transaction."""
    rows = HandoffCode.objects.select_for_update(of=("self",)).select_related("user")
    row = rows.filter(code_hash=_hash(code)).first()
    if row is None:
        return None
    if row.used_at:
        _revoke(row)
        return None
    row.used_at = timezone.now()
    row.save(update_fields=["used_at"])
    return row


def _revoke(row: HandoffCode) -> None:
    logger.warning("handoff_code_used_twice", extra={"user_id": str(row.user_id)})
    row.revoked_at = row.revoked_at or timezone.now()
    row.save(update_fields=["revoked_at"])


def _matches(row: HandoffCode, verifier: str, redirect_uri: str) -> bool:
    """Tell whether the one who sends the code is the one it was made for, in time."""
    given = _challenge(verifier).encode()
    is_theirs = hmac.compare_digest(given, row.code_challenge.encode())
    is_same = hmac.compare_digest(redirect_uri.encode(), row.redirect_uri.encode())
    end = min(row.expires_at, row.session_expires_at)
    return is_theirs and is_same and row.user.is_active and timezone.now() < end


def _grant(row: HandoffCode, token_id: UUID) -> Grant:
    now = timezone.now()
    expires_at = min(now + TOKEN_LIFETIME, row.session_expires_at)
    claims = AccessToken(id=token_id, user_id=row.user_id, session_id=row.session_id)
    return Grant(
        access_token=access_tokens.issue(claims, expires_at=expires_at),
        expires_in=int((expires_at - now).total_seconds()),
    )


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _refused(parameter: str) -> InvalidRequest:
    return InvalidRequest(parameter=parameter)
