"""From an identity of Kratos to the customer of the shop."""

import logging
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.clients.kratos import Identity
from accounts.models import User
from karima.errors import Forbidden

logger = logging.getLogger(__name__)

# Staff have a schema of their own, which must not open the shop as a customer.
CUSTOMER_SCHEMAS = frozenset({"customer"})


class AccountInactive(Forbidden):
    """The person is known and switched off here, whatever Kratos says."""

    code = "account_inactive"
    title = "Account inactive"
    detail = "Akun Anda tidak aktif. Silakan hubungi layanan pelanggan kami."


def lock_active(customer: User) -> None:
    """Let one request at a time change what belongs to a customer who is not closed.

    Must run in a transaction, before any other lock. Raises `AccountInactive`.
    """
    rows = User.objects.select_for_update(no_key=True)
    if not rows.filter(pk=customer.pk, is_active=True).exists():
        raise AccountInactive()


def sync_user(identity: Identity) -> User:
    """Return the user of the identity, made now if new, with its current details.

    Joined on the identity's id alone: the same e-mail under another id is another
    person. Two first requests at once make one user. An identity never switches a
    user on again who was switched off here, nor brings back what was erased.
    """
    details: dict[str, Any] = {
        "email": identity.email,
        "email_verified": identity.email_verified,
        "full_name": identity.full_name,
        "phone": identity.phone,
    }
    user, is_new = User.objects.get_or_create(
        kratos_identity_id=identity.id,
        defaults={
            **details,
            "username": f"kratos:{identity.id}",
            "password": make_password(None),
        },
    )
    if is_new:
        _warn_of_shared_email(user)
    elif user.is_active:
        _update(user, details)
    return user


def _update(user: User, details: dict[str, Any]) -> None:
    changed = {
        name: value for name, value in details.items() if getattr(user, name) != value
    }
    if not changed:
        return
    # Guarded: the account may be closed and erased since the row was read.
    active = User.objects.filter(pk=user.pk, is_active=True)
    if not active.update(**changed, updated_at=timezone.now()):
        user.refresh_from_db()
        return
    for name, value in changed.items():
        setattr(user, name, value)
    if "email" in changed:
        _warn_of_shared_email(user)


def _warn_of_shared_email(user: User) -> None:
    """Log that another person had this address; nothing of theirs is carried over.

    Kratos frees an address when its identity is deleted or changes it.
    """
    if not user.email:
        return
    others = User.objects.filter(email__iexact=user.email).exclude(pk=user.pk)
    known = [str(pk) for pk in others.values_list("pk", flat=True)[:10]]
    if known:
        fields = {"user_id": str(user.pk), "other_user_ids": known}
        logger.warning("email_of_another_user", extra=fields)
