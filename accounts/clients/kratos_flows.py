"""Fetch from Kratos the flow that a browser is in, with that browser's own cookies.

Facts from Kratos v1.1.0 and v26.2.0: `GET /self-service/<kind>/flows?id=` answers 404
or 410 for a flow that is gone, 403 `security_csrf_violation` for a flow of another
browser, 401 without a session where one is needed, and 403 with an id
of its own where the session is not strong or fresh enough.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings

from accounts.clients.kratos import MAX_COOKIE_LENGTH, is_plausible
from accounts.clients.kratos_http import Answer, ask, public_breaker, unavailable

CSRF_COOKIE = re.compile(r"csrf_token_[0-9a-f]{64}")
STEP_UPS = {
    "session_aal1_required": {},
    "session_aal2_required": {"aal": "aal2"},
    "session_refresh_required": {"refresh": "true"},
}

Json = dict[str, Any]


class FlowGone(Exception):
    """The flow expired or never was. `successor` is the flow Kratos made instead."""

    def __init__(self, successor: str = "") -> None:
        super().__init__(successor)
        self.successor = successor


class FlowOfAnotherBrowser(Exception):
    """The anti-CSRF cookie does not belong to the flow, or its person changed."""


class SessionMissing(Exception):
    """The page needs somebody who is signed in."""


class StrongerSessionNeeded(Exception):
    """Kratos wants a second factor or a fresh sign-in first.

    `query` is what the sign-in has to be begun with. Kratos names an address too; it
    is not used, so that no answer can send a browser away.
    """

    def __init__(self, query: dict[str, str]) -> None:
        super().__init__(query)
        self.query = query


def fetch(kind: str, flow_id: UUID, *, cookies: str) -> Json:
    """Return the flow. `cookies` is the browser's Cookie header.

    Raises `FlowGone`, `FlowOfAnotherBrowser`, `SessionMissing`,
    `StrongerSessionNeeded`, and `KratosUnavailable` for every other answer.
    """
    path = f"/self-service/{kind}/flows?{urlencode({'id': str(flow_id)})}"
    status, document = _get(path, own_cookies(cookies))
    if status == 200:
        return document
    raise _refusal(status, document)


def fetch_error(error_id: UUID) -> Json:
    """Return what Kratos noted of an error. Raises `FlowGone`, `KratosUnavailable`."""
    query = urlencode({"id": str(error_id)})
    status, document = _get(f"/self-service/errors?{query}", "")
    if status != 200:
        raise _refusal(status, document)
    error = document.get("error")
    return error if isinstance(error, dict) else {}


def begin_url(kind: str, **query: str) -> str:
    """Return where a browser begins a flow. Empty values are left out."""
    given = urlencode({name: value for name, value in query.items() if value})
    base = f"{_browser_base()}/self-service/{kind}/browser"
    return f"{base}?{given}" if given else base


def submit_url(kind: str, flow_id: UUID) -> str:
    """Return where the browser posts the form of a flow."""
    return f"{_browser_base()}/self-service/{kind}?{urlencode({'flow': str(flow_id)})}"


def own_cookies(header: str) -> str:
    """Return the cookies that Kratos itself has set, as they were sent.

    Of two cookies of one name the first counts, as in Kratos.
    """
    kept: dict[str, str] = {}
    for pair in header.split(";"):
        name, _, value = pair.strip().partition("=")
        if _is_own(name) and is_plausible(value, max_length=MAX_COOKIE_LENGTH):
            kept.setdefault(name, value)
    return "; ".join(f"{name}={value}" for name, value in kept.items())


def _is_own(name: str) -> bool:
    return name == settings.KRATOS_COOKIE_NAME or bool(CSRF_COOKIE.fullmatch(name))


def _browser_base() -> str:
    return settings.KRATOS_BROWSER_URL.rstrip("/")


def _get(path: str, cookies: str) -> tuple[int, Json]:
    answer = ask(
        public_breaker,
        f"{settings.KRATOS_INTERNAL_URL.rstrip('/')}{path}",
        headers={"Cookie": cookies} if cookies else {},
    )
    return answer.status, _document(answer)


def _document(answer: Answer) -> Json:
    try:
        document = answer.json()
    except ValueError as error:
        raise unavailable("no JSON") from error
    if not isinstance(document, dict):
        raise unavailable("no JSON object")
    return document


def _refusal(status: int, document: Json) -> Exception:
    if status in {404, 410}:
        return FlowGone(_successor(document))
    if status == 401:
        return SessionMissing()
    if status == 403:
        return _forbidden(document)
    return unavailable(f"status {status}")


def _successor(document: Json) -> str:
    """Return the id of the flow that replaces an expired one, if it is an id."""
    try:
        return str(UUID(str(document.get("use_flow_id"))))
    except ValueError:
        return ""


def _forbidden(document: Json) -> Exception:
    error = document.get("error")
    identifier = error.get("id") if isinstance(error, Mapping) else None
    if identifier in STEP_UPS:
        return StrongerSessionNeeded(STEP_UPS[identifier])
    return FlowOfAnotherBrowser()
