"""Which Access identity is which member of staff.

Nobody becomes staff by signing in.
"""

import logging
import unicodedata
from collections.abc import Sequence

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from accounts.clients.cloudflare_access import AccessIdentity
from accounts.models import StaffIdentity, User
from accounts.services import staff_audit
from accounts.services.staff_audit import Person
from karima.errors import Conflict, Forbidden, NotFound

logger = logging.getLogger(__name__)


class NotStaff(Forbidden):
    """Access let the person in, but the shop does not know them as active staff."""

    code = "not_staff"


class SubjectMismatch(NotStaff):
    """The e-mail is staff's, but another Access account holds it now."""

    code = "sub_mismatch"


class StaffUnknown(NotFound):
    code = "staff_unknown"
    detail = "There is no active member of staff with this e-mail."


class StaffExists(Conflict):
    code = "staff_exists"
    detail = "A member of staff with this e-mail exists already."


class GroupUnknown(NotFound):
    code = "group_unknown"
    detail = "There is no such group."


def staff_of(identity: AccessIdentity) -> User:
    """Return the active member of staff with this e-mail and subject.

    Opens its own transaction for the first sign-in, which binds the subject. Raises
    `NotStaff` and `SubjectMismatch`.
    """
    try:
        row = active_row(identity.email)
    except StaffUnknown:
        raise NotStaff from None
    if row.access_sub is None:
        _bind(row, identity.subject)
    elif row.access_sub != identity.subject:
        raise _mismatch(row)
    return row.user


def active_row(email: str) -> StaffIdentity:
    """Return the row of an active member of staff. Raises `StaffUnknown`.

    The address is compared exactly: PostgreSQL's UPPER makes an I of a dotless i, which
    would let one mailbox pass for another.
    """
    try:
        return StaffIdentity.objects.select_related("user").get(
            email=normal_email(email),
            is_active=True,
            user__is_active=True,
            user__is_staff=True,
        )
    except StaffIdentity.DoesNotExist:
        raise StaffUnknown from None


def _bind(row: StaffIdentity, subject: str) -> None:
    """Bind the subject at the first sign-in, unless another request just did."""
    if subject == row.former_sub:
        raise _mismatch(row)
    unbound = StaffIdentity.objects.filter(pk=row.pk, access_sub=None)
    try:
        with transaction.atomic(durable=True):
            unbound.update(access_sub=subject)
    except IntegrityError:
        # The subject is already somebody else's.
        raise _mismatch(row) from None
    row.refresh_from_db(fields=["access_sub"])
    if row.access_sub != subject:
        raise _mismatch(row)
    logger.info("staff_bound", extra={"user_id": str(row.user_id)})


def _mismatch(row: StaffIdentity) -> SubjectMismatch:
    """Return the refusal, with an alert: somebody else may hold the mailbox now."""
    logger.error("staff_subject_mismatch", extra={"user_id": str(row.user_id)})
    return SubjectMismatch()


def rebind(email: str, *, reason: str = "") -> StaffIdentity:
    """Let the next Access account with this e-mail take the place of the bound one.

    The account that is let go is refused from now on, since its token may be valid for
    hours yet; a second call, before anybody has signed in, forgets that as well. Opens
    its own transaction. Raises `StaffUnknown`.
    """
    with transaction.atomic(durable=True):
        pk = active_row(email).pk
        row = StaffIdentity.objects.select_for_update().get(pk=pk)
        person = Person(email=row.email, subject=row.access_sub or "", user=row.user)
        row.former_sub = row.access_sub or ""
        row.access_sub = None
        row.save(update_fields=["former_sub", "access_sub"])
        staff_audit.record(staff_audit.Action.REBIND, person=person, reason=reason)
    logger.warning("staff_rebound", extra={"user_id": str(row.user_id)})
    return row


def normal_email(email: str) -> str:
    """Return the address in the one form in which staff are looked up."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def add_staff(email: str, *, full_name: str = "", groups: Sequence[str] = ()) -> User:
    """Make a member of staff who may sign in through Access with this e-mail.

    Opens its own transaction. Raises `StaffExists` and `GroupUnknown`.
    """
    address = normal_email(email)
    with transaction.atomic(durable=True):
        if StaffIdentity.objects.filter(email__iexact=address).exists():
            raise StaffExists
        user = User.objects.create(
            username=f"staff:{address}"[:150],
            password=make_password(None),
            email=address,
            email_verified=True,
            full_name=full_name,
            is_staff=True,
        )
        user.groups.set(_groups(groups))
        StaffIdentity.objects.create(user=user, email=address)
    return user


def _groups(names: Sequence[str]) -> list[Group]:
    found = list(Group.objects.filter(name__in=names))
    missing = sorted(set(names) - {group.name for group in found})
    if missing:
        raise GroupUnknown(f"There is no group {', '.join(missing)}.")
    return found
