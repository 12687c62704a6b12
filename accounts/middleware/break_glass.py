"""The admin while Cloudflare is down: a process of its own, reached by a tunnel.

`karima.settings.break_glass` puts this in the place of the Access middleware; the
public processes do not load it.
"""

from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.safestring import SafeString

from accounts.middleware.audit import answer_and_record, trace_of
from accounts.middleware.staff import (
    is_signed_in,
    refused_page,
    sign_in,
    unavailable_page,
)
from accounts.models import User
from accounts.services import break_glass, staff
from accounts.services.staff_audit import Person
from karima.error_pages import html_page
from karima.errors import StoreError
from karima.middleware import GetResponse
from karima.problems import Problem

LINK_PATH = "/break-glass/"
# What a proxy adds. A tunnel's end is this machine too, but adds nothing.
FORWARDING = (
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP",
    "Via",
    "Cf-Connecting-IP",
    "Cf-Ray",
)
BUTTON = SafeString('<form method="post"><button>Masuk / Sign in</button></form>')


class NotTunnelled(staff.NotStaff):
    """The request did not come straight from this machine."""

    code = "not_tunnelled"


class BreakGlassMiddleware:
    """Let in who opens a link of `manage.py break_glass`, while the window is open."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self._answer(request)
        except (OperationalError, InterfaceError):
            return unavailable_page()
        except StoreError as refusal:
            return refused_page(request, refusal.code)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if not is_tunnelled(request.META.get("REMOTE_ADDR", ""), request.headers):
            raise NotTunnelled
        closes_at = break_glass.window_ends_at()
        if request.path_info.startswith(LINK_PATH):
            return _follow_link(request, closes_at=closes_at)
        person = _person(request)
        return answer_and_record(self.get_response, request, person=person)


def is_tunnelled(peer: str, headers: Mapping[str, str]) -> bool:
    """Tell whether the peer is this machine, and no proxy speaks for somebody else."""
    try:
        is_local = ip_address(peer).is_loopback
    except ValueError:
        return False
    return is_local and not any(name in headers for name in FORWARDING)


def _follow_link(request: HttpRequest, *, closes_at: datetime) -> HttpResponse:
    """Show a button, and use the link up only when it is pressed.

    Whatever looks at links in advance must not be what uses it.
    """
    if request.method != "POST":
        detail = "Pintu darurat. / The way in while Access is down."
        page = Problem(status=200, code="break_glass", title="Masuk", detail=detail)
        return html_page(page, more=BUTTON)
    secret = request.path_info.removeprefix(LINK_PATH)
    user = break_glass.redeem(secret, trace=trace_of(request, status=302))
    sign_in(request, _as_person(user), until=closes_at)
    return HttpResponseRedirect("/admin/")


def _person(request: HttpRequest) -> Person:
    """Return who signed in by a link and is still staff, or raise `NotStaff`."""
    if not isinstance(request.user, User):
        raise staff.NotStaff
    person = _as_person(request.user)
    if not is_signed_in(request, person):
        raise staff.NotStaff
    if staff.active_row(request.user.email).user != request.user:
        raise staff.NotStaff
    return person


def _as_person(user: User) -> Person:
    return Person(email=user.email, subject=break_glass.SUBJECT, user=user)
