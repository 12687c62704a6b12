"""Flash sales planned by programs: the rules are those of the staff's page."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import FlashSale, Variant
from tests.factories import VariantFactory
from tests.fixtures_programs import program

pytestmark = pytest.mark.django_db


def plan(app: APIClient, variant: Variant, **more: Any) -> Any:
    now = timezone.now()
    body = {
        "name": "Gajian",
        "starts_at": (now - timedelta(hours=1)).isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
        "is_published": True,
        "items": [{"sku": variant.sku, "price": 1_000, "quota": 3}],
    }
    return app.post("/api/v1/flash-sales", body | more, format="json")


def test_a_planned_sale_is_read_by_all_and_ends_at_once() -> None:
    app, variant = program("catalog:write"), VariantFactory(on_hand=5)
    answer = plan(app, variant)
    assert (answer.status_code, answer.json()["warnings"]) == (201, [])
    path = f"/api/v1/flash-sales/{answer.json()['slug']}"
    [item] = APIClient().get(path).json()["items"]
    assert (item["sku"], item["price"], item["quota"]) == (variant.sku, 1_000, 3)
    assert app.delete(path).status_code == 204
    assert APIClient().get(path).status_code == 404
    assert FlashSale.objects.get().items.count() == 1


def test_items_name_all_that_stay() -> None:
    app, variant, other = (
        program("catalog:write"),
        VariantFactory(on_hand=5),
        VariantFactory(on_hand=5),
    )
    path = f"/api/v1/flash-sales/{plan(app, variant).json()['slug']}"
    limit = app.patch(path, {"per_customer_limit": 2}, format="json").json()
    assert (limit["per_customer_limit"], len(limit["items"])) == (2, 1)
    items = [{"sku": other.sku, "price": 2_000, "quota": 9}]
    changed = app.patch(path, {"items": items}, format="json").json()
    assert changed["items"] == [{**items[0], "sold": 0}]


def test_what_breaks_a_rule_is_refused_and_nothing_is_kept() -> None:
    app, variant = program("catalog:write"), VariantFactory(on_hand=5)
    row = {"sku": variant.sku, "price": 1_000, "quota": 3}
    late = timezone.now().isoformat()
    for body, code in (
        ({"items": [row, row]}, "invalid"),
        ({"items": [{**row, "sku": "TIDAK-ADA"}]}, "sku_not_found"),
        ({"items": [{**row, "price": 0}]}, "invalid"),
        ({"starts_at": late, "ends_at": late}, "invalid_flash_sale"),
    ):
        assert plan(app, variant, **body).json()["code"] == code
    assert not FlashSale.objects.exists()
    plan(app, variant)
    again = plan(app, variant, name="Lain")
    assert (again.status_code, again.json()["code"]) == (409, "flash_sales_overlap")
