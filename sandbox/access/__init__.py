"""A stand-in for Cloudflare Access: issuer, sign-in page and proxy."""

from sandbox.access.issuer import AUD, ISSUER, SigningKey, new_key
from sandbox.access.people import STAFF, subject_of
from sandbox.access.server import Access, run_access

__all__ = [
    "AUD",
    "ISSUER",
    "STAFF",
    "Access",
    "SigningKey",
    "new_key",
    "run_access",
    "subject_of",
]
