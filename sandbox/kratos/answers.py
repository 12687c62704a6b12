"""How the browser flows answer: JSON to scripts, redirects to browsers."""

import uuid
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from flask import Response, g, jsonify, request

from sandbox.kratos import csrf
from sandbox.kratos.errors import Refused, bad_request, error
from sandbox.kratos.flows import Flow
from sandbox.kratos.forms import flow_body
from sandbox.kratos.identities import Json, now, timestamp
from sandbox.kratos.sessions import COOKIE_NAME, LIFESPAN, Session
from sandbox.kratos.store import Store

JSON = "application/json"


def wants_json() -> bool:
    """Return whether a script asks, or an API client, and not a page load."""
    best = request.accept_mimetypes.best_match(["text/html", JSON], "text/html")
    return bool(g.get("api_flow")) or JSON in (best, request.mimetype)


def see_other(url: str) -> Response:
    """Send a browser to a page."""
    return Response(status=303, headers={"Location": url})


def forward(store: Store, answer: Response) -> Response:
    """Return an error to a script, and its page to a browser."""
    if wants_json():
        return answer
    error_id = str(uuid.uuid4())
    moment = timestamp(now())
    store.errors[error_id] = {
        "id": error_id,
        "error": (answer.get_json(force=True) or {}).get("error"),
        "created_at": moment,
        "updated_at": moment,
    }
    return see_other(f"{store.settings.page('error')}?id={error_id}")


def show(store: Store, flow: Flow, *, status: int = 400) -> Response:
    """Return the flow as it is now: to a script, or by way of its page."""
    if not wants_json():
        return see_other(store.settings.page(flow.kind, flow.id))
    answer = jsonify(flow_body(store, flow))
    answer.status_code = status
    return answer


def change_location(url: str) -> Response:
    """Send a browser on, and tell a script that the browser must go on."""
    if not wants_json():
        return see_other(url)
    return error(
        422,
        message="browser location change required",
        reason=f"In order to complete this flow please redirect the browser to: {url}",
        error_id="browser_location_change_required",
        beside={"redirect_browser_to": url},
    )


def must_go_first(url: str, *, error_id: str, message: str, reason: str) -> Response:
    """Send a browser elsewhere first; a script gets 403 and the address."""
    if not wants_json():
        return see_other(url)
    target: Json = {"redirect_browser_to": url}
    return error(
        403,
        message=message,
        reason=reason,
        error_id=error_id,
        details=target,
        beside=target,
    )


def login_url(store: Store, **query: str) -> str:
    """Return where a browser begins to sign in; empty parameters are left out."""
    given = {name: value for name, value in query.items() if value}
    suffix = f"?{urlencode(given)}" if given else ""
    return f"{store.base_url}/self-service/login/browser{suffix}"


def checked_return_to(store: Store, query: Mapping[str, str]) -> str:
    """Return where the person wants to go afterwards, or nothing.

    Raises `Refused` when the address is not on the list.
    """
    wanted = query.get("return_to", "")
    own = f"{store.base_url}/self-service/"
    listed = (*store.settings.allowed_return_urls, own)
    if not wanted or any(_is_below(wanted, base) for base in listed):
        return wanted
    raise Refused(
        bad_request(
            f'Requested return_to URL "{wanted}" is not allowed.',
            error_id="self_service_flow_return_to_forbidden",
        )
    )


def _is_below(wanted: str, base: str) -> bool:
    url, allowed = urlsplit(wanted), urlsplit(base)
    same_place = (url.scheme, url.netloc) == (allowed.scheme, allowed.netloc)
    return same_place and (url.path or "/").startswith(allowed.path or "/")


def give_session(store: Store, answer: Response, session: Session) -> Response:
    """Add the session cookie to an answer."""
    answer.set_cookie(
        COOKIE_NAME,
        store.seal.seal(session),
        max_age=int(LIFESPAN.total_seconds()),
        domain=store.settings.cookie_domain or None,
        secure=store.settings.cookie_secure,
        httponly=True,
        samesite="Lax",
    )
    return answer


def take_session(store: Store, answer: Response) -> Response:
    """Remove the session cookie from the browser."""
    answer.delete_cookie(
        COOKIE_NAME,
        domain=store.settings.cookie_domain or None,
        secure=store.settings.cookie_secure,
        httponly=True,
        samesite="Lax",
    )
    return answer


def add_csrf_cookie(store: Store, answer: Response) -> Response:
    """Add the anti-CSRF cookie when this request made a new one."""
    if "new_csrf_cookie" in g:
        answer.set_cookie(
            csrf.cookie_name(store.base_url),
            g.new_csrf_cookie,
            max_age=csrf.LIFE_SECONDS,
            domain=store.settings.cookie_domain or None,
            secure=store.settings.cookie_secure,
            httponly=True,
            samesite="Lax",
        )
    return answer
