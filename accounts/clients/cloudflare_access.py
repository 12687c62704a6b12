"""Verify the token by which Cloudflare Access says who has reached the admin host.

Any application of the team is signed with the same keys, so the audience is what
tells "may enter the shop's admin" from "may enter something else". Source:
developers.cloudflare.com, Access, "Validate JWTs".
"""

import functools
import json
import logging
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
import urllib3
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings
from urllib3.exceptions import HTTPError

logger = logging.getLogger(__name__)

ALGORITHM = "RS256"
LONGEST_TOKEN = 8192
LEEWAY_SECONDS = 30
SMALLEST_KEY_BITS = 2048

# What the shop's own columns hold, and no identity provider exceeds.
LONGEST_SUBJECT = 255
LONGEST_EMAIL = 254

# Cloudflare rotates every six weeks and may rotate at any moment.
SOFT_SECONDS = 3600
# Up to a tenth sooner, so that processes started together do not ask together.
JITTER = 0.1
# After a quiet night a withdrawn key must not pass once more: older keys are renewed
# before they are believed, if Cloudflare answers.
STALE_SECONDS = 2 * 3600
# How long known keys serve while Cloudflare is away.
HARD_SECONDS = 24 * 3600
# At most one fetch in this time, whatever key ids strangers make up.
COOLDOWN_SECONDS = 30
# Without any key the admin is shut, so a cold start tries again sooner.
EMPTY_COOLDOWN_SECONDS = 2
FETCH_SECONDS = 3
MAX_JWKS_BYTES = 64 * 1024

Keys = dict[str, RSAPublicKey]
Run = Callable[[Callable[[], None]], None]


class AccessDenied(Exception):
    """The token is not one that opens the admin. `code` is for the log."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class AccessUnavailable(Exception):
    """No usable key is known, so no token can be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessIdentity:
    """Whom Access let in, and until when.

    `subject` is the account: it is another one when the e-mail changes hands.
    """

    subject: str
    email: str
    expires_at: datetime


def verify(token: str) -> AccessIdentity:
    """Return whom the token names. Raises `AccessDenied` and `AccessUnavailable`."""
    if not settings.CF_ACCESS_AUD or not settings.CF_ACCESS_JWKS_URL:
        raise AccessUnavailable
    return _verifier(
        settings.CF_ACCESS_JWKS_URL,
        settings.CF_ACCESS_ISSUER,
        tuple(settings.CF_ACCESS_AUD),
    ).verify(token)


@functools.cache
def _verifier(jwks_url: str, issuer: str, audiences: tuple[str, ...]) -> "Verifier":
    return Verifier(KeyStore(jwks_url), issuer=issuer, audiences=audiences)


def _in_background(job: Callable[[], None]) -> None:
    threading.Thread(target=job, daemon=True).start()


class KeyStore:
    """Access's public keys by id, at most one fetch at a time and per cool-down.

    Stale keys keep serving while a background thread fetches new ones. A fetch
    replaces all keys, so that a withdrawn key stops working.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        run: Run = _in_background,
    ) -> None:
        self.url = url
        self.clock = clock
        self.run = run
        self.fetches = 0
        self._keys: Keys = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._soft_seconds = float(SOFT_SECONDS)
        self._fetching = threading.Lock()

    def get(self, key_id: str) -> RSAPublicKey:
        """Return the key. Raises `AccessUnavailable` when no usable keys are known."""
        if key_id not in self._usable() or self._age() >= STALE_SECONDS:
            self._fetch()
        elif self._age() >= self._soft_seconds and self._may_fetch():
            self.run(self._fetch)
        keys = self._usable()
        if not keys:
            raise AccessUnavailable
        if key_id not in keys:
            raise AccessDenied("unknown_kid")
        return keys[key_id]

    def _usable(self) -> Keys:
        return self._keys if self._age() <= HARD_SECONDS else {}

    def _age(self) -> float:
        if self._fetched_at is None:
            return float("inf")
        return self.clock() - self._fetched_at

    def _may_fetch(self) -> bool:
        if self._tried_at is None:
            return True
        cooldown = COOLDOWN_SECONDS if self._usable() else EMPTY_COOLDOWN_SECONDS
        return self.clock() - self._tried_at >= cooldown

    def _fetch(self) -> None:
        """Fetch unless it was just tried; whoever waits here then sees the result."""
        with self._fetching:
            if not self._may_fetch():
                return
            self._tried_at = self.clock()
            self.fetches += 1
            try:
                self._keys = parse_keys(_download(self.url))
            except (HTTPError, ValueError) as error:
                logger.warning("access_keys_unavailable", extra={"reason": str(error)})
                return
            self._fetched_at = self.clock()
            share = random.uniform(1 - JITTER, 1)  # noqa: S311  guards nothing
            self._soft_seconds = SOFT_SECONDS * share


def _download(url: str) -> bytes:
    """Return the answer's body. Raises HTTPError and ValueError within the time-out."""
    deadline = time.monotonic() + FETCH_SECONDS
    timeout = urllib3.Timeout(total=FETCH_SECONDS)
    with urllib3.PoolManager(retries=False, timeout=timeout) as pool:
        response = pool.request("GET", url, redirect=False, preload_content=False)
        body = _read(response, deadline)
        response.close()
    if response.status != 200 or len(body) > MAX_JWKS_BYTES:
        raise ValueError(f"keys answered {response.status}, {len(body)} bytes")
    return body


