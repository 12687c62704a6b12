"""The admin's first page: what waits for whom, and what came in."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Sum
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Stock
from karima.ids import WIB
from karima.money import format_rupiah
from orders.models import Order
from payments.admin import queues
from payments.admin.queues import PARAMETER
from payments.models import PaymentIssue

DAYS = 14
CHART_OPTIONS = json.dumps(
    {
        "animation": False,
        "maintainAspectRatio": False,
        "plugins": {"legend": {"display": False}},
        "scales": {
            "x": {"grid": {"display": False}},
            "y": {"beginAtZero": True, "border": {"display": False}},
        },
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """How many things wait, and where to go to deal with them."""

    title: str
    icon: str
    count: int
    hint: str
    link: str


@dataclass(frozen=True, slots=True)
class Day:
    """What was paid on one day in WIB; `revenue` in whole rupiah."""

    day: date
    orders: int
    revenue: int


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the first page what this member of staff may see."""
    context["title"] = "Beranda"
    context["cards"] = _cards(request)
    if request.user.has_perm("payments.view_paymentattempt"):
        days = paid_days(today=timezone.localdate(timezone=WIB))
        context["today"] = days[-1]
        context["today_revenue"] = format_rupiah(days[-1].revenue)
        context["chart"] = _chart(days)
        context["chart_options"] = CHART_OPTIONS
        context["chart_total"] = format_rupiah(sum(day.revenue for day in days))
    return context


def paid_days(*, today: date) -> list[Day]:
    """Return the last fourteen days in WIB, today last, the empty ones included.

    An order counts on the day it was paid, while its payment stands.
    """
    first = today - timedelta(days=DAYS - 1)
    rows = (
        Order.objects.filter(
            payment_status=Order.PaymentStatus.PAID,
            paid_at__gte=datetime.combine(first, time.min, tzinfo=WIB),
        )
        .order_by()
        .values(day=TruncDate("paid_at", tzinfo=WIB))
        .annotate(orders=Count("pk"), revenue=Sum("grand_total"))
    )
    found = {row["day"]: Day(row["day"], row["orders"], row["revenue"]) for row in rows}
    days = [first + timedelta(days=offset) for offset in range(DAYS)]
    return [found.get(day, Day(day, 0, 0)) for day in days]


def _cards(request: HttpRequest) -> list[Card]:
    cards = []
    if request.user.has_perm("orders.view_order"):
        cards += _order_cards()
    if request.user.has_perm("payments.view_paymentissue"):
        cards.append(_issue_card())
    if request.user.has_perm("catalog.view_stock"):
        cards.append(_stock_card())
    return cards


def _order_cards() -> list[Card]:
    waiting, page = queues.counts(), reverse("admin:orders_order_changelist")
    return [
        Card(
            title=title,
            icon=icon,
            count=waiting[queue.name],
            hint=hint,
            link=f"{page}?{PARAMETER}={queue.name}",
        )
        for queue, title, icon, hint in (
            (queues.TO_PACK, "Perlu dikemas", "inventory_2", "Sudah dibayar"),
            (queues.TO_SHIP, "Perlu dikirim", "local_shipping", "Sedang dikemas"),
            (queues.TO_PAY, "Menunggu bayar", "hourglass_top", "Stok dipesan"),
        )
    ]


def _issue_card() -> Card:
    return Card(
        title="Masalah pembayaran",
        icon="report",
        count=PaymentIssue.objects.filter(resolved_at=None).count(),
        hint="Perlu diperiksa",
        link=reverse("admin:payments_paymentissue_changelist") + "?keadaan=terbuka",
    )


def _stock_card() -> Card:
    """Count what the list behind the link shows: sold-out variants have their own."""
    left, page = (
        F("on_hand") - F("reserved"),
        reverse("admin:catalog_variant_changelist"),
    )
    low = Stock.objects.filter(variant__is_active=True).alias(left=left)
    return Card(
        title="Stok menipis",
        icon="production_quantity_limits",
        count=low.filter(left__gt=0, left__lte=F("low_stock_threshold")).count(),
        hint="Segera habis",
        link=f"{page}?level=low&is_active__exact=1",
    )


def _chart(days: list[Day]) -> str:
    """Return the data of unfold's bar chart: revenue in thousands of rupiah."""
    return json.dumps(
        {
            "labels": [f"{day.day:%d/%m}" for day in days],
            "datasets": [
                {
                    "label": "Omzet (ribu rupiah)",
                    "data": [round(day.revenue / 1000) for day in days],
                    "backgroundColor": "var(--color-primary-600)",
                    "maxBarThickness": 28,
                    "borderRadius": 4,
                }
            ],
        }
    )
