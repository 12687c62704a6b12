"""Prices over the API: each person theirs, and nobody another's, whatever is cached."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomerGroup, User
from tests.catalog.prices import HOUR, flash_sale, join_group, table
from tests.factories import CustomerFactory, VariantFactory

pytestmark = pytest.mark.django_db

Clients = Callable[..., APIClient]
CALCULATE = "/api/v1/pricing/calculate"


def test_calculate_explains_every_price(client: Client) -> None:
    table("retail", {5: 500})
    variant = VariantFactory(price=200_000)
    answer = client.get(CALCULATE, {"sku": variant.sku.lower(), "quantity": 5})
    found = answer.json()
    assert (found["unit_price"], found["price_reason"]) == (190_000, "bulk")
    assert (found["list_price"], found["total"]) == (200_000, 950_000)
    assert [row["reason"] for row in found["explain"]] == ["list", "bulk"]
    assert [row["chosen"] for row in found["explain"]] == [False, True]
    body = {"sku": variant.sku, "quantity": 5}
    posted = client.post(CALCULATE, body, content_type="application/json")
    assert posted.json() == found


@pytest.mark.parametrize("quantity", ["0", "-1", "1001", "x", "1.5", ""])
def test_quantity_that_makes_no_sense_is_refused(client: Client, quantity: str) -> None:
    sku = VariantFactory().sku
    answer = client.get(CALCULATE, {"sku": sku, "quantity": quantity})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "quantity"


def test_unknown_or_hidden_sku_is_not_found(client: Client) -> None:
    hidden = VariantFactory(is_active=False)
    for sku in ("TIDAK-ADA", hidden.sku, "a\0b"):
        assert client.get(CALCULATE, {"sku": sku}).status_code in (400, 404)


@pytest.mark.django_db(transaction=True)
def test_two_people_and_a_warm_cache_see_their_own_prices(client_of: Clients) -> None:
    """The page is cached for all; a personal price is in none of what is kept."""
    table("reseller", {1: 1000})
    variant = VariantFactory(price=200_000, on_hand=9)
    reseller = join_group(CustomerFactory(), CustomerGroup.Code.RESELLER)
    people = [reseller, None, CustomerFactory(), reseller, None]
    page = f"/api/v1/products/{variant.product.slug}"
    mine = f"/api/v1/pricing/products/{variant.product_id}"
    pages, prices = [], []
    for person in people:
        client = client_of(person)
        pages.append(client.get(page))
        prices.append(client.get(mine))
    assert {answer.content for answer in pages} == {pages[0].content}
    assert pages[0].json()["price_min"] == 200_000
    assert [a.json()["variants"][0]["unit_price"] for a in prices] == [
        180_000, 200_000, 200_000, 180_000, 200_000,
    ]  # fmt: skip
    for answer in prices:
        assert answer["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer


def test_prices_of_a_product_are_those_of_single_pieces(
    client_of: Clients, aisyah: User
) -> None:
    table("retail", {2: 1000})
    variant = VariantFactory(price=100_000)
    VariantFactory(product=variant.product, price=120_000)
    answer = client_of(aisyah).get(f"/api/v1/pricing/products/{variant.product_id}")
    prices = [row["unit_price"] for row in answer.json()["variants"]]
    assert prices == [100_000, 120_000]


def test_order_summary_counts_the_basket_together(client: Client) -> None:
    table("retail", {5: 500})
    small = VariantFactory(price=100_000)
    large = VariantFactory(product=small.product, price=100_000)
    items = [{"sku": small.sku, "quantity": 3}, {"sku": large.sku, "quantity": 2}]
    answer = client.post(
        "/api/v1/pricing/order-summary",
        {"items": items},
        content_type="application/json",
    )
    assert answer.json()["totals"] == {
        "items": 475_000,
        "list_items": 500_000,
        "saving": 25_000,
    }
    assert answer["Cache-Control"] == "private, no-store"


def test_flash_sales_say_the_time_and_what_is_sold_out(client: Client) -> None:
    first, second = VariantFactory(price=150_000), VariantFactory(price=150_000)
    sale = flash_sale(first, second, price=99_000, quota=5, limit=2)
    sale.items.filter(variant=second).update(sold=5)
    flash_sale(VariantFactory(), is_published=False)
    now = timezone.now()
    over = flash_sale(VariantFactory(), starts_at=now - 2 * HOUR, ends_at=now - HOUR)
    listed = client.get("/api/v1/flash-sales").json()
    assert [row["slug"] for row in listed["results"]] == [sale.slug]
    assert listed["results"][0]["is_running"] is True
    found = client.get(f"/api/v1/flash-sales/{sale.slug}").json()
    assert [row["sold_out"] for row in found["items"]] == [False, True]
    assert {row["slug"] for row in found["products"]} == {
        first.product.slug,
        second.product.slug,
    }
    assert found["server_time"] >= now.isoformat()[:19]
    assert client.get(f"/api/v1/flash-sales/{over.slug}").status_code == 404


def test_sale_to_come_is_listed_and_not_running(client: Client) -> None:
    start = timezone.now() + timedelta(days=1)
    flash_sale(VariantFactory(), starts_at=start, ends_at=start + HOUR)
    [row] = client.get("/api/v1/flash-sales").json()["results"]
    assert row["is_running"] is False
