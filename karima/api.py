"""What every API view shares: errors as problem documents, pages, the public view."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.pagination import BasePagination
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from karima.errors import StoreError
from karima.problems import DETAILS, Problem, problem_response

# DRF's words for facts that have a published code of their own.
CODES = {
    "permission_denied": "forbidden",
    "throttled": "rate_limited",
    "parse_error": "malformed_json",
    "error": "server_error",
}

STATUS_OF_PARSE_ERROR = {"body_too_large": 413}


class PublicView(APIView):
    """A view that never asks who calls, so a bad token or an outage cannot stop it."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


def exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Return the problem for an expected refusal, or None for a fault of ours.

    A fault goes on to Django, which logs it with its traceback and answers 500.
    """
    problem = problem_of(exc)
    if problem is None:
        return None
    return problem_response(context["request"], problem)


def problem_of(exc: Exception) -> Problem | None:
    """Return the problem that an exception stands for, if it is an expected one."""
    if isinstance(exc, StoreError):
        return Problem.from_error(exc)
    if isinstance(exc, Http404):
        return Problem(status=404, code="not_found")
    if isinstance(exc, PermissionDenied):
        return Problem(status=403, code="forbidden")
    if isinstance(exc, exceptions.ValidationError):
        return Problem(status=400, code="invalid", errors=list(flatten(exc.detail)))
    if isinstance(exc, exceptions.APIException):
        return _problem_of_api_exception(exc)
    if isinstance(exc, OperationalError | InterfaceError):
        return Problem.from_outage(exc)
    return None


def _problem_of_api_exception(exc: exceptions.APIException) -> Problem:
    raw = exc.get_codes()
    code = CODES.get(raw, raw) if isinstance(raw, str) else "invalid"
    return Problem(
        status=STATUS_OF_PARSE_ERROR.get(code, exc.status_code),
        code=code,
        detail=DETAILS.get(code, str(exc.detail)),
        extra=getattr(exc, "extra", {}),
        headers=_headers_of(exc),
    )


def _headers_of(exc: exceptions.APIException) -> dict[str, str]:
    """Return what DRF's own handler would send: the challenge and the waiting time."""
    headers = {}
    challenge = getattr(exc, "auth_header", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    wait_seconds = getattr(exc, "wait", None)
    if wait_seconds:
        headers["Retry-After"] = str(int(wait_seconds))
    return headers


def flatten(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Yield `{field, code, message}` rows from DRF's nested error details.

    Nested fields are dotted (`items.0.quantity`); errors of a whole object carry the
    name of the object, and an empty name at the top.
    """
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = path if name == "non_field_errors" else _join(path, str(name))
            yield from flatten(inner, own)
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        for index, inner in enumerate(detail):
            is_message = isinstance(inner, str)
            yield from flatten(inner, path if is_message else _join(path, str(index)))
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield {"field": path, "code": code, "message": str(detail)}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


class PagePagination(BasePagination):
    """Pages by `page` and `limit`; a wrong value is refused, never replaced.

    The query must have an order that no two rows share, or pages would overlap. A page
    after the last one is empty.
    """

    default_limit = 20
    max_limit = 100
    # Far behind any page a person reads; keeps the offset inside a database integer.
    max_page = 10_000

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        if getattr(queryset, "ordered", True) is False:
            raise ValueError("a query without an order cannot be cut into pages")
        self.read(request)
        is_list = isinstance(queryset, list)
        self.total = len(queryset) if is_list else queryset.count()
        return list(queryset[self.start : self.stop]) if self.start < self.total else []

    def read(self, request: Request) -> None:
        """Take the page asked for from the query; the caller then sets `total`."""
        self.request = request
        self.number = _whole_number(request, "page", default=1, most=self.max_page)
        self.limit = _whole_number(
            request, "limit", default=self.default_limit, most=self.max_limit
        )
        self.start = (self.number - 1) * self.limit
        self.stop = self.start + self.limit

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "pagination": self.summary()})

    def summary(self) -> dict[str, Any]:
        """Return the `pagination` member for the page just cut."""
        pages = -(-self.total // self.limit)
        return {
            "page": self.number,
            "limit": self.limit,
            "total_items": self.total,
            "total_pages": pages,
            "next": self._link(self.number + 1) if self.number < pages else None,
            "previous": self._link(self.number - 1) if self.number > 1 else None,
        }

    def _link(self, number: int) -> str:
        url = self.request.build_absolute_uri()
        return str(replace_query_param(url, "page", number))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri", "example": None}
        count = {"type": "integer", "minimum": 0, "example": 1}
        most = self.max_limit
        pagination = {
            "page": {"type": "integer", "minimum": 1, "example": 1},
            "limit": {"type": "integer", "minimum": 1, "maximum": most, "example": 20},
            "total_items": count,
            "total_pages": count,
            "next": link,
            "previous": link,
        }
        return {
            "type": "object",
            "required": ["results", "pagination"],
            "properties": {
                "results": schema,
                "pagination": {
                    "type": "object",
                    "required": list(pagination),
                    "properties": pagination,
                },
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            _query_parameter("page", "Page number.", default=1, most=self.max_page),
            _query_parameter(
                "limit",
                "Rows in a page.",
                default=self.default_limit,
                most=self.max_limit,
            ),
        ]


def _whole_number(request: Request, name: str, *, default: int, most: int) -> int:
    given = request.query_params.get(name)
    if given is None:
        return default
    if given.isascii() and given.isdigit() and len(given) <= 6:
        number = int(given)
        if 1 <= number <= most:
            return number
    message = f"Isi dengan bilangan bulat dari 1 sampai {most}."
    raise exceptions.ValidationError(
        {name: [exceptions.ErrorDetail(message, code="out_of_range")]}
    )


def _query_parameter(
    name: str, description: str, *, default: int, most: int
) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": {
            "type": "integer",
            "minimum": 1,
            "maximum": most,
            "default": default,
        },
    }
