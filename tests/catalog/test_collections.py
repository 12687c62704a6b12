"""Collections: by hand, by rule, in their window."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from catalog.api.serializers import CollectionDetailOutput, CollectionListOutput
from catalog.models import Collection, CollectionItem
from catalog.services import shelving
from catalog.services.shelving import InvalidRule, InvalidWindow
from tests.catalog.test_api import get, mismatches, slugs
from tests.factories import CategoryFactory, CollectionFactory, VariantFactory

pytestmark = pytest.mark.django_db

COLLECTIONS = "/api/v1/collections"
NOW = timezone.now()
HOUR = timedelta(hours=1)


def by_rule(rule: Any) -> Collection:
    return shelving.save(Collection(name="Aturan", kind="rule", rule=rule))


def test_a_collection_by_hand_keeps_its_order(client: Client) -> None:
    collection = CollectionFactory(slug="ramadan")
    for position, name in enumerate(["b", "c", "a"]):
        product = VariantFactory(product__slug=name, price=1000 * (3 - position))
        CollectionItem.objects.create(
            collection=collection, product=product.product, position=position
        )
    VariantFactory()
    assert slugs(client, collection="ramadan") == ["b", "c", "a"]
    assert slugs(client, collection="ramadan", sort="price") == ["a", "c", "b"]
    assert slugs(client, collection="ramadan", min_price=2000) == ["b", "c"]
    page = get(client, f"{COLLECTIONS}/ramadan")
    assert page["product_count"] == 3
    assert mismatches(CollectionDetailOutput(), page) == []
    listed = get(client, COLLECTIONS)
    assert mismatches(CollectionListOutput(), listed) == []


def test_a_collection_by_rule_follows_the_shop(client: Client) -> None:
    root = CategoryFactory(slug="wanita")
    leaf = CategoryFactory(slug="gamis", parent=root)
    VariantFactory(product__slug="a", product__category=leaf, price=90_000)
    VariantFactory(product__slug="b", product__category=leaf, price=80_000)
    VariantFactory(product__slug="dear", product__category=leaf, price=500_000)
    VariantFactory(product__slug="elsewhere", price=80_000)
    rule = {"category": "wanita", "max_price": 100_000, "sort": "price"}
    collection = by_rule(rule)
    assert collection.slug == "aturan"
    assert slugs(client, collection="aturan") == ["b", "a"]
    leaf.is_visible = False
    leaf.save()
    assert slugs(client, collection="aturan") == []


@pytest.mark.parametrize(
    "rule",
    [
        {},
        [],
        {"colour": "red"},
        {"busui": "true"},
        {"busui": False},
        {"min_price": "1000"},
        {"min_price": True},
        {"min_price": -1},
        {"min_price": 2, "max_price": 1},
        {"q": ""},
        {"q": "x" * 81},
        {"sort": "random"},
        {"category": "tidak-ada"},
        {"collection": "lain"},
    ],
)
def test_a_rule_that_is_not_understood_is_refused(rule: Any) -> None:
    with pytest.raises(InvalidRule):
        by_rule(rule)
    assert not Collection.objects.exists()


@pytest.mark.parametrize(
    ("window", "shown"),
    [
        ({"starts_at": NOW - HOUR, "ends_at": NOW + HOUR}, True),
        ({"starts_at": NOW + HOUR}, False),
        ({"ends_at": NOW - HOUR}, False),
        ({"is_active": False}, False),
    ],
)
def test_a_collection_is_shown_in_its_window(
    client: Client, window: dict[str, Any], shown: bool
) -> None:
    CollectionFactory(slug="lebaran", **window)
    assert bool(get(client, COLLECTIONS)["results"]) is shown
    status = 200 if shown else 404
    assert client.get(f"{COLLECTIONS}/lebaran").status_code == status
    listed = client.get("/api/v1/products", {"collection": "lebaran"})
    assert listed.status_code == (200 if shown else 400)


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    upside_down = Collection(name="A", starts_at=NOW, ends_at=NOW - HOUR)
    with pytest.raises(InvalidWindow):
        shelving.save(upside_down)
    with pytest.raises(IntegrityError):
        CollectionFactory(starts_at=NOW, ends_at=NOW)


def test_a_category_with_a_collection_costs_three_queries(
    client: Client, django_assert_num_queries: Any
) -> None:
    category = CategoryFactory(slug="gamis")
    VariantFactory(product__slug="a", product__category=category)
    by_rule({"max_price": 900_000})
    with django_assert_num_queries(3):
        assert slugs(client, category="gamis", collection="aturan") == ["a"]
