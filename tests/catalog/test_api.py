"""The public catalogue over HTTP: shapes, filters, refusals, caching, query counts."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework import serializers

from catalog.api.answering import CACHE_CONTROL
from catalog.api.serializers import (
    CategoryDetailOutput,
    CategoryTreeOutput,
    ProductCardOutput,
    ProductDetailOutput,
)
from catalog.models import Product, Variant
from catalog.services import documents, prices, stock
from tests.factories import (
    CategoryFactory,
    ColorFactory,
    MaterialFactory,
    ProductFactory,
    ProductImageFactory,
    SizeFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products"


def get(client: Client, path: str, **query: Any) -> Any:
    response = client.get(path, query)
    assert response.status_code == 200, response.content
    return response.json()


def slugs(client: Client, **query: Any) -> list[str]:
    return [card["slug"] for card in get(client, PRODUCTS, **query)["results"]]


def on_sale(
    slug: str, *, price: int = 150_000, on_hand: int = 0, **fields: Any
) -> Variant:
    product = ProductFactory(slug=slug, name=fields.pop("name", slug), **fields)
    return VariantFactory(
        product=product, sku=f"{slug}-1".upper(), price=price, on_hand=on_hand
    )


def mismatches(shape: Any, value: Any, at: str = "") -> list[str]:
    """Return where a JSON value has other members than its documented shape."""
    if value is None:
        return [] if shape.allow_null else [f"{at} is null"]
    if isinstance(shape, serializers.ListSerializer):
        return [m for row in value for m in mismatches(shape.child, row, f"{at}[]")]
    if isinstance(shape, serializers.BaseSerializer):
        if value.keys() != shape.fields.keys():  # type: ignore[attr-defined]  # a serializer
            return [f"{at}: {value.keys() ^ shape.fields.keys()}"]  # type: ignore[attr-defined]  # likewise
        members = shape.fields.items()  # type: ignore[attr-defined]  # likewise
        return [m for n, f in members for m in mismatches(f, value[n], f"{at}.{n}")]
    try:
        shape.run_validation(value)
    except serializers.ValidationError as error:
        return [f"{at}: {error.detail}"]
    return []


@pytest.fixture
def gamis() -> Product:
    """A product with two colours, two sizes, a struck price and pictures."""
    root = CategoryFactory(slug="wanita", name="Wanita")
    category = CategoryFactory(slug="gamis", name="Gamis", parent=root)
    pink = ColorFactory(name="Dusty Pink", hex="#d8a7a7", family="merah muda")
    sage = ColorFactory(name="Sage", hex="#a3b18a", family="hijau")
    medium = SizeFactory(name="M", position=3)
    small = SizeFactory(name="S", position=2)
    product = ProductFactory(
        slug="gamis-arunika",
        name="Gamis Arunika",
        category=category,
        material=MaterialFactory(name="Ceruty", family="ceruty"),
        lining="full",
        is_busui_friendly=True,
    )
    VariantFactory(
        product=product,
        sku="GA-PINK-M",
        color=pink,
        size=medium,
        price=289_000,
        compare_at_price=349_000,
        on_hand=30,
    )
    VariantFactory(
        product=product,
        sku="GA-PINK-S",
        color=pink,
        size=small,
        price=299_000,
        on_hand=3,
    )
    VariantFactory(
        product=product, sku="GA-SAGE-M", color=sage, size=medium, price=319_000
    )
    VariantFactory(
        product=product, sku="GA-SAGE-S", color=sage, size=small, price=99_000
    )
    Variant.objects.filter(sku="GA-SAGE-S").update(is_active=False)
    documents.rewrite([product.pk])
    ProductImageFactory(product=product, alt="Arunika sage", color=sage, position=1)
    ProductImageFactory(
        product=product, alt="Arunika pink", color=pink, is_primary=True, position=2
    )
    return product


def test_card_says_what_a_list_needs(client: Client, gamis: Product) -> None:
    [card] = get(client, PRODUCTS)["results"]
    assert card == {
        "id": gamis.pk,
        "slug": "gamis-arunika",
        "name": "Gamis Arunika",
        "category": {"slug": "gamis", "name": "Gamis"},
        "price_min": 289_000,
        "price_max": 319_000,
        "compare_at_price": 349_000,
        "discount_percent": 17,
        "flash_sale": None,
        "image": {
            "url": "http://testserver/media/products/contoh.webp",
            "alt": "Arunika pink",
            "width": 800,
            "height": 1000,
            "placeholder": None,
            "renditions": [],
        },
        "colors": [
            {"name": "Dusty Pink", "slug": "dusty-pink", "hex": "#d8a7a7"},
            {"name": "Sage", "slug": "sage", "hex": "#a3b18a"},
        ],
        "in_stock": True,
        "is_busui_friendly": True,
        "is_wudhu_friendly": False,
        "rating": {"average": 0, "count": 0},
    }


def test_detail_lists_active_variants_in_the_order_of_the_label(
    client: Client, gamis: Product
) -> None:
    detail = get(client, f"{PRODUCTS}/gamis-arunika")
    rows = [
        (row["sku"], row["size"], row["price"], row["stock_state"], row["available"])
        for row in detail["variants"]
    ]
    assert rows == [
        ("GA-PINK-S", "S", 299_000, "low_stock", 3),
        ("GA-PINK-M", "M", 289_000, "in_stock", 10),
        ("GA-SAGE-M", "M", 319_000, "sold_out", 0),
    ]


def test_detail_tells_options_pictures_and_the_way_there(
    client: Client, gamis: Product
) -> None:
    detail = get(client, f"{PRODUCTS}/gamis-arunika")
    assert [color["name"] for color in detail["options"]["colors"]] == [
        "Dusty Pink",
        "Sage",
    ]
    assert detail["options"]["sizes"] == ["S", "M"]
    assert [image["alt"] for image in detail["images"]] == [
        "Arunika pink",
        "Arunika sage",
    ]
    assert [crumb["slug"] for crumb in detail["breadcrumbs"]] == ["wanita", "gamis"]
    assert detail["attributes"]["material"] == {
        "name": "Ceruty",
        "slug": "ceruty",
        "family": {"value": "ceruty", "name": "Ceruty"},
    }
    assert detail["attributes"]["is_busui_friendly"] is True
    assert detail["attributes"]["lining"] == {"value": "full", "name": "Furing penuh"}
    assert detail["attributes"]["opacity"] is None


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        (PRODUCTS, None),
        (f"{PRODUCTS}/gamis-arunika", ProductDetailOutput()),
        ("/api/v1/categories", CategoryTreeOutput()),
        ("/api/v1/categories/gamis", CategoryDetailOutput()),
    ],
)
def test_answers_have_the_documented_shape(
    client: Client, gamis: Product, path: str, shape: Any
) -> None:
    # The serializer knows no host named "testserver" when it checks an URL.
    body = client.get(path, headers={"host": "127.0.0.1"}).json()
    if shape is None:
        body, shape = body["results"], ProductCardOutput(many=True)
    assert mismatches(shape, body) == []


def test_reserved_pieces_do_not_count_as_available(client: Client) -> None:
    variant = on_sale("khimar", on_hand=2)
    stock.reserve([stock.StockLine(variant.pk, 2)], reference="KRM-1")
    detail = get(client, f"{PRODUCTS}/khimar")
    assert detail["variants"][0]["stock_state"] == "sold_out"
    assert detail["in_stock"] is False
    assert get(client, PRODUCTS)["results"][0]["in_stock"] is False


@pytest.mark.parametrize(
    "change",
    [
        {"status": "draft"},
        {"status": "archived"},
        {"published_at": timezone.now() + timedelta(days=1)},
        {"price_min": None, "price_max": None},
    ],
)
def test_what_is_not_on_sale_is_neither_listed_nor_found(
    client: Client, change: dict[str, Any]
) -> None:
    variant = on_sale("gamis-rahasia")
    Product.objects.filter(pk=variant.product_id).update(**change)
    response = client.get(f"{PRODUCTS}/gamis-rahasia")
    assert slugs(client) == []
    assert response.status_code == 404
    assert response.json()["code"] == "product_not_found"
    assert response["Cache-Control"] == "no-store"


def test_products_of_a_hidden_category_are_hidden(client: Client) -> None:
    on_sale("gamis-rahasia", category=CategoryFactory(is_visible=False))
    assert slugs(client) == []
    assert client.get(f"{PRODUCTS}/gamis-rahasia").status_code == 404


def test_category_stands_for_its_whole_subtree(client: Client) -> None:
    root = CategoryFactory(slug="hijab")
    on_sale("pashmina", category=CategoryFactory(slug="pashmina", parent=root))
    on_sale("hijab-umum", category=root)
    on_sale("hijabers", category=CategoryFactory(slug="hijabers"))
    assert slugs(client, category="hijab", sort="name") == ["hijab-umum", "pashmina"]


@pytest.mark.parametrize(
    "q", ["arunika", "ARUNIKA", "ga-pink", "ceruty gamis", "aruni", "  arunika  "]
)
def test_search_finds_words_of_name_sku_and_description(
    client: Client, gamis: Product, q: str
) -> None:
    on_sale("koko-alif")
    assert slugs(client, q=q) == ["gamis-arunika"]


@pytest.mark.parametrize("q", ["100%", "%", "arunika koko", "'; DROP TABLE"])
def test_search_takes_every_word_as_it_stands(
    client: Client, gamis: Product, q: str
) -> None:
    assert slugs(client, q=q) == []


def test_price_range_keeps_products_with_a_price_in_it(client: Client) -> None:
    on_sale("bros", price=25_000)
    on_sale("khimar", price=120_000)
    on_sale("gamis", price=300_000)
    assert slugs(client, min_price=25_001, max_price=120_000) == ["khimar"]
    assert slugs(client, max_price=25_000) == ["bros"]
    assert slugs(client, min_price=300_000) == ["gamis"]


def test_in_stock_leaves_out_what_is_sold_out(client: Client) -> None:
    on_sale("habis")
    on_sale("ada", on_hand=1)
    assert slugs(client, in_stock="true") == ["ada"]
    assert slugs(client, in_stock="false", sort="name") == ["ada", "habis"]


def test_busui_and_wudhu_filter_each_on_its_own(client: Client) -> None:
    on_sale("busui", is_busui_friendly=True)
    on_sale("wudhu", is_wudhu_friendly=True)
    assert slugs(client, busui="true") == ["busui"]
    assert slugs(client, wudhu="true") == ["wudhu"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("newest", ["c", "b", "a"]),
        ("price", ["b", "a", "c"]),
        ("-price", ["c", "a", "b"]),
        ("name", ["a", "b", "c"]),
    ],
)
def test_sort_orders_and_breaks_ties_by_age(
    client: Client, sort: str, expected: list[str]
) -> None:
    moment = timezone.now()
    for slug, price in [("a", 20_000), ("b", 10_000), ("c", 20_000)]:
        on_sale(slug, price=price, published_at=moment)
    assert slugs(client, sort=sort) == expected


def test_pages_cover_every_product_once(client: Client) -> None:
    moment = timezone.now()
    for n in range(5):
        on_sale(f"gamis-{n}x", published_at=moment)
    pages = [get(client, PRODUCTS, page=page, limit=2) for page in (1, 2, 3)]
    seen = [card["slug"] for page in pages for card in page["results"]]
    assert seen == [f"gamis-{n}x" for n in (4, 3, 2, 1, 0)]
    assert pages[0]["pagination"]["total_items"] == 5
    assert pages[2]["pagination"]["next"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"sort": "random"}, "sort"),
        ({"sort": ""}, "sort"),
        ({"category": "tidak-ada"}, "category"),
        ({"category": "../etc"}, "category"),
        ({"min_price": "murah"}, "min_price"),
        ({"min_price": "-1"}, "min_price"),
        ({"max_price": "1.5"}, "max_price"),
        ({"max_price": "9" * 30}, "max_price"),
        ({"min_price": "200", "max_price": "100"}, "max_price"),
        ({"in_stock": "mungkin"}, "in_stock"),
        ({"busui": "2"}, "busui"),
        ({"q": "x" * 81}, "q"),
        ({"q": "a\x00b"}, "q"),
        ({"page": "0"}, "page"),
        ({"limit": "101"}, "limit"),
        ({"colour": "sage"}, "colour"),
        ({"sort": ["price", "name"]}, "sort"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(
    client: Client, query: dict[str, Any], field: str
) -> None:
    response = client.get(PRODUCTS, query)
    body = response.json()
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert [row["field"] for row in body["errors"]] == [field]
    assert response["Cache-Control"] == "no-store"


def test_campaign_parameters_are_ignored(client: Client) -> None:
    on_sale("gamis-a")
    assert slugs(client, utm_source="ig", fbclid="x", gclid="y") == ["gamis-a"]


def test_an_unchanged_answer_is_304_and_a_changed_one_is_not(client: Client) -> None:
    variant = on_sale("gamis-a")
    first = client.get(PRODUCTS)
    again = client.get(PRODUCTS, headers={"If-None-Match": first["ETag"]})
    prices.change_price(variant, price=99_000)
    changed = client.get(PRODUCTS, headers={"If-None-Match": first["ETag"]})
    assert first["Cache-Control"] == CACHE_CONTROL
    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert changed.json()["results"][0]["price_min"] == 99_000


def test_category_tree_counts_whole_subtrees(client: Client) -> None:
    root = CategoryFactory(slug="hijab", name="Hijab")
    child = CategoryFactory(slug="pashmina", name="Pashmina", parent=root)
    CategoryFactory(slug="rahasia", parent=root, is_visible=False)
    on_sale("a", category=child)
    on_sale("b", category=root)
    leaf = {"slug": "pashmina", "name": "Pashmina", "product_count": 1, "children": []}
    branch = {"slug": "hijab", "name": "Hijab", "product_count": 2, "children": [leaf]}
    assert get(client, "/api/v1/categories") == {"results": [branch]}
    assert get(client, "/api/v1/categories/pashmina") == {
        **leaf,
        "description": "",
        "image": None,
        "seo": {"title": "Pashmina", "description": ""},
        "breadcrumbs": [
            {"slug": "hijab", "name": "Hijab"},
            {"slug": "pashmina", "name": "Pashmina"},
        ],
    }


def test_an_unknown_category_is_404(client: Client) -> None:
    response = client.get("/api/v1/categories/tidak-ada")
    assert response.status_code == 404
    assert response.json()["code"] == "category_not_found"


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_costs_three_queries_whatever_its_size(
    client: Client, django_assert_num_queries: Any, count: int
) -> None:
    category = CategoryFactory(slug="gamis")
    for n in range(count):
        variant = on_sale(f"g{n}", category=category, on_hand=1)
        ProductImageFactory(product=variant.product, is_primary=True)
    query = {"category": "gamis", "q": "g", "in_stock": "true", "limit": 50}
    with django_assert_num_queries(3):
        assert len(slugs(client, **query)) == count


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        (f"{PRODUCTS}/gamis-arunika", 1),
        (f"{PRODUCTS}/gamis-arunika/related", 2),
        ("/api/v1/categories", 2),
        ("/api/v1/categories/gamis", 3),
        ("/api/v1/collections", 1),
        ("/api/v1/sitemap", 2),
    ],
)
def test_other_reads_cost_few_queries(
    client: Client,
    gamis: Product,
    django_assert_num_queries: Any,
    path: str,
    queries: int,
) -> None:
    with django_assert_num_queries(queries):
        get(client, path)
