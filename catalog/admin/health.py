"""How the catalogue is: what is missing, how much is left, each a link to its rows."""

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from catalog.admin import desk
from catalog.models import Product
from catalog.services import health
from catalog.services.health import BELOW_COST, PRODUCT_LACKS, VARIANT_LACKS

SEE_COST = "catalog.view_cost"
OPTIONS = json.dumps(
    {
        "animation": False,
        "indexAxis": "y",
        "maintainAspectRatio": False,
        "plugins": {"legend": {"display": False}},
        "scales": {
            "x": {
                "beginAtZero": True,
                "border": {"display": False},
                "ticks": {"precision": 0},
            },
            "y": {"grid": {"display": False}},
        },
    }
)


class ProductLackFilter(admin.SimpleListFilter):
    title = "yang kurang"
    parameter_name = "kurang"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(lack.name, lack.title) for lack in PRODUCT_LACKS]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        found = {lack.name: lack.condition for lack in PRODUCT_LACKS}.get(
            self.value() or ""
        )
        return queryset if found is None else health.products(queryset).filter(found)


class VariantLackFilter(admin.SimpleListFilter):
    title = "yang perlu dilihat"
    parameter_name = "kurang"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (lack.name, lack.title)
            for lack in VARIANT_LACKS
            if lack.name != BELOW_COST or request.user.has_perm(SEE_COST)
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        allowed = {name for name, _ in self.lookup_choices}
        found = {lack.name: lack.condition for lack in VARIANT_LACKS}.get(
            self.value() or ""
        )
        if found is None or self.value() not in allowed:
            return queryset
        return health.variants(queryset).filter(found)


def health_view(owner: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show the counts and the charts."""
    desk.staff(request, "catalog.view_product", "catalog.view_variant")
    found = health.counts()
    may_see_cost = request.user.has_perm(SEE_COST)
    of_products = [_card("product", lack, found) for lack in PRODUCT_LACKS]
    of_variants = [
        _card("variant", lack, found)
        for lack in VARIANT_LACKS
        if may_see_cost or lack.name != BELOW_COST
    ]
    statuses = health.statuses()
    shown = [(label, statuses.get(name, 0)) for name, label in Product.Status.choices]
    return desk.page(
        owner,
        request,
        "health",
        title="Kesehatan katalog",
        of_products=of_products,
        of_variants=of_variants,
        lacks_chart=_bars(
            [(card["title"], card["count"]) for card in [*of_products, *of_variants]]
        ),
        status_chart=_bars(shown),
        stock_chart=_bars(health.stock_by_category()),
        options=OPTIONS,
    )


def _card(model: str, lack: health.Lack, found: dict[str, int]) -> dict[str, Any]:
    page = reverse(f"admin:catalog_{model}_changelist")
    return {
        "title": lack.title,
        "count": found[lack.name],
        "unit": "produk" if model == "product" else "SKU",
        "link": f"{page}?kurang={lack.name}",
    }


def _bars(rows: list[tuple[str, int]]) -> str:
    """Return the data of unfold's bar chart."""
    return json.dumps(
        {
            "labels": [label for label, _ in rows],
            "datasets": [
                {
                    "data": [number for _, number in rows],
                    "backgroundColor": "var(--color-primary-600)",
                    "maxBarThickness": 22,
                    "borderRadius": 4,
                }
            ],
        }
    )
