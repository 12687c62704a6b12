"""Bundles: what is public of them follows their parts."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from catalog.models import Bundle, Product
from catalog.services import bundles, prices, products, stock
from catalog.services.stock import StockLine
from tests.factories import BundleFactory, ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db


def shown(client: Client, bundle: Bundle) -> Any:
    return client.get(f"/api/v1/product-bundles/{bundle.slug}").json()


def test_a_bundle_shows_its_parts_and_what_it_saves(client: Client) -> None:
    mother = VariantFactory(price=289_000, on_hand=9)
    child = VariantFactory(price=150_000, on_hand=9)
    ProductImageFactory(product=mother.product, is_primary=True)
    bundle = BundleFactory(price=500_000, parts={mother: 1, child: 2})
    page = shown(client, bundle)
    assert (page["separate_price"], page["saving"]) == (589_000, 89_000)
    assert [part["quantity"] for part in page["items"]] == [1, 2]
    assert page["image"]["url"].startswith("http://testserver/")
    listed = client.get("/api/v1/product-bundles").json()
    assert listed["results"] == [page]
    assert listed["pagination"]["total_items"] == 1


def test_as_many_are_available_as_the_scarcest_part_allows(client: Client) -> None:
    scarce, plenty = VariantFactory(on_hand=7), VariantFactory(on_hand=100)
    bundle = BundleFactory(parts={scarce: 2, plenty: 1})
    assert shown(client, bundle)["available"] == 3
    assert bundles.available(bundles.find(bundle.slug)) == 3


@pytest.mark.parametrize(("on_hand", "taken", "left"), [(25, 6, 9), (12, 11, 0)])
def test_a_part_that_is_sold_alone_is_missing_in_the_bundle(
    client: Client, on_hand: int, taken: int, left: int
) -> None:
    """Also while so many are left that the product's own page does not change."""
    variant = VariantFactory(on_hand=on_hand)
    bundle = BundleFactory(parts={variant: 2})
    with transaction.atomic():
        stock.reserve([StockLine(variant.pk, taken)], reference="T-1")
    assert shown(client, bundle)["available"] == left
    assert (shown(client, bundle)["stock_state"] == "sold_out") == (left == 0)


def test_the_price_of_a_part_reaches_the_bundle(client: Client) -> None:
    variant = VariantFactory(price=200_000, on_hand=3)
    bundle = BundleFactory(price=180_000, parts={variant: 1})
    prices.change_price(variant, price=190_000)
    assert shown(client, bundle)["saving"] == 10_000


def test_a_bundle_is_gone_while_a_part_is(client: Client) -> None:
    here, gone = VariantFactory(on_hand=3), VariantFactory(on_hand=3)
    bundle = BundleFactory(parts={here: 1, gone: 1})
    assert "items" in shown(client, bundle)
    products.archive(Product.objects.get(pk=gone.product_id))
    assert shown(client, bundle)["code"] == "bundle_not_found"
    assert client.get("/api/v1/product-bundles").json()["results"] == []


def test_an_empty_bundle_is_not_on_sale(client: Client) -> None:
    assert shown(client, BundleFactory())["code"] == "bundle_not_found"


def test_a_list_costs_the_same_however_long(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        BundleFactory(parts={VariantFactory(on_hand=3): 1})
    with django_assert_max_num_queries(3):
        answer = client.get("/api/v1/product-bundles")
    assert len(answer.json()["results"]) == 5


def test_verifying_finds_a_bundle_that_is_out_of_date() -> None:
    bundle = BundleFactory(parts={VariantFactory(on_hand=3): 1})
    call_command("rebuild_documents", "--verify")
    Bundle.objects.filter(pk=bundle.pk).update(document="{}")
    with pytest.raises(CommandError, match="1 of 1"):
        call_command("rebuild_documents", "--verify")
    call_command("rebuild_documents")
    call_command("rebuild_documents", "--verify")


def test_staff_make_a_bundle(owner: Client) -> None:
    variant = VariantFactory(on_hand=4)
    owner.get("/admin/")
    answer = owner.post(
        "/admin/catalog/bundle/add/",
        {
            "name": "Sarimbit Arunika",
            "slug": "sarimbit-arunika",
            "description": "",
            "price": "250000",
            "is_active": "on",
            "position": "0",
            "items-TOTAL_FORMS": "1",
            "items-INITIAL_FORMS": "0",
            "items-MIN_NUM_FORMS": "1",
            "items-MAX_NUM_FORMS": "1000",
            "items-0-variant": str(variant.pk),
            "items-0-quantity": "2",
        },
    )
    assert answer.status_code == 302
    assert '"available":2' in bundles.document("sarimbit-arunika")
