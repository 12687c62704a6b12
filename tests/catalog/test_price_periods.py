"""What everybody sees of a flash sale: exact at its start and end, and no longer."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from catalog.models import Product, ProductDocument, Variant
from catalog.services import documents
from tests.catalog.prices import HOUR, flash_sale
from tests.factories import VariantFactory, make_order

pytestmark = pytest.mark.django_db

MOMENT = timedelta(milliseconds=1)


def page(client: Client, variant: Variant) -> dict[str, Any]:
    answer: dict[str, Any]
    answer = client.get(f"/api/v1/products/{variant.product.slug}").json()
    return answer


def card(client: Client) -> dict[str, Any]:
    answer: dict[str, Any] = client.get("/api/v1/products").json()["results"][0]
    return answer


def outdated() -> list[int]:
    return [pk for _, wrong in documents.verify() for pk in wrong]


@pytest.mark.django_db(transaction=True)
def test_pages_change_at_the_very_moments_with_warm_caches(client: Client) -> None:
    variant = VariantFactory(price=150_000)
    start = (timezone.now() + HOUR).replace(microsecond=0)
    end = start + HOUR
    flash_sale(variant, price=99_000, starts_at=start, ends_at=end)
    seen = []
    for moment in (start - MOMENT, start, end - MOMENT, end):
        with time_machine.travel(moment, tick=False):
            for _ in range(2):
                found = page(client, variant)["variants"][0]
                seen.append((found["price"], found["price_reason"]))
                assert card(client)["price_min"] == found["price"]
    usual, flash = (150_000, "list"), (99_000, "flash_sale")
    assert seen == [usual] * 2 + [flash] * 4 + [usual] * 2


def test_page_says_what_is_struck_and_when_the_price_ends(client: Client) -> None:
    variant = VariantFactory(price=150_000)
    sale = flash_sale(variant, price=99_000)
    found = page(client, variant)
    link = {
        "slug": sale.slug,
        "name": sale.name,
        "ends_at": sale.ends_at.isoformat().replace("+00:00", "Z"),
    }
    assert found["variants"][0]["list_price"] == 150_000
    assert found["variants"][0]["compare_at_price"] == 150_000
    assert found["variants"][0]["flash_sale"] == link == card(client)["flash_sale"]
    assert (found["discount_percent"], found["price_min"]) == (34, 99_000)
    assert found["structured_data"]["offers"]["lowPrice"] == 99_000


def test_flash_price_above_the_list_price_is_not_shown(client: Client) -> None:
    variant = VariantFactory(price=90_000)
    flash_sale(variant, price=99_000)
    found = page(client, variant)["variants"][0]
    assert (found["price"], found["flash_sale"]) == (90_000, None)


def test_draft_shows_nothing(client: Client) -> None:
    variant = VariantFactory(price=150_000)
    flash_sale(variant, is_published=False)
    assert page(client, variant)["variants"][0]["price"] == 150_000


def test_last_piece_of_a_quota_takes_the_price_off_the_page(
    client: Client, aisyah: User
) -> None:
    variant = VariantFactory(price=150_000, on_hand=50)
    flash_sale(variant, price=99_000, quota=2)
    make_order(aisyah, variant=variant, quantity=1)
    assert page(client, variant)["price_min"] == 99_000
    make_order(aisyah, variant=variant, quantity=1)
    assert page(client, variant)["price_min"] == 150_000
    assert outdated() == []


def test_lists_are_sorted_by_the_new_price_once_the_job_ran(client: Client) -> None:
    cheap, dear = VariantFactory(price=100_000), VariantFactory(price=150_000)
    start = timezone.now() + HOUR
    flash_sale(dear, price=80_000, starts_at=start, ends_at=start + HOUR)

    def first(at: datetime) -> str:
        with time_machine.travel(at):
            documents.follow_prices()
            rows = client.get("/api/v1/products", {"sort": "price"}).json()
        slug: str = rows["results"][0]["slug"]
        return slug

    assert first(start - MOMENT) == cheap.product.slug
    assert first(start + MOMENT) == dear.product.slug
    assert first(start + HOUR) == cheap.product.slug


def test_job_drops_the_past_and_runs_twice_without_a_change() -> None:
    variant = VariantFactory(price=150_000)
    sale = flash_sale(variant)
    assert ProductDocument.objects.count() == 2
    with time_machine.travel(sale.ends_at + MOMENT):
        assert outdated() == [variant.product_id]
        assert [documents.follow_prices(), documents.follow_prices()] == [1, 0]
        assert outdated() == []
    assert ProductDocument.objects.count() == 1
    assert Product.objects.get().price_min == 150_000


def test_two_sales_in_a_row_leave_no_gap() -> None:
    variant, now = VariantFactory(price=150_000), timezone.now()
    flash_sale(variant, price=99_000, starts_at=now + HOUR, ends_at=now + 2 * HOUR)
    flash_sale(variant, price=89_000, starts_at=now + 2 * HOUR, ends_at=now + 3 * HOUR)
    rows = list(ProductDocument.objects.values_list("starts_at", "ends_at"))
    assert len(rows) == 4
    assert [end for _, end in rows[:-1]] == [start for start, _ in rows[1:]]
    assert rows[-1][1] is None
