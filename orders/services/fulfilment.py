"""What the staff do with a paid order, from the packing table to the last parcel.

Each function opens its own transaction and raises `OrderNotFound`, or
`IllegalTransition` when the order's state does not allow the step.
"""

from django.db import transaction

from accounts.models import User
from orders.services import transitions


def pack(number: str, *, actor: User) -> None:
    """Begin to pack a paid order."""
    with transaction.atomic(durable=True):
        transitions.start_processing(transitions.lock_order(number), actor=actor)


def ship(number: str, *, courier: str, tracking_number: str, actor: User) -> None:
    """Hand a packed order to the courier.

    Raises `TrackingNumberRequired` or `TrackingNumberTaken` as well.
    """
    with transaction.atomic(durable=True):
        transitions.ship(
            transitions.lock_order(number),
            courier=courier,
            tracking_number=tracking_number,
            actor=actor,
        )


def deliver(number: str, *, actor: User) -> None:
    """Record that the parcel has arrived."""
    with transaction.atomic(durable=True):
        transitions.deliver(transitions.lock_order(number), actor=actor)


def complete(number: str, *, actor: User) -> None:
    """Close a delivered order."""
    with transaction.atomic(durable=True):
        transitions.complete(transitions.lock_order(number), actor=actor)


def take_back(number: str, *, actor: User, note: str) -> None:
    """Take a sent parcel back into stock; `note` tells why it came back."""
    with transaction.atomic(durable=True):
        order = transitions.lock_order(number)
        transitions.record_return(order, actor=actor, note=note)
