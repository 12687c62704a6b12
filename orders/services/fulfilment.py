"""What the staff do with a paid order, from the packing table to the last parcel.

Each function opens its own transaction and raises `OrderNotFound`, or
`IllegalTransition` when the order's state does not allow the step.
"""

from django.db import transaction

from accounts.models import User
from karima.errors import Conflict
from orders.services import transitions


class PaymentStillHeld(Conflict):
    code = "payment_still_held"
    title = "Payment still held"
    detail = "Kembalikan uangnya lebih dahulu, lalu batalkan pesanan ini."


def pack(number: str, *, actor: User) -> None:
    """Begin to pack a paid order. Raises `PaymentNotHeld`."""
    with transaction.atomic(durable=True):
        transitions.start_processing(transitions.lock_order(number), actor=actor)


def ship(number: str, *, courier: str, tracking_number: str, actor: User) -> None:
    """Hand a packed order to the courier.

    Raises `TrackingNumberRequired`, `TrackingNumberTaken` or `PaymentNotHeld` too.
    """
    with transaction.atomic(durable=True):
        transitions.ship(
            transitions.lock_order(number),
            courier=courier,
            tracking_number=tracking_number,
            actor=actor,
        )


def cancel(number: str, *, actor: User, note: str) -> None:
    """Cancel an order whose money is gone before the parcel left; release its stock.

    Raises `PaymentStillHeld` while the shop has the money.
    """
    with transaction.atomic(durable=True):
        order = transitions.lock_order(number)
        if order.payment_status not in transitions.LOST:
            raise PaymentStillHeld()
        transitions.cancel(order, actor=actor, note=note)


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
