"""Deliveries that another program reports: each is booked once, however often sent."""

from collections.abc import Mapping

from django.db import connection, transaction

from accounts.models import User
from catalog.models import StockMovement
from catalog.services import stock
from catalog.services.stock import StockLine
from karima.errors import Conflict

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


class DeliveryRepeated(Conflict):
    """The delivery was booked before: what was sent twice counts once."""

    code = "delivery_repeated"
    title = "Delivery booked before"
    detail = "Barang masuk dengan rujukan ini sudah pernah dicatat."


def receive_once(
    quantities: Mapping[int, int], *, reference: str, actor: User, note: str = ""
) -> None:
    """Book a delivery that arrived, once for each reference and variant.

    Opens its own transaction. Raises `DeliveryRepeated` when one of the variants was
    booked under the reference before, and `InvalidQuantity`.
    """
    lines = [StockLine(pk, quantity) for pk, quantity in sorted(quantities.items())]
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute(_ONE_AT_A_TIME, [f"delivery {reference}"])
        before = StockMovement.objects.filter(
            kind=StockMovement.Kind.RECEIVE,
            reference=reference,
            variant__in=list(quantities),
        )
        if before.exists():
            raise DeliveryRepeated
        stock.receive(lines, reference=reference, actor=actor, note=note)
