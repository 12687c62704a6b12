"""Put the right person on the request, and write down what staff and programs do."""

from accounts.middleware.break_glass import BreakGlassMiddleware
from accounts.middleware.customers import (
    Credential,
    KratosSessionMiddleware,
    Visitor,
    credential_of,
    visitor_of,
)
from accounts.middleware.programs import ProgramAuditMiddleware
from accounts.middleware.staff import CloudflareAccessMiddleware

__all__ = [
    "BreakGlassMiddleware",
    "CloudflareAccessMiddleware",
    "Credential",
    "KratosSessionMiddleware",
    "ProgramAuditMiddleware",
    "Visitor",
    "credential_of",
    "visitor_of",
]
