"""What every answer tells the browser, errors included: one policy for each face.

The outermost layer, since answers are also made by those that refuse: https, unknown
hosts, limits. A view that needs another policy sets the header itself.
"""

import functools
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from karima.middleware import GetResponse, face
from karima.problems import Problem, problem_response

CSP = "Content-Security-Policy"
# Nothing may be loaded, and nobody may show it in a frame: answers for programs, and
# short pages that need neither styles nor pictures.
NOTHING = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Swagger UI, served by ourselves. It writes styles into its elements.
DOCS = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def admin_policy() -> str:
    """Return the admin's policy: what it loads is its own, but for product photos.

    Alpine, which moves Unfold's pages, evaluates the expressions in their attributes
    ('unsafe-eval'), and Unfold colors single elements. No script may stand in a page.
    A form may end at Access when the session there has run out.
    """
    access = settings.CF_ACCESS_TEAM_DOMAIN
    forms = f"'self' https://{access}" if access else "'self'"
    photos = f"'self' data: blob: {settings.MEDIA_ORIGIN}".rstrip()
    return (
        "default-src 'none'; script-src 'self' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; font-src 'self'; connect-src 'self'; "
        f"img-src {photos}; form-action {forms}; base-uri 'none'; object-src 'none'; "
        "frame-ancestors 'none'"
    )


class AnswerHeadersMiddleware:
    """Put the headers on, and refuse TRACE, which would echo them back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "TRACE":
            problem = Problem(status=405, code="method_not_allowed")
            response: HttpResponse = problem_response(request, problem)
        else:
            response = self.get_response(request)
        for name, value in self._headers(request).items():
            response.headers.setdefault(name, value)
        return response

    def _headers(self, request: HttpRequest) -> dict[str, str]:
        return {
            CSP: admin_policy() if _is_admin(request) else NOTHING,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
            "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        }


def _is_admin(request: HttpRequest) -> bool:
    try:
        return face(request) == "admin"
    except DisallowedHost:
        return False


def with_policy(
    view: Callable[..., HttpResponseBase], policy: str
) -> Callable[..., HttpResponseBase]:
    """Return the view with a policy of its own."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers[CSP] = policy
        return response

    return answer
