"""Products: the price range they repeat, and what the database refuses."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Product, ProductImage, Variant
from catalog.services import documents, prices, products
from tests.factories import ProductFactory, ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db


def test_price_range_follows_the_active_variants() -> None:
    cheap = VariantFactory(price=100_000)
    VariantFactory(product=cheap.product, price=200_000)
    prices.change_price(cheap, price=150_000)
    product = Product.objects.get(pk=cheap.product_id)
    assert (product.price_min, product.price_max) == (150_000, 200_000)


def test_a_product_without_active_variants_has_no_price() -> None:
    variant = VariantFactory()
    Variant.objects.filter(pk=variant.pk).update(is_active=False)
    documents.rewrite([variant.product_id])
    product = Product.objects.get(pk=variant.product_id)
    assert (product.price_min, product.price_max) == (None, None)
    assert not products.buyable_variants().exists()


@pytest.mark.parametrize(
    ("price", "compare_at_price"), [(0, None), (-1, None), (100_000, 99_999)]
)
def test_change_price_refuses_a_price_that_makes_no_sense(
    price: int, compare_at_price: int | None
) -> None:
    variant = VariantFactory(price=150_000)
    with pytest.raises(prices.InvalidPrice):
        prices.change_price(variant, price=price, compare_at_price=compare_at_price)
    assert Variant.objects.get(pk=variant.pk).price == 150_000


def test_publish_and_archive_decide_what_is_visible() -> None:
    draft = ProductFactory(status="draft", published_at=None)
    VariantFactory(product=draft)
    products.publish(draft)
    assert list(products.visible_products()) == [draft]
    products.archive(draft)
    assert list(products.visible_products()) == []


def test_sku_is_unique_whatever_its_case() -> None:
    VariantFactory(sku="GMS-01")
    with pytest.raises(IntegrityError), transaction.atomic():
        VariantFactory(sku="gms-01")


@pytest.mark.parametrize(
    "fields",
    [
        {"price": 0},
        {"price": 100_000, "compare_at_price": 99_000},
        {"weight_grams": 0},
    ],
)
def test_the_database_refuses_a_variant_that_makes_no_sense(
    fields: dict[str, Any],
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        VariantFactory(**fields)


def test_a_product_has_one_variant_for_each_color_and_size() -> None:
    first = VariantFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        VariantFactory(product=first.product, color=first.color, size=first.size)


def test_a_product_has_one_primary_picture() -> None:
    product = ProductFactory()
    ProductImageFactory(product=product, is_primary=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductImageFactory(product=product, is_primary=True)
    assert ProductImage.objects.count() == 1
