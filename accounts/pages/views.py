"""Kratos's browser flows as pages. The browser posts its forms straight to Kratos."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clients import kratos_flows
from accounts.clients.kratos_flows import (
    FlowGone,
    FlowOfAnotherBrowser,
    SessionMissing,
    StrongerSessionNeeded,
)
from accounts.middleware import credential_of
from accounts.pages.forms import Kind, page_of
from accounts.pages.responses import Notice, SeeOther, notice, page, show
from accounts.services import own_sessions, return_addresses

ALLOWED = {"aal": frozenset({"aal1", "aal2"}), "refresh": frozenset({"true"})}


@page
@require_safe
def flow(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the flow named in the address, or send the browser to begin one."""
    flow_id = _uuid(request.GET.get("flow", ""))
    if flow_id is None:
        return _begin(request, kind)
    try:
        document = kratos_flows.fetch(kind, flow_id, cookies=_cookies(request))
    except FlowGone as gone:
        return _continue(request, kind, gone.successor)
    except FlowOfAnotherBrowser:
        return _other_browser(request, kind)
    except SessionMissing:
        return SeeOther(_sign_in(return_to=_page_url(kind)))
    except StrongerSessionNeeded as needed:
        same_flow = f"{_page_url(kind)}?flow={flow_id}"
        return SeeOther(_sign_in(**needed.query, return_to=same_flow))
    return _flow_page(request, cast(Kind, kind), document, flow_id)


@page
@require_safe
def error(request: HttpRequest) -> HttpResponse:
    """Say that something went wrong at Kratos, without its technical reason."""
    error_id = _uuid(request.GET.get("id", ""))
    try:
        found = kratos_flows.fetch_error(error_id) if error_id else {}
    except (FlowGone, FlowOfAnotherBrowser, SessionMissing, StrongerSessionNeeded):
        found = {}
    given = Notice(
        title="Terjadi kesalahan",
        text=_error_text(found),
        link=_page_url("login"),
        link_label="Kembali ke halaman masuk",
        reference=str(error_id or ""),
    )
    return notice(request, given)


# Not a CSRF token but the Origin guards it; see docs/decisions/0013.
@csrf_exempt
@page
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ask first; on a POST end the session at Kratos, which removes its cookie."""
    if request.method != "POST":
        return show(request, "sign_out")
    address = own_sessions.logout_page(credential_of(request).cookie)
    return SeeOther(address or _page_url("login"))


def _begin(request: HttpRequest, kind: str) -> HttpResponse:
    """Begin a flow, with what of the query may go along."""
    query = {"return_to": return_addresses.allowed(request.GET.get("return_to", ""))}
    if kind == "login":
        asked = {name: request.GET.get(name, "") for name in ALLOWED}
        query |= {n: value for n, value in asked.items() if value in ALLOWED[n]}
    return SeeOther(kratos_flows.begin_url(kind, **query))


def _continue(request: HttpRequest, kind: str, successor: str) -> HttpResponse:
    if successor:
        return SeeOther(f"{_page_url(kind)}?flow={successor}")
    return _begin(request, kind)


def _other_browser(request: HttpRequest, kind: str) -> HttpResponse:
    """Offer a new flow. A redirect would run in circles where cookies are refused."""
    given = Notice(
        title="Formulir ini tidak berlaku lagi",
        text=(
            "Formulir dibuka di peramban lain, atau cookie tidak diizinkan. Pastikan "
            "cookie diizinkan untuk situs ini, lalu mulai lagi."
        ),
        link=_page_url(kind),
        link_label="Mulai lagi",
        status=403,
    )
    return notice(request, given)


def _flow_page(
    request: HttpRequest, kind: Kind, document: Mapping[str, Any], flow_id: UUID
) -> HttpResponse:
    action = kratos_flows.submit_url(kind, flow_id)
    return show(request, "flow", page=page_of(kind, document, action=action))


def _error_text(found: Mapping[str, Any]) -> str:
    if found.get("id") == "security_csrf_violation":
        return (
            "Formulir tidak berlaku lagi. Pastikan cookie diizinkan untuk situs ini, "
            "lalu coba kembali."
        )
    return "Permintaan Anda tidak dapat diselesaikan. Silakan coba kembali."


def _sign_in(**query: str) -> str:
    return kratos_flows.begin_url("login", **query)


def _page_url(kind: str) -> str:
    return f"{settings.KRATOS_UI_URL.rstrip('/')}/{kind}"


def _cookies(request: HttpRequest) -> str:
    return request.headers.get("Cookie", "")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
