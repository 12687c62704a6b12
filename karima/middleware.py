"""The first things every request meets: an identifier, a log line, a face."""

import logging
import time
from collections.abc import Callable
from typing import Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject, empty

from karima import request_id
from karima.client_address import client_address

logger = logging.getLogger("karima.request")

GetResponse = Callable[[HttpRequest], HttpResponse]
Face = Literal["api", "admin", "auth"]

# Hosts on which development shows all three faces at once.
SHARED_HOSTS = frozenset({"127.0.0.1", "localhost", "testserver"})
SLASHLESS = ("/api/", "/health/")
VERSIONED = "/api/v1/"
API_PATHS = ("/api", "/health", "/swagger")


class RequestIDMiddleware:
    """Give the request an identifier and send it back, so that support can find it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        identifier = request_id.begin(request.headers.get(request_id.HEADER, ""))
        try:
            response = self.get_response(request)
        finally:
            request_id.end()
        response[request_id.HEADER] = identifier
        return response


class RequestLogMiddleware:
    """Write one line per request, without path values, query, headers or bodies."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.monotonic()
        response = self.get_response(request)
        fields = {
            "method": request.method,
            "route": _route(request),
            "status": response.status_code,
            "ms": round((time.monotonic() - started) * 1000),
            "user_id": _known_user_id(request),
            "ip": client_address(request),
        }
        logger.info("request", extra=fields)
        return response


class HostURLConfMiddleware:
    """Choose the URL map by host name: the admin does not exist on the API host."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = host_name(request)
        if settings.APP_ENV == "development" and host in SHARED_HOSTS:
            request.urlconf = "karima.urls.dev"
        else:
            request.urlconf = f"karima.urls.{_face_of_host(host)}"
        return self.get_response(request)


class TrailingSlashMiddleware:
    """Serve API paths with and without a trailing slash, and redirect neither.

    Payment gateways treat a redirect as a failed delivery.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path.endswith("/") and path.startswith(SLASHLESS):
            request.path_info = path[:-1]
        return self.get_response(request)


class NoStoreMiddleware:
    """Have nobody keep an answer of the API that does not say how long it holds."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith(VERSIONED):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.route if match else ""


def _known_user_id(request: HttpRequest) -> str | None:
    """Return the user's id if the request has asked for the user, without asking."""
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject) and user.__dict__["_wrapped"] is empty:
        return None
    identifier = getattr(user, "pk", None)
    return None if identifier is None else str(identifier)


def host_name(request: HttpRequest) -> str:
    """Return the host asked for in lower case, without port and trailing dot."""
    host = request.get_host()
    if not host.endswith("]"):
        host = host.rpartition(":")[0] if ":" in host else host
    return host.lower().rstrip(".")


def face(request: HttpRequest) -> Face:
    """Return which of the three faces of the shop the request looks at."""
    host = host_name(request)
    if settings.APP_ENV == "development" and host in SHARED_HOSTS:
        return _face_of_path(request.path_info)
    return _face_of_host(host)


def _face_of_host(host: str) -> Face:
    if host in settings.ADMIN_HOSTS:
        return "admin"
    if host in settings.AUTH_HOSTS:
        return "auth"
    return "api"


def _face_of_path(path: str) -> Face:
    if path == "/admin" or path.startswith("/admin/"):
        return "admin"
    return "api" if path.startswith(API_PATHS) else "auth"
