"""Error bodies as Kratos's error library writes them."""

import json
from http import HTTPStatus
from typing import Any

from flask import Response, request

MALFORMED = "The request was malformed or contained invalid parameters"
NOT_FOUND = "Unable to locate the resource"
UNAUTHORIZED = "The request could not be authorized"
FORBIDDEN = "The requested action was forbidden"
INTERNAL = "An internal server error occurred, please contact the system administrator"


def error(
    status: int,
    *,
    message: str,
    reason: str = "",
    error_id: str = "",
    details: dict[str, Any] | None = None,
    beside: dict[str, Any] | None = None,
) -> Response:
    """Return an error answer. `beside` stands next to the error, not in it."""
    body: dict[str, Any] = {"id": error_id} if error_id else {}
    body |= {"code": status, "status": HTTPStatus(status).phrase}
    if request.headers.get("X-Request-ID"):
        body["request"] = request.headers["X-Request-ID"]
    if reason:
        body["reason"] = reason
    if details:
        body["details"] = details
    body["message"] = message
    return json_error(status, {"error": body, **(beside or {})})


def json_error(status: int, body: dict[str, Any]) -> Response:
    """Return a body with the content type of Kratos's errors."""
    return Response(json.dumps(body), status=status, content_type="application/json")


def not_found() -> Response:
    """Return the 404 of Kratos."""
    return error(404, message=NOT_FOUND)


def bad_request(reason: str, *, error_id: str = "") -> Response:
    """Return a 400 with its reason."""
    return error(400, message=MALFORMED, reason=reason, error_id=error_id)


class Refused(Exception):
    """The request ends here, with this answer or with the error page."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status)
        self.answer = answer
