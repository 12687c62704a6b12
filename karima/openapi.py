"""Finish the OpenAPI description: every operation can answer with a problem."""

from typing import Any

from django.conf import settings

PROBLEM = {
    "type": "object",
    "description": "A refusal (RFC 9457). Further members depend on `code`.",
    "required": [
        "type", "title", "status", "detail", "instance", "code", "errors", "request_id",
    ],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string", "description": "In English, for developers."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "In Indonesian, for customers."},
        "instance": {"type": "string", "description": "The path asked for."},
        "code": {"type": "string", "description": "Stable; test this one."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string", "description": "Dotted path."},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string"},
    },
    "examples": [
        {
            "type": "urn:karima:problem:not_found",
            "title": "Not Found",
            "status": 404,
            "detail": "Data tidak ditemukan.",
            "instance": "/api/v1/products/tidak-ada",
            "code": "not_found",
            "errors": [],
            "request_id": "5f0c9e0e7f1b4a52a1a7e3c2b8d4f6a0",
        }
    ],
}  # fmt: skip

RESPONSE = {
    "description": "A problem document.",
    "headers": {
        "X-Request-ID": {
            "description": "Name this to support.",
            "schema": {"type": "string"},
        },
        "Retry-After": {
            "description": "With 429 and 503: seconds until it may be sent again.",
            "schema": {"type": "integer", "minimum": 1},
        },
    },
    "content": {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    },
}

TOKEN_HELP = "A Kratos session token (`ory_st_...`)."  # noqa: S105 a text

SECURITY_SCHEMES = {
    "sessionBearer": {
        "type": "http",
        "scheme": "bearer",
        "description": TOKEN_HELP,
    },
    "sessionToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Session-Token",
        "description": TOKEN_HELP,
    },
    "sessionCookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": settings.KRATOS_COOKIE_NAME,
        "description": "Set by Kratos when the customer signs in with a browser.",
    },
    "cartToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Cart-Token",
        "description": "Names a guest's cart; returned when the cart is made.",
    },
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": (
            "`Api-Key krm_...`: the key of a program. Each operation names the scope "
            "that the key must have."
        ),
    },
}

METHODS = frozenset({"get", "put", "post", "delete", "patch"})


def add_problems(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Return the description with the problem as every operation's default answer.

    A post-processing hook of drf-spectacular. Answers of 4xx and 5xx that a view
    declares without a schema of their own become problems too.
    """
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["securitySchemes"] = SECURITY_SCHEMES
    components.setdefault("responses", {})["Problem"] = RESPONSE
    for path in result.get("paths", {}).values():
        for method, operation in path.items():
            if method in METHODS:
                _add_to(operation)
    return result


def _add_to(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    reference = {"$ref": "#/components/responses/Problem"}
    for status, response in responses.items():
        if status[0] in "45" and "content" not in response:
            responses[status] = reference
    responses["default"] = reference
