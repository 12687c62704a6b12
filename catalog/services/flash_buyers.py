"""Who a buyer is to the limits of a flash sale, without keeping who that is."""

from collections.abc import Sequence

from django.utils.crypto import salted_hmac

from accounts.models import User


def customer_key(user: User | None) -> str:
    """Return the key of a signed-in customer; empty for a guest."""
    return f"customer:{user.pk}" if user else ""


def phone_key(phone: str) -> str:
    """Return the key of a contact's phone in E.164: a keyed hash, not the number."""
    if not phone:
        return ""
    digest = salted_hmac("karima.flash-sale", phone, algorithm="sha256").hexdigest()
    return f"phone:{digest}"


def buyer_keys(user: User | None, phone: str) -> Sequence[str]:
    """Return the keys under which a buyer is counted: account and phone, each.

    A second account with the same phone is the same buyer, and so is a guest.
    """
    return sorted(key for key in (customer_key(user), phone_key(phone)) if key)
