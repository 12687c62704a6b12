"""Make the customer of the Kratos session the request's user, asked when first used."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.clients.kratos import Session
from accounts.models import User
from accounts.services import access_tokens, handoff, sessions
from accounts.services.sessions import SignedIn
from karima.errors import StoreError
from karima.middleware import GetResponse, face


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What the request offers. `is_ambiguous`: it offers two that differ."""

    cookie: str = ""
    token: str = ""
    is_ambiguous: bool = False

    @property
    def is_absent(self) -> bool:
        return not (self.cookie or self.token or self.is_ambiguous)

    @property
    def is_access_token(self) -> bool:
        """Say whether the token is one of our own, which Kratos must not be asked."""
        return access_tokens.looks_like_one(self.token)


def credential_of(request: HttpRequest) -> Credential:
    """Return the credential to use: a token before a cookie, which is then ignored."""
    tokens = {token for token in (_session_token(request), _bearer(request)) if token}
    if tokens:
        return Credential(token=min(tokens), is_ambiguous=len(tokens) > 1)
    cookies = _cookies(request)
    if not cookies:
        return Credential()
    return Credential(cookie=min(cookies), is_ambiguous=len(cookies) > 1)


def _session_token(request: HttpRequest) -> str:
    return request.headers.get("X-Session-Token", "").strip()


def _bearer(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _cookies(request: HttpRequest) -> set[str]:
    """Return the session cookie's values as sent.

    Read from the header because Django keeps the last of two cookies of one name and
    Kratos the first, and because Django unquotes values.
    """
    pairs = request.headers.get("Cookie", "").split(";")
    named = (pair.strip().partition("=") for pair in pairs)
    return {value for name, _, value in named if name == settings.KRATOS_COOKIE_NAME}


class Visitor:
    """Who makes this request. Kratos is asked at most once, and only if needed."""

    def __init__(self, credential: Credential) -> None:
        self.credential = credential
        self._found: SignedIn | None = None
        self._refusal: StoreError | None = None
        self._is_asked = False
        self._is_fresh = False

    def user(self, *, fresh: bool = False) -> User | None:
        """Return the customer, or None without a valid credential.

        Raises what `sessions.sign_in` raises, again each time it is asked.
        """
        if not self._is_asked or (fresh and not self._is_fresh):
            self._ask(fresh=fresh)
        if self._refusal is not None:
            raise self._refusal
        return self._found.user if self._found else None

    def signed_in(self, *, fresh: bool = False) -> SignedIn | None:
        """Return the customer with the session they came with, as `user`."""
        self.user(fresh=fresh)
        return self._found

    @property
    def session(self) -> Session | None:
        """Return the session of the customer, once `user` has returned one."""
        return self._found.session if self._found else None

    def _ask(self, *, fresh: bool) -> None:
        # A refusal is never remembered, so it was Kratos's own, and new.
        self._is_asked, self._is_fresh = True, True
        self._found = None
        credential = self.credential
        if credential.is_absent or credential.is_ambiguous:
            return
        try:
            self._found = _sign_in(credential, fresh=fresh)
        except StoreError as refusal:
            self._refusal = refusal
        if self._found:
            self._is_fresh = self._found.is_fresh


def _sign_in(credential: Credential, *, fresh: bool) -> SignedIn | None:
    if credential.is_access_token:
        return handoff.sign_in(credential.token, fresh=fresh)
    return sessions.sign_in(
        cookie=credential.cookie, token=credential.token, fresh=fresh
    )


def visitor_of(request: HttpRequest) -> Visitor:
    """Return the request's one visitor, made at the first call."""
    visitor = request.__dict__.get("visitor")
    if visitor is None:
        visitor = Visitor(credential_of(request))
        request.__dict__["visitor"] = visitor
    return visitor


class KratosSessionMiddleware:
    """Make `request.user` the customer of the Kratos session, asked when first used.

    Not on the admin: there a Kratos session means nothing.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if face(request) != "admin":
            user = SimpleLazyObject(lambda: _user_or_anonymous(request))
            request.user = user  # type: ignore[assignment]  # Stands in for the user.
        return self.get_response(request)


def _user_or_anonymous(request: HttpRequest) -> User | AnonymousUser:
    return visitor_of(request).user() or AnonymousUser()
