"""Put the right person on the request: a customer on the API, staff on the admin."""

import logging
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html

from accounts.clients.cloudflare_access import AccessDenied, AccessUnavailable
from accounts.models import User
from accounts.services import sessions, staff
from karima.error_pages import html_page
from karima.errors import StoreError
from karima.middleware import GetResponse, face
from karima.problems import Problem

logger = logging.getLogger(__name__)

ACCESS_HEADER = "Cf-Access-Jwt-Assertion"
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
# The stand-in for Access that development starts in front of this server.
DEVELOPMENT_ACCESS = "http://127.0.0.1:4490/admin/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What the request offers. `is_ambiguous`: it offers two that differ."""

    cookie: str = ""
    token: str = ""
    is_ambiguous: bool = False

    @property
    def is_absent(self) -> bool:
        return not (self.cookie or self.token or self.is_ambiguous)


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
        self._user: User | None = None
        self._refusal: StoreError | None = None
        self._is_asked = False
        self._is_fresh = False

    def user(self, *, fresh: bool = False) -> User | None:
        """Return the customer, or None without a valid credential.

        Raises what `sessions.resolve_session` raises, again each time it is asked.
        """
        if not self._is_asked or (fresh and not self._is_fresh):
            self._ask(fresh=fresh)
        if self._refusal is not None:
            raise self._refusal
        return self._user

    def _ask(self, *, fresh: bool) -> None:
        self._is_asked, self._is_fresh = True, fresh
        credential = self.credential
        if credential.is_absent or credential.is_ambiguous:
            return
        try:
            self._user = sessions.resolve_session(
                cookie=credential.cookie, token=credential.token, fresh=fresh
            )
        except StoreError as refusal:
            self._refusal = refusal


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
            request.user = SimpleLazyObject(lambda: _user_or_anonymous(request))  # type: ignore[assignment]
        return self.get_response(request)


def _user_or_anonymous(request: HttpRequest) -> User | AnonymousUser:
    return visitor_of(request).user() or AnonymousUser()


class CloudflareAccessMiddleware:
    """Let only staff with a valid Access token reach the admin, as themselves."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if face(request) != "admin":
            return self.get_response(request)
        try:
            user = staff.admit(request.headers.get(ACCESS_HEADER, ""))
        except AccessUnavailable:
            return _unavailable_page()
        except (AccessDenied, staff.NotStaff) as refusal:
            return _refused_page(request, refusal.code)
        if request.user != user:
            request.session.flush()
            login(request, user, backend=MODEL_BACKEND)
        return self.get_response(request)


def _refused_page(request: HttpRequest, code: str) -> HttpResponse:
    """Answer 403 without saying why; the reason is in the log."""
    logger.warning("access_denied", extra={"code": code})
    request.session.flush()
    detail = "Anda tidak memiliki akses ke halaman ini. / You may not enter here."
    problem = Problem(status=403, code="forbidden", detail=detail)
    return html_page(problem, more=_development_hint())


def _development_hint() -> str:
    if settings.APP_ENV != "development":
        return ""
    return format_html(
        '<p>Development: <a href="{url}">sign in through the Access sandbox</a>.</p>',
        url=DEVELOPMENT_ACCESS,
    )


def _unavailable_page() -> HttpResponse:
    detail = "Masuk sedang tidak tersedia. / Sign-in is unavailable for the moment."
    headers = {"Retry-After": "30"}
    return html_page(
        Problem(status=503, code="unavailable", detail=detail, headers=headers)
    )
