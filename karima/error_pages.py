"""What Django answers outside of DRF: problems on the API, short pages elsewhere."""

import sys

from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_exempt

from karima import metrics, request_id
from karima.errors import StoreError
from karima.middleware import GetResponse, face
from karima.problems import DETAILS, Problem, problem_response

# Kept here, not in a template file: it must work when templates do not.
PAGE = """<!doctype html>
<html lang="id"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title></head>
<body><h1>{title}</h1><p>{detail}</p>{more}<p><small>{request_id}</small></p></body></html>
"""

TITLES = {
    400: "Permintaan tidak sah",
    403: "Akses ditolak",
    404: "Halaman tidak ditemukan",
    413: "Permintaan terlalu besar",
    429: "Terlalu banyak permintaan",
    500: "Terjadi kesalahan",
    503: "Sedang tidak tersedia",
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return refusal_response(request, Problem(status=413, code="body_too_large"))
    return refusal_response(request, Problem(status=400, code="bad_request"))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refusal_response(request, Problem(status=403, code="forbidden"))


@csrf_exempt
def not_found(
    request: HttpRequest, exception: Exception | None = None, **rest: str
) -> HttpResponse:
    """Answer 404; also the last route of the API map, so debug mode is no different."""
    return refusal_response(request, Problem(status=404, code="not_found"))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours. An outage met outside of a view ends here as well."""
    outage = _expected(sys.exc_info()[1])
    fault = Problem(status=500, code="server_error")
    return refusal_response(request, outage or fault)


def _expected(exception: BaseException | None) -> Problem | None:
    """Return what to say of a rule's refusal or of an outage, else None."""
    if isinstance(exception, StoreError):
        return Problem.from_error(exception)
    if isinstance(exception, OperationalError | InterfaceError):
        return Problem.from_outage(exception)
    return None


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a failed CSRF check. The reason is for the log, not for the visitor."""
    metrics.csrf_refused("token")
    return forbidden(request, PermissionError(reason))


class StoreErrorMiddleware:
    """Answer a rule's refusal in a view of Django's own; DRF answers its views'.

    So an outage of Kratos or of the database is a calm 503 on every page.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        problem = _expected(exception)
        return refusal_response(request, problem) if problem else None


def html_page(problem: Problem, *, more: str = "") -> HttpResponse:
    """Return a short page that says what happened. `more` is safe HTML of our own."""
    page = format_html(
        PAGE,
        title=TITLES.get(problem.status, problem.title),
        detail=problem.detail or DETAILS[problem.code],
        more=more,
        request_id=request_id.current(),
    )
    response = HttpResponse(page, status=problem.status, headers=dict(problem.headers))
    response["Cache-Control"] = "no-store"
    return response


def refusal_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return the refusal as the visitor can read it: a document, or a page."""
    if _is_api(request):
        return problem_response(request, problem)
    return html_page(problem)


def _is_api(request: HttpRequest) -> bool:
    try:
        return face(request) == "api"
    except DisallowedHost:
        return True