def _read(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """Return the body; one that drips in slowly must not outlast the time-out."""
    body = b""
    while chunk := response.read1(MAX_JWKS_BYTES, decode_content=False):
        body += chunk
        if len(body) > MAX_JWKS_BYTES:
            break
        if time.monotonic() > deadline:
            raise ValueError("keys arrive too slowly")
    return body


def parse_keys(body: bytes) -> Keys:
    """Return the usable RSA keys of a JWKS. Raises ValueError when there is none."""
    document = json.loads(body)
    entries = document.get("keys") if isinstance(document, dict) else None
    keys: Keys = {}
    for entry in entries if isinstance(entries, list) else []:
        key = _usable_key(entry) if isinstance(entry, dict) else None
        if key is not None:
            keys[entry["kid"]] = key
    if not keys:
        raise ValueError("no usable keys")
    return keys


def _usable_key(entry: dict[str, Any]) -> RSAPublicKey | None:
    fits = (
        entry.get("kty") == "RSA"
        and entry.get("alg", ALGORITHM) == ALGORITHM
        and entry.get("use", "sig") == "sig"
        and isinstance(entry.get("kid"), str)
    )
    if not fits:
        return None
    try:
        key = jwt.PyJWK(entry, algorithm=ALGORITHM).key
    except jwt.PyJWTError:
        return None
    is_strong = isinstance(key, RSAPublicKey) and key.key_size >= SMALLEST_KEY_BITS
    return key if is_strong else None


class Verifier:
    """Judges tokens for one application of one team."""

    def __init__(
        self, keys: KeyStore, *, issuer: str, audiences: Iterable[str]
    ) -> None:
        self.keys = keys
        self.issuer = issuer
        self.audiences = list(audiences)

    def verify(self, token: str) -> AccessIdentity:
        """Return whom the token names. Raises `AccessDenied`, `AccessUnavailable`."""
        claims = self._claims(token, self.keys.get(_key_id(token)))
        if claims.get("type", "app") != "app":
            raise AccessDenied("type")
        return AccessIdentity(
            subject=_subject(claims),
            email=_email(claims),
            expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC),
        )

    def _claims(self, token: str, key: RSAPublicKey) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=self.audiences,
                issuer=self.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud"]},
            )
        except jwt.PyJWTError as error:
            raise AccessDenied(_code_of(error)) from error


def _subject(claims: dict[str, Any]) -> str:
    """Return the account. A service token has none, and may never be a person."""
    subject = claims.get("sub")
    if claims.get("common_name") or not subject or not isinstance(subject, str):
        raise AccessDenied("service_token")
    if len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise AccessDenied("sub")
    return subject


def _email(claims: dict[str, Any]) -> str:
    email = claims.get("email")
    if not isinstance(email, str) or email.count("@") != 1:
        raise AccessDenied("email")
    if len(email) > LONGEST_EMAIL or not email.isprintable():
        raise AccessDenied("email")
    return email


def _key_id(token: str) -> str:
    """Return the id of the signing key; nothing else of the header is believed."""
    if not token:
        raise AccessDenied("missing")
    if len(token) > LONGEST_TOKEN:
        raise AccessDenied("too_long")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise AccessDenied("malformed") from error
    if header.get("alg") != ALGORITHM:
        raise AccessDenied("alg")
    return str(header.get("kid", ""))


def _code_of(error: jwt.PyJWTError) -> str:
    codes: dict[type[jwt.PyJWTError], str] = {
        jwt.ExpiredSignatureError: "expired",
        jwt.InvalidAudienceError: "aud",
        jwt.InvalidIssuerError: "iss",
        jwt.InvalidSignatureError: "signature",
        jwt.ImmatureSignatureError: "not_yet",
    }
    return codes.get(type(error), f"invalid:{type(error).__name__}")
