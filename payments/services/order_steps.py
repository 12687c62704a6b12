"""Bring an order to the status that another program names."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import User
from karima.errors import Conflict
from orders.models import Order
from orders.services import fulfilment, transitions
from payments.services import expiry, refund_ledger, refunds

Status = Order.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The status that the order is to have, and what it takes to get there."""

    status: str
    courier: str = ""
    tracking_number: str = ""
    note: str = ""


class MoneyGoingBack(Conflict):
    """All of the order's money is promised to the customer; goods would be a gift."""

    code = "money_going_back"
    title = "Money going back"
    detail = "Semua uang pesanan ini sedang dikembalikan. Jangan kirim barangnya."


def bring_to(number: str, wanted: Wanted, *, actor: User) -> Order:
    """Take the step that leads to the status; one that is reached already is kept.

    So the same request may be sent again. Each step opens its own transaction. Raises
    `OrderNotFound`, and what the step raises in a state that does not allow it.
    """
    order = find(number)
    if not _is_reached(order, wanted):
        STEPS[wanted.status](order, wanted, actor)
    return find(number)


def find(number: str) -> Order:
    """Return anybody's order, with its shipment. Raises `OrderNotFound`."""
    found = Order.objects.select_related("shipment").filter(number=number).first()
    if found is None:
        raise transitions.OrderNotFound()
    return found


def ship(number: str, *, courier: str, tracking_number: str, actor: User) -> None:
    """Hand a packed order to the courier.

    Raises `MoneyGoingBack` too while a refund of all its money waits or is under way:
    the payment counts as paid until the money has gone.
    """
    order = find(number)
    promised = order.refunds.filter(state__in=refund_ledger.LIVE)
    if promised.exists() and not refunds.returnables(order):
        transitions.check_payment_held(order)
        raise MoneyGoingBack()
    fulfilment.ship(
        number, courier=courier, tracking_number=tracking_number, actor=actor
    )


def _is_reached(order: Order, wanted: Wanted) -> bool:
    """Tell whether nothing is left to do; another parcel is not the same."""
    if order.status != wanted.status:
        return False
    shipment = getattr(order, "shipment", None)
    number = wanted.tracking_number.strip().upper()
    is_other = bool(number) and (not shipment or shipment.tracking_number != number)
    return not is_other


def _pack(order: Order, wanted: Wanted, actor: User) -> None:
    fulfilment.pack(order.number, actor=actor)


def _ship(order: Order, wanted: Wanted, actor: User) -> None:
    ship(
        order.number,
        courier=wanted.courier,
        tracking_number=wanted.tracking_number,
        actor=actor,
    )


def _deliver(order: Order, wanted: Wanted, actor: User) -> None:
    fulfilment.deliver(order.number, actor=actor)


def _complete(order: Order, wanted: Wanted, actor: User) -> None:
    fulfilment.complete(order.number, actor=actor)


def _take_back(order: Order, wanted: Wanted, actor: User) -> None:
    fulfilment.take_back(order.number, actor=actor, note=wanted.note)


def _cancel(order: Order, wanted: Wanted, actor: User) -> None:
    """Cancel what is not paid; else only an order whose money has gone back."""
    if order.status == Status.PENDING:
        expiry.cancel_unpaid(order.number, actor=actor, note=wanted.note)
    else:
        fulfilment.cancel(order.number, actor=actor, note=wanted.note)


STEPS: dict[str, Callable[[Order, Wanted, User], None]] = {
    Status.PROCESSING: _pack,
    Status.SHIPPED: _ship,
    Status.DELIVERED: _deliver,
    Status.COMPLETED: _complete,
    Status.RETURNED: _take_back,
    Status.CANCELLED: _cancel,
}
# The statuses that a program may name, with their words for people.
SETTABLE = [(status, Status(status).label) for status in STEPS]
