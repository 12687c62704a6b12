"""Errors that the shop's rules raise; `karima.api` turns them into problem+json.

A rule raises a subclass named for the fact (`OutOfStock`), declared in the module of
the rule. The kind it derives from decides the HTTP status, `code` is the stable word
that clients may test, and `detail` is an Indonesian sentence for the customer.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class StoreError(Exception):
    """Base of every expected refusal. Never raise it directly; use a kind below."""

    status: int = 500
    code: str = "error"
    title: str = "Error"
    detail: str = "Terjadi kesalahan."

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        retry_after_seconds: int | None = None,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        """Keep the facts of the refusal.

        `errors` are rows of `{field, code, message}`; `headers` go with the response;
        `extra` becomes further members of the problem document (RFC 9457, section 3.2).
        """
        if detail:
            self.detail = detail
        self.errors = list(errors)
        self.retry_after_seconds = retry_after_seconds
        self.headers = dict(headers or {})
        self.extra = extra
        super().__init__(self.detail)


class Invalid(StoreError):
    status = 400
    code = "invalid"
    title = "Invalid request"


class Forbidden(StoreError):
    status = 403
    code = "forbidden"
    title = "Forbidden"


class NotFound(StoreError):
    status = 404
    code = "not_found"
    title = "Not found"
    detail = "Data tidak ditemukan."


class Conflict(StoreError):
    status = 409
    code = "conflict"
    title = "Conflict"


class Unprocessable(StoreError):
    status = 422
    code = "unprocessable"
    title = "Unprocessable request"


class Unavailable(StoreError):
    """Something the shop depends on does not answer; the caller may try again."""

    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"
    detail = "Layanan sedang tidak tersedia. Silakan coba beberapa saat lagi."
