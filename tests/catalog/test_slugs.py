"""Slugs: made, free, remembered; related products; the feed of the sitemap."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from catalog.models import (
    Attribute,
    Category,
    OldSlug,
    Product,
    RelatedProduct,
)
from catalog.services import categories, products, shelving, slugs
from catalog.services.attributes import InvalidAttribute
from catalog.services.products import SlugReserved
from tests.catalog.test_api import get
from tests.factories import (
    CategoryFactory,
    CollectionFactory,
    ProductFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Gamis Arunika", "gamis-arunika"),
        ("Gamis & Khimar", "gamis-dan-khimar"),
        ("Set Atasan/Bawahan 100% Katun", "set-atasan-bawahan-100-persen-katun"),
        ("Baju Jum'at", "baju-jumat"),
        ("Édisi Spécial", "edisi-special"),
        ("عباية", "produk"),
        ("search", "search-2"),
        ("kata " * 30, "-".join(["kata"] * 14)),
    ],
)
def test_a_slug_is_made_of_a_name(name: str, slug: str) -> None:
    assert slugs.free_slug(Product, name) == slug


def test_a_slug_avoids_those_that_are_and_that_were() -> None:
    first = products.save(Product(name="Gamis", category=CategoryFactory()))
    first.slug = "gamis-baru"
    products.save(first)
    second = products.save(Product(name="Gamis", category=CategoryFactory()))
    third = products.save(Product(name="Gamis", category=CategoryFactory()))
    ProductFactory(slug="gamisan")
    assert (second.slug, third.slug) == ("gamis-2", "gamis-3")


def test_an_old_slug_of_a_product_leads_to_the_new_one(client: Client) -> None:
    product = VariantFactory(product__slug="lama").product
    for slug in ("baru", "terbaru"):
        product.slug = slug
        products.save(product)
    for old in ("lama", "baru"):
        answer = client.get(f"{PRODUCTS}/{old}")
        assert answer.status_code == 308
        assert answer["Location"] == f"{PRODUCTS}/terbaru"
        assert client.get(answer["Location"]).status_code == 200
    related = client.get(f"{PRODUCTS}/lama/related")
    assert related["Location"] == f"{PRODUCTS}/terbaru/related"
    products.archive(product)
    assert client.get(f"{PRODUCTS}/lama").status_code == 404


def test_a_slug_that_returns_is_no_longer_old(client: Client) -> None:
    product = VariantFactory(product__slug="a").product
    for slug in ("b", "a"):
        product.slug = slug
        products.save(product)
    assert client.get(f"{PRODUCTS}/a").status_code == 200
    assert client.get(f"{PRODUCTS}/b")["Location"] == f"{PRODUCTS}/a"
    assert list(OldSlug.objects.values_list("slug", flat=True)) == ["b"]


def test_another_product_may_take_an_old_slug(client: Client) -> None:
    moved = VariantFactory(product__slug="a").product
    moved.slug = "b"
    products.save(moved)
    taker = VariantFactory(product__slug="c").product
    taker.slug = "a"
    products.save(taker)
    assert get(client, f"{PRODUCTS}/a")["id"] == taker.pk


def test_categories_and_collections_move_too(client: Client) -> None:
    root = CategoryFactory(slug="wanita")
    CategoryFactory(slug="gamis", parent=root)
    root.slug = "perempuan"
    categories.save(root)
    answer = client.get("/api/v1/categories/wanita")
    assert answer.status_code == 308
    assert answer["Location"] == "/api/v1/categories/perempuan"
    assert Category.objects.get(slug="gamis").path == "perempuan/gamis/"
    collection = CollectionFactory(slug="ramadan")
    collection.slug = "ramadan-1447"
    shelving.save(collection)
    answer = client.get("/api/v1/collections/ramadan")
    assert answer["Location"] == "/api/v1/collections/ramadan-1447"


def test_an_old_slug_belongs_to_one_owner() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        OldSlug.objects.create(slug="a")
    product, category = ProductFactory(), CategoryFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        OldSlug.objects.create(slug="a", product=product, category=category)


def test_reserved_slugs_are_refused() -> None:
    product = ProductFactory()
    product.slug = "search"
    with pytest.raises(SlugReserved):
        products.save(product)
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(slug="suggest")


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        (3, True),
        (3.5, True),
        ("3", False),
        (True, False),
        (None, False),
        ([], False),
    ],
)
def test_a_number_is_a_number(value: Any, fits: bool) -> None:
    Attribute.objects.create(code="lebar", name="Lebar", kind="number")
    product = ProductFactory(extra={"lebar": value})
    if fits:
        products.save(product)
        return
    with pytest.raises(InvalidAttribute, match="lebar"):
        products.save(product)


def test_unknown_attributes_and_choices_are_refused() -> None:
    Attribute.objects.create(
        code="musim", name="Musim", kind="choice", choices=["hujan", "kemarau"]
    )
    product = ProductFactory(extra={"musim": "semi", "lain": 1})
    with pytest.raises(InvalidAttribute) as refusal:
        products.save(product)
    assert [row["field"] for row in refusal.value.errors] == ["musim", "lain"]


def test_related_products_come_in_order_and_only_visible_ones(client: Client) -> None:
    product = VariantFactory(product__slug="gamis").product
    others = [VariantFactory(product__slug=slug).product for slug in ("a", "b", "c")]
    products.archive(others[0])
    for position, other in enumerate(reversed(others)):
        RelatedProduct.objects.create(product=product, other=other, position=position)
    rows = get(client, f"{PRODUCTS}/gamis/related")["results"]
    assert [row["slug"] for row in rows] == ["c", "b"]
    assert client.get(f"{PRODUCTS}/tidak-ada/related").status_code == 404


def test_the_sitemap_has_what_is_public(client: Client) -> None:
    VariantFactory(product__slug="b")
    VariantFactory(product__slug="a")
    ProductFactory(slug="draft", status="draft")
    CollectionFactory(slug="ramadan")
    feed = get(client, "/api/v1/sitemap")
    assert [row["slug"] for row in feed["results"]] == ["a", "b"]
    assert set(feed["results"][0]) == {"slug", "updated_at"}
    assert feed["pagination"]["limit"] == 1000
    shelves = get(client, "/api/v1/sitemap", kind="collection")["results"]
    assert [row["slug"] for row in shelves] == ["ramadan"]
    assert client.get("/api/v1/sitemap", {"kind": "order"}).status_code == 400
