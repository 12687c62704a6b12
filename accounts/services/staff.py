"""Which Access identity is which member of staff.

Nobody becomes staff by signing in.
"""

import logging
import unicodedata
from collections.abc import Sequence

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from accounts.clients import cloudflare_access
from accounts.clients.cloudflare_access import AccessIdentity
from accounts.models import StaffIdentity, User
from karima.errors import Conflict, Forbidden, NotFound

logger = logging.getLogger(__name__)


class NotStaff(Forbidden):
    """Access let the person in, but the shop does not know them as active staff."""

    code = "not_staff"


class SubjectMismatch(NotStaff):
    """The e-mail is staff's, but another Access account holds it now."""

    code = "sub_mismatch"


class StaffExists(Conflict):
    code = "staff_exists"
    detail = "A member of staff with this e-mail exists already."


class GroupUnknown(NotFound):
    code = "group_unknown"
    detail = "There is no such group."


def admit(token: str) -> User:
    """Return the member of staff whom the Access token names.

    Opens its own transaction for the first sign-in, which binds the subject. Raises
    `AccessDenied`, `AccessUnavailable`, `NotStaff` and `SubjectMismatch`.
    """
    return staff_of(cloudflare_access.verify(token))


def staff_of(identity: AccessIdentity) -> User:
    """Return the active member of staff with this e-mail and subject."""
    try:
        row = StaffIdentity.objects.select_related("user").get(
            email__iexact=normal_email(identity.email),
            is_active=True,
            user__is_active=True,
            user__is_staff=True,
        )
    except StaffIdentity.DoesNotExist:
        raise NotStaff from None
    if row.access_sub is None:
        _bind(row, identity.subject)
    elif row.access_sub != identity.subject:
        logger.error("staff_subject_mismatch", extra={"user_id": str(row.user_id)})
        raise SubjectMismatch
    return row.user


def _bind(row: StaffIdentity, subject: str) -> None:
    """Bind the subject at the first sign-in, unless another request just did."""
    unbound = StaffIdentity.objects.filter(pk=row.pk, access_sub=None)
    try:
        with transaction.atomic(durable=True):
            unbound.update(access_sub=subject)
    except IntegrityError:
        # The subject is already somebody else's.
        raise SubjectMismatch from None
    row.refresh_from_db(fields=["access_sub"])
    if row.access_sub != subject:
        raise SubjectMismatch
    logger.info("staff_bound", extra={"user_id": str(row.user_id)})


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
