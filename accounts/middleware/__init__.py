"""Put the right person on the request: a customer on the API, staff on the admin."""

from accounts.middleware.break_glass import BreakGlassMiddleware
from accounts.middleware.customers import (
    Credential,
    KratosSessionMiddleware,
    Visitor,
    credential_of,
    visitor_of,
)
from accounts.middleware.staff import CloudflareAccessMiddleware

__all__ = [
    "BreakGlassMiddleware",
    "CloudflareAccessMiddleware",
    "Credential",
    "KratosSessionMiddleware",
    "Visitor",
    "credential_of",
    "visitor_of",
]
