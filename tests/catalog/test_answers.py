"""Remembered answers: fresh after each change, shared by Redis, and safe without it."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from catalog.models import CatalogVersion, Collection, Product, ProductDocument
from catalog.services import answers, prices, products, stock
from catalog.services.stock import StockLine
from karima import redis
from tests.factories import CollectionFactory, VariantFactory

pytestmark = pytest.mark.django_db(transaction=True)

PRODUCTS = "/api/v1/products"


@pytest.fixture(autouse=True)
def no_shared_answers() -> Iterator[None]:
    cache.clear()
    yield
    answers.forget()


def version() -> int:
    return max(CatalogVersion.objects.values_list("version", flat=True), default=0)


def later() -> None:
    """Ask for the version again, as happens a second later."""
    answers._memory.asked_at = 0.0


def names(client: Client, **query: Any) -> list[str]:
    return [row["name"] for row in client.get(PRODUCTS, query).json()["results"]]


def test_a_repeat_asks_the_database_nothing(
    client: Client, django_assert_num_queries: Any
) -> None:
    VariantFactory()
    first = client.get(PRODUCTS)
    with django_assert_num_queries(0):
        again = client.get(PRODUCTS)
        tag = {"If-None-Match": first["ETag"]}
        unchanged = client.get(PRODUCTS, headers=tag)
    assert again.content == first.content
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged["ETag"] == first["ETag"]
    assert unchanged["Cache-Control"] == first["Cache-Control"]


def test_a_weakened_tag_is_the_same_answer(client: Client) -> None:
    tag = client.get(PRODUCTS)["ETag"]
    answer = client.get(PRODUCTS, headers={"If-None-Match": f"W/{tag}"})
    assert answer.status_code == 304


def test_a_change_is_seen_a_second_later(client: Client) -> None:
    variant = VariantFactory(price=100_000)
    client.get(PRODUCTS)
    prices.change_price(variant, price=90_000)
    later()
    [card] = client.get(PRODUCTS).json()["results"]
    assert card["price_min"] == 90_000


def test_a_checkout_that_is_seen_raises_the_version_and_another_does_not() -> None:
    variant = VariantFactory(on_hand=30)
    before = version()
    with transaction.atomic():
        stock.reserve([StockLine(variant.pk, 5)], reference="KRM-1")
    assert version() == before
    with transaction.atomic():
        stock.reserve([StockLine(variant.pk, 20)], reference="KRM-2")
    assert version() > before


def test_many_changes_of_a_transaction_raise_the_version_once() -> None:
    variants = [VariantFactory() for _ in range(3)]
    before = version()
    with transaction.atomic():
        for variant in variants:
            prices.change_price(variant, price=1_000)
    # One number for the row that exists and one for the try to insert it.
    assert before < version() <= before + 2


def test_a_rolled_back_change_raises_nothing() -> None:
    variant = VariantFactory()
    before = version()
    with transaction.atomic():
        prices.change_price(variant, price=1_000)
        transaction.set_rollback(True)
    assert version() == before


def test_a_transaction_neither_reads_nor_leaves_answers(client: Client) -> None:
    variant = VariantFactory(price=100_000)
    client.get(PRODUCTS)
    with transaction.atomic():
        prices.change_price(variant, price=1_000)
        [inside] = client.get(PRODUCTS).json()["results"]
        transaction.set_rollback(True)
    later()
    [outside] = client.get(PRODUCTS).json()["results"]
    assert (inside["price_min"], outside["price_min"]) == (1_000, 100_000)


def test_two_changes_at_once_do_not_stop_each_other() -> None:
    """Neither holds the version's lock while it waits for the other."""
    variants = [VariantFactory() for _ in range(2)]
    both_began = threading.Barrier(2, timeout=10)
    failures: list[BaseException] = []

    def change(mine: Any, *, price: int) -> None:
        try:
            with transaction.atomic():
                prices.change_price(mine, price=price)
                both_began.wait()
                prices.change_price(mine, price=price + 1)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=change, args=(variant,), kwargs={"price": 1_000})
        for variant in variants
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert failures == []
    assert set(Product.objects.values_list("price_min", flat=True)) == {1_001}


def test_a_scheduled_product_appears_at_its_moment(client: Client) -> None:
    product = VariantFactory().product
    moment = timezone.now() + timedelta(hours=1)
    products.schedule(product, publish_at=moment)
    assert names(client) == []
    assert answers.current().until == moment
    Product.objects.update(published_at=timezone.now())
    later()
    assert names(client) == [product.name]


def test_an_answer_does_not_outlive_the_next_planned_change(client: Client) -> None:
    """The moment passes while the process still trusts the version that it knows."""
    product = VariantFactory().product
    products.schedule(product, publish_at=timezone.now() + timedelta(milliseconds=300))
    assert names(client) == []
    answers._memory.asked_at = float("inf")
    while timezone.now() < product.published_at:
        names(client)
    assert names(client) == [product.name]


@pytest.mark.parametrize("column", ["starts_at", "ends_at"])
def test_windows_of_collections_and_periods_bound_answers(column: str) -> None:
    product = VariantFactory().product
    first = timezone.now() + timedelta(hours=1)
    Collection.objects.all().delete()
    CollectionFactory(**{column: first})
    assert answers.current().until == first
    sooner = first - timedelta(minutes=5)
    ProductDocument.objects.create(
        product=product, starts_at=sooner, card="{}", detail="{}"
    )
    later()
    assert answers.current().until == sooner


def test_redis_hands_an_answer_to_the_next_process(
    client: Client, django_assert_num_queries: Any
) -> None:
    VariantFactory()
    first = client.get(PRODUCTS)
    answers.forget()
    with django_assert_num_queries(1):
        again = client.get(PRODUCTS)
    assert (again.content, again["ETag"]) == (first.content, first["ETag"])


def test_without_redis_everything_is_answered(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    VariantFactory(price=100_000)
    monkeypatch.setattr(redis.BREAKER, "allows", lambda: False)
    first = client.get(PRODUCTS)
    answers.forget()
    again = client.get(PRODUCTS)
    assert first.status_code == again.status_code == 200
    assert first.content == again.content


def test_answers_differ_by_host_and_not_by_origin(client: Client) -> None:
    VariantFactory()
    plain = client.get(PRODUCTS, headers={"host": "127.0.0.1"})
    page = client.get(
        PRODUCTS, headers={"host": "127.0.0.1", "origin": "http://127.0.0.1:3000"}
    )
    other = client.get(PRODUCTS, headers={"host": "localhost"})
    assert plain["ETag"] == page["ETag"]
    assert page["Access-Control-Allow-Origin"] == "http://127.0.0.1:3000"
    assert "Access-Control-Allow-Origin" not in plain
    for answer in (plain, page, other):
        assert "origin" in answer["Vary"].lower()


def test_memory_is_bounded(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MAX_BYTES", 1000)
    VariantFactory()
    for number in range(20):
        client.get(PRODUCTS, {"utm_source": number})
    assert 0 < answers._memory.size_bytes <= 1000
    assert answers._memory.size_bytes == sum(
        len(answer.body) for answer in answers._memory.answers.values()
    )
