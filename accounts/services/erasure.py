"""Take a customer out of the accounts. Each function is safe to repeat.

The row of the user stays as a number without a person: orders and the proof of erasure
hang on it, and the identity's id on it keeps a late session from making it anew.
"""

from django.db import transaction
from django.utils import timezone

from accounts.clients import kratos_admin
from accounts.models import Address, Consent, HandoffCode, PrivacyRequest, User
from accounts.services import groups, session_cache

ERASED_NAME = "Pengguna dihapus"


def deactivate(customer: User) -> None:
    """Shut the account here, whatever Kratos says of its sessions."""
    User.objects.filter(pk=customer.pk).update(is_active=False)


def forget_sessions(customer: User) -> None:
    """Drop what is remembered of the customer's sessions."""
    if customer.kratos_identity_id:
        session_cache.forget_identity(customer.kratos_identity_id)


def delete_belongings(customer: User) -> None:
    """Delete addresses and codes, empty applications, take IP addresses off consents.

    Opens its own transaction.
    """
    with transaction.atomic(durable=True):
        Address.objects.filter(customer=customer).delete()
        HandoffCode.objects.filter(user=customer).delete()
        groups.forget_applicant(customer)
        Consent.objects.filter(customer=customer).exclude(ip=None).update(ip=None)


def call_off_exports(customer: User) -> list[PrivacyRequest]:
    """End every copy of the customer's data; return them, for their files to go."""
    exports = PrivacyRequest.objects.filter(
        customer=customer, kind=PrivacyRequest.Kind.EXPORT
    )
    exports.update(state=PrivacyRequest.State.EXPIRED, step="")
    return list(exports)


def anonymise(customer: User) -> None:
    """Leave of the user a number without a person."""
    User.objects.filter(pk=customer.pk, erased_at=None).update(
        email="",
        email_verified=False,
        full_name=ERASED_NAME,
        phone="",
        is_active=False,
        erased_at=timezone.now(),
    )


def delete_identity(customer: User) -> None:
    """Have Kratos forget the person. Must run outside any transaction.

    Raises `KratosUnavailable`; then it is to be tried again.
    """
    if customer.kratos_identity_id:
        kratos_admin.delete_sessions(customer.kratos_identity_id)
        kratos_admin.delete_identity(customer.kratos_identity_id)
        forget_sessions(customer)
