"""The record of what the staff do at the admin, and of who was turned away."""

import logging
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, transaction

from accounts.models import StaffAuditEntry, User

logger = logging.getLogger(__name__)

Action = StaffAuditEntry.Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who acted: the row of the staff if there is one, and what Access said."""

    email: str
    subject: str = ""
    user: User | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Where an action came from and what it was about; empty outside a request."""

    method: str = ""
    path: str = ""
    object: str = ""
    ip: str = ""
    cf_ray: str = ""
    request_id: str = ""
    status: int | None = None


NO_REQUEST = Trace()


def record(
    action: Action, *, person: Person, trace: Trace = NO_REQUEST, reason: str = ""
) -> None:
    """Write one entry. `reason` is why somebody was refused, or why an action was due.

    Must run in a transaction, that of what it records, or open one around it.
    """
    StaffAuditEntry.objects.create(
        action=action,
        actor=person.user,
        email=_kept(person.email, 254),
        subject=_kept(person.subject, 255),
        reason=_kept(reason, 200),
        method=_kept(trace.method, 10),
        path=_kept(trace.path, 200),
        object=_kept(trace.object, 200),
        status=trace.status,
        ip=trace.ip or None,
        cf_ray=_kept(trace.cf_ray, 40),
        request_id=_kept(trace.request_id, 64),
    )


def record_request(
    action: Action, *, person: Person, trace: Trace, reason: str = ""
) -> None:
    """Write one entry about a request that has been decided, whatever happens.

    Opens its own transaction. A database that does not take the entry is an alert in
    the log and never an answer to the person, whose request is over.
    """
    try:
        with transaction.atomic(durable=True):
            record(action, person=person, trace=trace, reason=reason)
    except (DatabaseError, InterfaceError):
        logger.exception("staff_audit_failed", extra={"code": str(action)})


def _kept(text: str, length: int) -> str:
    """Return what PostgreSQL stores of a text: no NUL, no more than the column."""
    return text.replace("\x00", "")[:length]
