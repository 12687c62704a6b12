"""Refuse state-changing browser requests that no page of the shop has sent.

CORS only decides who may read an answer; this decides whether the request runs.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from karima import metrics
from karima.middleware import GetResponse
from karima.problems import Problem, problem_response

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class CrossOriginGuard:
    """Let an unsafe request through only from a listed origin or without a cookie.

    The Origin decides first, because the storefront is another origin by design and a
    sibling sub-domain is not to be trusted; Fetch Metadata second. A cookie without
    either is refused, since browsers always send one of them. A view that is called
    with a signature instead of a cookie says so with `origin_exempt = True`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        if request.method in SAFE_METHODS or is_exempt(view):
            return None
        reason = refusal(request)
        if not reason:
            return None
        metrics.csrf_refused(reason)
        problem = Problem(status=403, code="cross_origin", extra={"reason": reason})
        return problem_response(request, problem)


def is_exempt(view: Callable[..., HttpResponse]) -> bool:
    """Tell whether the view, or the class it was made from, is marked as exempt."""
    made_from = getattr(view, "view_class", None) or getattr(view, "cls", None) or view
    return bool(getattr(made_from, "origin_exempt", False))


def refusal(request: HttpRequest) -> str:
    """Return why the request may not change anything, or an empty string."""
    origin = request.headers.get("Origin")
    if origin is not None:
        return "" if origin in _allowed_origins(request) else "origin"
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return "" if site == "same-origin" else "fetch_site"
    return "cookie_without_origin" if _has_session_cookie(request) else ""


def _allowed_origins(request: HttpRequest) -> set[str]:
    own = f"{request.scheme}://{request.get_host()}"
    return {own, *settings.CORS_ALLOWED_ORIGINS}


def _has_session_cookie(request: HttpRequest) -> bool:
    names = (settings.KRATOS_COOKIE_NAME, settings.SESSION_COOKIE_NAME)
    return any(name in request.COOKIES for name in names)
