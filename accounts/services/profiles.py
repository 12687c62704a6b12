"""A customer's name and telephone, which Kratos owns and the shop copies."""

from typing import Any

from accounts.clients import kratos_admin
from accounts.clients.kratos_admin import IdentityGone
from accounts.models import User
from accounts.services import customers, session_cache


def change_profile(
    user: User, *, full_name: str | None = None, phone: str | None = None
) -> User:
    """Change the details that are given and return the customer as they are now.

    `phone` is E.164, or empty to take it away. Kratos is told first, since it owns
    them; the copy follows from what it answers. Opens its own transaction. Raises
    `IdentityGone`, `TraitsRefused` and `KratosUnavailable`.
    """
    operations: list[dict[str, Any]] = []
    if full_name is not None:
        operations += _name_operations(full_name)
    if phone is not None:
        operations += _phone_operations(phone)
    if not operations:
        return user
    if user.kratos_identity_id is None:
        raise IdentityGone()
    identity = kratos_admin.change_identity(
        user.kratos_identity_id, operations=operations
    )
    session_cache.forget_identity(identity.id)
    return customers.sync_user(identity)


def _name_operations(full_name: str) -> list[dict[str, Any]]:
    """Split after the first word: many Indonesians have one name, and no surname."""
    first, _, last = full_name.partition(" ")
    name = {"first": first, "last": last}
    return [{"op": "add", "path": "/traits/name", "value": name}]


def _phone_operations(phone: str) -> list[dict[str, Any]]:
    set_phone = {"op": "add", "path": "/traits/phone", "value": phone}
    if phone:
        return [set_phone]
    # Removing what is not there is an error in a JSON patch, so it is put there first.
    return [set_phone, {"op": "remove", "path": "/traits/phone"}]
