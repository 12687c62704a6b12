"""What Django answers outside of DRF: problems on the API, short pages elsewhere."""

from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_exempt

from karima import request_id
from karima.middleware import face
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
    500: "Terjadi kesalahan",
    503: "Sedang tidak tersedia",
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _answer(request, Problem(status=413, code="body_too_large"))
    return _answer(request, Problem(status=400, code="bad_request"))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, Problem(status=403, code="forbidden"))


@csrf_exempt
def not_found(
    request: HttpRequest, exception: Exception | None = None, **rest: str
) -> HttpResponse:
    """Answer 404; also the last route of the API map, so debug mode is no different."""
    return _answer(request, Problem(status=404, code="not_found"))


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(request, Problem(status=500, code="server_error"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a failed CSRF check. The reason is for the log, not for the visitor."""
    return forbidden(request, PermissionError(reason))


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


def _answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    if _is_api(request):
        return problem_response(request, problem)
    return html_page(problem)


def _is_api(request: HttpRequest) -> bool:
    try:
        return face(request) == "api"
    except DisallowedHost:
        return True
