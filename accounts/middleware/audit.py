"""Write down what the staff do: each sign-in, sign-out and unsafe request."""

from django.http import HttpRequest, HttpResponse

from accounts.services import staff_audit
from accounts.services.staff_audit import Action, Person, Trace
from karima import request_id
from karima.client_address import client_address
from karima.cross_origin import SAFE_METHODS
from karima.middleware import GetResponse


def answer_and_record(
    get_response: GetResponse, request: HttpRequest, *, person: Person
) -> HttpResponse:
    """Return the answer to a member of staff, recorded if it may have changed a thing.

    Afterwards and in a transaction of its own, so that the entry knows the status and
    outlives a transaction that the page has rolled back.
    """
    response = get_response(request)
    record_write(request, response, person=person)
    return response


def record_write(
    request: HttpRequest, response: HttpResponse, *, person: Person
) -> None:
    """Write an entry about an unsafe request that was answered."""
    if request.method not in SAFE_METHODS:
        trace = trace_of(request, status=response.status_code)
        staff_audit.record_request(_action_of(request), person=person, trace=trace)


def _action_of(request: HttpRequest) -> Action:
    match = request.resolver_match
    is_logout = match is not None and match.view_name == "admin:logout"
    return Action.LOGOUT if is_logout else Action.WRITE


def trace_of(request: HttpRequest, *, status: int | None = None) -> Trace:
    """Return where the request came from and what it is about."""
    return Trace(
        method=request.method or "",
        path=request.path,
        object=_object_of(request),
        ip=client_address(request),
        cf_ray=request.headers.get("Cf-Ray", ""),
        request_id=request_id.current(),
        status=status,
    )


def _object_of(request: HttpRequest) -> str:
    """Return the page's name, the row it shows, and what was chosen on a list."""
    match = request.resolver_match
    if match is None:
        return ""
    parts = [match.url_name or "", *map(str, match.kwargs.values()), *_chosen(request)]
    return " ".join(parts)


def _chosen(request: HttpRequest) -> list[str]:
    """Return a list's action and its rows, if the page has read the form.

    Nothing is read here: the body may be too large, or gone.
    """
    form = request.__dict__.get("_post")
    if not form or "action" not in form:
        return []
    return [form["action"], *form.getlist("_selected_action")]
