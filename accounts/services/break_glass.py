"""The way into the admin while Cloudflare is down: a link, once, for a few minutes.

The window is a setting of the one process that serves it; see docs/operations.md.
"""

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import BreakGlassLink, StaffIdentity, User
from accounts.services import staff, staff_audit
from accounts.services.staff_audit import Person, Trace
from karima.errors import Forbidden, Invalid

logger = logging.getLogger(__name__)

LINK_LIFETIME = timedelta(minutes=10)
# What the audit shows as the account: there is no token of Access.
SUBJECT = "break-glass"


class WindowClosed(Forbidden):
    code = "break_glass_closed"
    detail = "Pintu darurat sedang tertutup."


class LinkInvalid(Forbidden):
    """The link is unknown, used, too old, or its person is no longer staff."""

    code = "break_glass_link_invalid"
    detail = "Tautan darurat ini tidak berlaku lagi."


class ReasonMissing(Invalid):
    code = "break_glass_reason_missing"
    detail = "Alasan membuka pintu darurat wajib diisi."


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link just made. `secret` is known here and to its reader only."""

    secret: str
    expires_at: datetime


def window_ends_at() -> datetime:
    """Return when the window closes. Raises `WindowClosed` when it is not open."""
    ends_at: datetime | None = settings.ACCESS_BREAKGLASS_UNTIL
    if ends_at is None or ends_at <= timezone.now():
        raise WindowClosed
    return ends_at


def open_link(email: str, *, reason: str) -> Link:
    """Make a link for an active member of staff, valid once and ten minutes at most.

    Opens its own transaction. Raises `WindowClosed`, `ReasonMissing` and
    `StaffUnknown`.
    """
    expires_at = min(window_ends_at(), timezone.now() + LINK_LIFETIME)
    if not reason.strip():
        raise ReasonMissing
    secret = secrets.token_urlsafe(32)
    with transaction.atomic(durable=True):
        row = staff.active_row(email)
        BreakGlassLink.objects.create(
            staff=row,
            secret_hash=_hash(secret),
            reason=reason.strip()[:200],
            expires_at=expires_at,
        )
        _record(row, reason=f"link: {reason.strip()}")
    logger.error("break_glass_link_made", extra={"user_id": str(row.user_id)})
    return Link(secret=secret, expires_at=expires_at)


def redeem(secret: str, *, trace: Trace) -> User:
    """Use the link up and return the member of staff whom it lets in.

    Opens its own transaction. Raises `WindowClosed` and `LinkInvalid`.
    """
    window_ends_at()
    with transaction.atomic(durable=True):
        link = _usable_link(secret)
        link.used_at = timezone.now()
        link.save(update_fields=["used_at"])
        _record(link.staff, trace=trace, reason=f"used: {link.reason}")
    logger.error("break_glass_used", extra={"user_id": str(link.staff.user_id)})
    return link.staff.user


def _usable_link(secret: str) -> BreakGlassLink:
    """Return the link, locked. Two who click at once take turns, and one gets in."""
    links = BreakGlassLink.objects.select_for_update(of=("self",))
    try:
        return links.select_related("staff__user").get(
            secret_hash=_hash(secret),
            used_at=None,
            expires_at__gt=timezone.now(),
            staff__is_active=True,
            staff__user__is_active=True,
            staff__user__is_staff=True,
        )
    except BreakGlassLink.DoesNotExist:
        raise LinkInvalid from None


def _record(
    row: StaffIdentity, *, reason: str, trace: Trace = staff_audit.NO_REQUEST
) -> None:
    person = Person(email=row.email, subject=SUBJECT, user=row.user)
    staff_audit.record(
        staff_audit.Action.BREAKGLASS, person=person, trace=trace, reason=reason
    )


def _hash(secret: str) -> str:
    """Return the secret's hash: it has 256 random bits, so a fast one serves."""
    return hashlib.sha256(secret.encode()).hexdigest()
