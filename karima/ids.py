"""Identifiers that outsiders see."""

import secrets
import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

import uuid_utils.compat
from django.utils import timezone

WIB = ZoneInfo("Asia/Jakarta")

# Crockford's base 32 leaves out I, L, O and U, which people misread or misspell.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def uuid7() -> uuid.UUID:
    """Return a time-ordered UUID (RFC 9562, version 7).

    Made here because PostgreSQL has `uuidv7()` only from version 18.
    """
    return uuid_utils.compat.uuid7()


def order_number(now: datetime | None = None) -> str:
    """Return `KRM-yymmdd-XXXXXX`: the WIB date and 30 random bits.

    Not enumerable, speakable, and of fixed width, which the gateway's undelimited
    signature needs. The caller retries on the rare collision.
    """
    day = (now or timezone.now()).astimezone(WIB).strftime("%y%m%d")
    tail = "".join(secrets.choice(CROCKFORD) for _ in range(6))
    return f"KRM-{day}-{tail}"
