"""Let only staff with a valid Access token reach the admin, as themselves."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import login
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html

from accounts.clients import cloudflare_access
from accounts.clients.cloudflare_access import AccessDenied, AccessUnavailable
from accounts.middleware.audit import answer_and_record, trace_of
from accounts.services import staff, staff_audit
from accounts.services.staff_audit import Action, Person
from karima import metrics
from karima.client_address import client_address
from karima.error_pages import html_page
from karima.middleware import GetResponse, face
from karima.problems import Problem

logger = logging.getLogger(__name__)

ACCESS_HEADER = "Cf-Access-Jwt-Assertion"
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
# The account that the session was opened for, beside the user whom Django keeps.
SUBJECT_KEY = "staff_subject"
# The stand-in for Access that development starts in front of this server.
DEVELOPMENT_ACCESS = "http://127.0.0.1:4490/admin/"


class CloudflareAccessMiddleware:
    """Let only staff with a valid Access token reach the admin, as themselves.

    Nothing else identifies anybody here: no other header, no password, no session
    without a token.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if face(request) != "admin":
            return self.get_response(request)
        try:
            person = _admit(request)
        except (AccessUnavailable, OperationalError, InterfaceError) as reason:
            logger.error("admin_unavailable", extra={"reason": type(reason).__name__})
            return unavailable_page()
        except (AccessDenied, staff.NotStaff) as refusal:
            return refused_page(request, refusal.code)
        return answer_and_record(self.get_response, request, person=person)


def _admit(request: HttpRequest) -> Person:
    """Return the member of staff whom the token names, signed in.

    Raises `AccessDenied`, `AccessUnavailable`, and after an entry in the audit
    `NotStaff` and `SubjectMismatch`.
    """
    identity = cloudflare_access.verify(request.headers.get(ACCESS_HEADER, ""))
    known = Person(email=identity.email, subject=identity.subject)
    try:
        user = staff.staff_of(identity)
    except staff.NotStaff as refusal:
        trace = trace_of(request, status=refusal.status)
        staff_audit.record_request(
            Action.DENIED, person=known, trace=trace, reason=refusal.code
        )
        raise
    person = Person(email=identity.email, subject=identity.subject, user=user)
    if not is_signed_in(request, person):
        sign_in(request, person, until=identity.expires_at)
        staff_audit.record_request(Action.LOGIN, person=person, trace=trace_of(request))
    return person


def is_signed_in(request: HttpRequest, person: Person) -> bool:
    """Tell whether the session is this person's, by row and by account."""
    is_same_account = request.session.get(SUBJECT_KEY) == person.subject
    return is_same_account and request.user == person.user


def sign_in(request: HttpRequest, person: Person, *, until: datetime) -> None:
    """Begin a new session for the person: eight hours, and not beyond `until`."""
    longest = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    request.session.flush()
    login(request, person.user, backend=MODEL_BACKEND)
    request.session[SUBJECT_KEY] = person.subject
    request.session.set_expiry(min(until, longest))


def refused_page(request: HttpRequest, code: str) -> HttpResponse:
    """End the session and answer 403 without saying why; the reason is in the log."""
    extra = {"code": code, "ip": client_address(request)}
    logger.warning("access_denied", extra=extra)
    metrics.access_denied(code)
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


def unavailable_page() -> HttpResponse:
    detail = "Masuk sedang tidak tersedia. / Sign-in is unavailable for the moment."
    headers = {"Retry-After": "30"}
    return html_page(
        Problem(status=503, code="unavailable", detail=detail, headers=headers)
    )
