"""Count every request by the name of its route, and let Prometheus in by any name."""

import time

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from karima import metrics
from karima.middleware import GetResponse

PATHS = ("/internal/metrics", "/metrics")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# The label of all that no route answers: strangers make up as many paths as they like.
UNKNOWN = "unknown"
NOT_FOUND = "karima.error_pages.not_found"


class MetricsMiddleware:
    """Count and time every request. The outermost, so that nothing escapes it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        metrics.serving(settings.APP_VERSION)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "GET" and request.path_info in PATHS:
            # Prometheus calls a container by its name or address, which is no host of
            # the shop. The page says the same under every name.
            request.META["HTTP_HOST"] = "127.0.0.1"
        started = time.perf_counter()
        with metrics.HTTP_IN_FLIGHT.track_inprogress():
            response = self.get_response(request)
        metrics.request_answered(
            route=route_of(request),
            method=request.method if request.method in METHODS else "other",
            status=response.status_code,
            seconds=time.perf_counter() - started,
        )
        note_pool()
        return response


def route_of(request: HttpRequest) -> str:
    """Return the name of the route that answered, never anything of the path."""
    match = request.resolver_match
    if match is None:
        is_file = request.path_info.startswith(settings.STATIC_URL)
        return "static" if is_file else UNKNOWN
    return UNKNOWN if match.view_name == NOT_FOUND else match.view_name


def note_pool() -> None:
    """Note how many wait for a connection, where there is a pool."""
    if "pool" not in connection.settings_dict["OPTIONS"]:
        return
    pool = connection.pool  # type: ignore[attr-defined]  # PostgreSQL's alone has one
    stats = pool.pop_stats()
    waiting, timeouts = (
        stats.get("requests_waiting", 0),
        stats.get("requests_errors", 0),
    )
    metrics.pool_stands(waiting=waiting, timeouts=timeouts)
