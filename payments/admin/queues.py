"""The piles of work on the staff's desk, as quick filters of the list of orders."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from orders.models import Order
from payments.models import PaymentIssue

Status = Order.Status
PARAMETER = "antrean"

OPEN_ISSUE = Exists(PaymentIssue.objects.filter(order=OuterRef("pk"), resolved_at=None))


@dataclass(frozen=True, slots=True)
class Queue:
    """One pile: its name in the address, its title, and what lies on it."""

    name: str
    title: str
    condition: Q


TO_PAY = Queue("bayar", "Menunggu bayar", Q(status=Status.PENDING))
TO_PACK = Queue("kemas", "Siap dikemas", Q(status=Status.CONFIRMED))
TO_SHIP = Queue("kirim", "Siap dikirim", Q(status=Status.PROCESSING))
TROUBLE = Queue("masalah", "Masalah", Q(OPEN_ISSUE))
QUEUES = (TO_PAY, TO_PACK, TO_SHIP, TROUBLE)


class QueueFilter(admin.SimpleListFilter):
    title = "antrean"
    parameter_name = PARAMETER

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(queue.name, queue.title) for queue in QUEUES]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Order]
    ) -> QuerySet[Order]:
        for queue in QUEUES:
            if queue.name == self.value():
                return queryset.filter(queue.condition)
        return queryset


def counts() -> dict[str, int]:
    """Return how many orders lie on each pile, by its name; one query."""
    return Order.objects.aggregate(
        **{queue.name: Count("pk", filter=queue.condition) for queue in QUEUES}
    )
