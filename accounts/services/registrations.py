"""Believe Kratos's word that an identity is new or has changed, after asking back."""

from uuid import UUID

from accounts.clients import kratos_admin
from accounts.services import customers, session_cache


def note(identity_id: UUID) -> None:
    """Bring the customer of the identity up to date; safe to repeat.

    The message is a hint: what counts is what the admin API says now. Nothing happens
    for an identity that is gone, switched off, or not a customer's. Opens its own
    transaction. Raises `KratosUnavailable`.
    """
    session_cache.forget_identity(identity_id)
    identity = kratos_admin.get_identity(identity_id)
    if identity is None or not identity.is_active:
        return
    if identity.schema_id in customers.CUSTOMER_SCHEMAS:
        customers.sync_user(identity)
