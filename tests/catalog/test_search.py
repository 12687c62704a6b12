"""Search by words, filters, facets and pages of the product list over HTTP."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Product, SearchSynonym, Variant
from catalog.services import (
    categories,
    documents,
    listing,
    prices,
    stock,
    synonyms,
)
from catalog.services.products import SlugReserved
from catalog.services.synonyms import InvalidSynonyms
from tests.factories import (
    CategoryFactory,
    CollectionFactory,
    ColorFactory,
    MaterialFactory,
    ProductFactory,
    SizeFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products"
ALL_SORTS = ["newest", "price", "-price", "name", "popular", "rating", "discount"]


def get(client: Client, path: str = PRODUCTS, **query: Any) -> Any:
    response = client.get(path, query)
    assert response.status_code == 200, response.content
    return response.json()


def refused(client: Client, path: str = PRODUCTS, **query: Any) -> dict[str, Any]:
    response = client.get(path, query)
    assert response.status_code == 400, response.content
    [row] = response.json()["errors"]
    return dict(row)


def slugs(client: Client, path: str = PRODUCTS, **query: Any) -> list[str]:
    return [card["slug"] for card in get(client, path, **query)["results"]]


def on_sale(slug: str, *, variant: dict[str, Any] | None = None, **fields: Any) -> Any:
    fields.setdefault("name", slug.replace("-", " ").title())
    fields.setdefault("description", "")
    product = ProductFactory(slug=slug, **fields)
    return VariantFactory(
        product=product, **{"sku": f"{slug}-1".upper(), **(variant or {})}
    )


@pytest.fixture
def shop() -> None:
    """Three products that differ in everything."""
    red = ColorFactory(name="Marun", slug="marun", family="merah muda")
    black = ColorFactory(name="Hitam", slug="hitam", family="hitam")
    medium, all_size = SizeFactory(name="M"), SizeFactory(name="All Size")
    women = CategoryFactory(slug="wanita", name="Wanita")
    gowns = CategoryFactory(slug="gamis", name="Gamis", parent=women)
    scarves = CategoryFactory(slug="kerudung", name="Kerudung")
    on_sale(
        "gamis-arunika",
        category=gowns,
        material=MaterialFactory(
            name="Ceruty Baby", slug="ceruty-baby", family="ceruty"
        ),
        brand="Karima",
        opacity="opaque",
        stretch="none",
        lining="full",
        sleeve="long",
        is_busui_friendly=True,
        variant={
            "color": red,
            "size": medium,
            "price": 300_000,
            "compare_at_price": 400_000,
            "on_hand": 3,
        },
    )
    on_sale(
        "gamis-batik",
        category=gowns,
        brand="Batik Kita",
        opacity="semi_sheer",
        is_wudhu_friendly=True,
        is_featured=True,
        variant={"color": black, "size": medium, "price": 200_000},
    )
    on_sale(
        "pashmina-satin",
        category=scarves,
        material=MaterialFactory(name="Satin", slug="satin", family="satin"),
        opacity="opaque",
        variant={"color": black, "size": all_size, "price": 50_000, "on_hand": 1},
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"color": "hitam"}, ["gamis-batik", "pashmina-satin"]),
        ({"color": "merah-muda"}, ["gamis-arunika"]),
        ({"color": "marun"}, ["gamis-arunika"]),
        ({"color": "marun,hitam"}, ["gamis-arunika", "gamis-batik", "pashmina-satin"]),
        (
            {"color": ["marun", "HITAM"]},
            ["gamis-arunika", "gamis-batik", "pashmina-satin"],
        ),
        ({"size": "m"}, ["gamis-arunika", "gamis-batik"]),
        ({"size": "all size", "color": "hitam"}, ["pashmina-satin"]),
        ({"size": "All Size", "color": "marun"}, []),
        ({"category": "wanita"}, ["gamis-arunika", "gamis-batik"]),
        (
            {"category": "gamis,kerudung", "opacity": "opaque"},
            ["gamis-arunika", "pashmina-satin"],
        ),
        ({"material": "ceruty"}, ["gamis-arunika"]),
        ({"material": "ceruty-baby,satin"}, ["gamis-arunika", "pashmina-satin"]),
        ({"brand": "karima"}, ["gamis-arunika"]),
        (
            {"opacity": "opaque,semi_sheer"},
            ["gamis-arunika", "gamis-batik", "pashmina-satin"],
        ),
        ({"lining": "full", "stretch": "none", "sleeve": "long"}, ["gamis-arunika"]),
        ({"in_stock": "true"}, ["gamis-arunika", "pashmina-satin"]),
        ({"on_sale": "1"}, ["gamis-arunika"]),
        ({"busui": "true"}, ["gamis-arunika"]),
        ({"wudhu": "true"}, ["gamis-batik"]),
        ({"featured": "true"}, ["gamis-batik"]),
        ({"min_price": "100000", "max_price": "250000"}, ["gamis-batik"]),
    ],
)
def test_filters(
    client: Client, shop: None, query: dict[str, Any], expected: list[str]
) -> None:
    assert slugs(client, sort="name", **query) == expected


@pytest.mark.parametrize(
    ("query", "code", "word"),
    [
        ({"color": "hitam,jingga"}, "unknown_value", "jingga"),
        ({"size": "m,raksasa"}, "unknown_value", "raksasa"),
        ({"material": "baja"}, "unknown_value", "baja"),
        ({"brand": "tak ada"}, "unknown_value", "tak ada"),
        ({"category": "gamis,tas"}, "unknown_category", "tas"),
        ({"opacity": "opaque,glass"}, "invalid_choice", "glass"),
        ({"sleeve": ""}, "invalid_choice", ""),
        ({"size": "m,"}, "blank", ""),
        ({"color": ",".join(f"c{n}" for n in range(21))}, "invalid", ""),
        ({"ids": "1,dua"}, "invalid", "dua"),
        ({"ids": "0"}, "min_value", "0"),
        ({"ids": "9" * 30}, "max_value", ""),
        ({"fields": "slug,cost"}, "invalid_choice", "cost"),
        ({"sort": "relevance"}, "invalid", ""),
        ({"facets": "semua"}, "invalid", ""),
        ({"on_sale": ["true", "false"]}, "repeated", ""),
    ],
)
def test_a_wrong_value_is_refused_and_named(
    client: Client, shop: None, query: dict[str, Any], code: str, word: str
) -> None:
    row = refused(client, **query)
    assert row["field"] == next(iter(query))
    assert row["code"] == code
    assert word in row["message"]


@pytest.mark.parametrize(
    ("q", "corrected"),
    [
        ("gamis", None),
        ("GAMIS arunika", None),
        ("gamiz", "gamis"),
        ("arunica", "arunika"),
        ("abaya", None),
        ("gamis untuk", None),
        ("menyusui", None),
    ],
)
def test_words_are_found_misspelt_or_by_a_synonym(
    client: Client, q: str, corrected: str | None
) -> None:
    on_sale("gamis-arunika", description="Ramah busui, dipakai sehari-hari.")
    on_sale("koko-alif")
    page = get(client, q=q)
    assert [card["slug"] for card in page["results"]] == ["gamis-arunika"]
    assert page.get("corrected_q") == corrected


@pytest.mark.parametrize("q", ["jilbab", "hijab", "kerudung", "krudung", "jlbab"])
def test_synonyms_reach_each_other(client: Client, q: str) -> None:
    on_sale("hijab-voal")
    on_sale("koko-alif")
    assert slugs(client, q=q) == ["hijab-voal"]


def test_a_phrase_has_synonyms_too(client: Client) -> None:
    on_sale("setelan-rumah")
    on_sale("one-piece-set")
    found = slugs(client, q="one set rumah"), slugs(client, q="setelan")
    assert found == (["setelan-rumah"], ["setelan-rumah"])


def test_staff_add_synonyms_that_work_at_once(client: Client) -> None:
    on_sale("tas-selempang")
    assert slugs(client, q="slingbag") == []
    synonym = SearchSynonym(words=[" SlingBag!", "tas", "tas"])
    synonyms.save(synonym)
    assert synonym.words == ["slingbag", "tas"]
    assert slugs(client, q="slingbag") == ["tas-selempang"]
    assert slugs(client, q="slingbeg") == ["tas-selempang"]
    with pytest.raises(InvalidSynonyms):
        synonyms.save(SearchSynonym(words=["tas", "TAS", "?"]))


@pytest.mark.urls("karima.urls.admin")
def test_synonyms_have_a_page_for_the_staff(owner: Client) -> None:
    owner.get("/admin/")
    page = reverse("admin:catalog_searchsynonym_add")
    assert owner.post(page, {"words": "Tas, slingbag"}).status_code == 302
    assert SearchSynonym.objects.filter(words=["tas", "slingbag"]).exists()
    listed = owner.get(
        reverse("admin:catalog_searchsynonym_changelist"), {"q": "SLING"}
    )
    assert b"tas, slingbag" in listed.content
    assert b"jilbab" not in listed.content


def test_a_rebuild_forgets_words_that_nothing_says(client: Client) -> None:
    product = on_sale("gamis-aruna").product
    assert get(client, q="arunq")["corrected_q"] == "aruna"
    product.name = "Gamis Lain"
    product.save()
    list(documents.rebuild())
    assert "corrected_q" not in get(client, q="arunq")
    assert slugs(client, q="abayaa") == ["gamis-aruna"]


@pytest.mark.parametrize(
    "q", ["GMS-ARU-01", "gms-aru", "warna marun", "satin", "pakaian", "batik"]
)
def test_search_knows_skus_colors_materials_and_stems(client: Client, q: str) -> None:
    on_sale(
        "gamis-arunika",
        material=MaterialFactory(name="Satin", slug="satin"),
        brand="Batik Kita",
        description="Pakaian warna lembut",
        variant={"sku": "GMS-ARU-01", "color": ColorFactory(name="Marun")},
    )
    assert slugs(client, q=q) == ["gamis-arunika"]


def test_the_best_match_comes_first(client: Client) -> None:
    on_sale("satin-dress", description="")
    on_sale("bros", description="Cocok untuk satin")
    on_sale("ciput", material=MaterialFactory(name="Satin", slug="satin"))
    assert slugs(client, q="satin") == ["satin-dress", "ciput", "bros"]


def test_only_signs_find_nothing(client: Client) -> None:
    on_sale("gamis")
    assert slugs(client, q="?!") == []
    assert slugs(client, q="") == ["gamis"]


def test_facets_leave_their_own_filter_out(client: Client, shop: None) -> None:
    facets = get(client, facets="1", color="marun", limit=1)["facets"]

    def counts(name: str) -> dict[str, int]:
        return {row["value"]: row["count"] for row in facets[name]}

    assert counts("color") == {"hitam": 2, "merah-muda": 1}
    assert counts("size") == {"m": 1}
    assert counts("category") == {"wanita": 1, "gamis": 1}
    assert counts("material") == {"ceruty": 1}
    assert counts("brand") == {"karima": 1}
    assert counts("busui") == {"true": 1}
    assert counts("wudhu") == {}
    assert facets["price"] == {"min": 300_000, "max": 300_000}
    assert facets["brand"][0]["name"] == "Karima"


def test_facets_of_a_price_range_leave_the_range_out(
    client: Client, shop: None
) -> None:
    facets = get(client, facets="1", max_price=100_000)["facets"]
    assert facets["price"] == {"min": 50_000, "max": 300_000}
    assert [row["value"] for row in facets["color"]] == ["hitam"]
    both = get(client, facets="1", max_price=100_000, size="m")["facets"]
    assert both["price"] == {"min": 200_000, "max": 300_000}
    assert [row["value"] for row in both["size"]] == ["all size"]
    assert both["color"] == []


@pytest.mark.parametrize("count", [1, 9])
def test_the_list_costs_at_most_four_queries(client: Client, count: int) -> None:
    category, color = CategoryFactory(slug="gamis"), ColorFactory(slug="marun")
    collection = CollectionFactory(slug="lebaran")
    for n in range(count):
        variant = on_sale(f"gamis-{n}", category=category, variant={"color": color})
        collection.items.create(product=variant.product, position=n)
    query = {"q": "gamis", "category": "gamis", "color": "marun"}
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(slugs(client, collection="lebaran", limit=50, **query)) == count
    assert len(queries) == 4
    with CaptureQueriesContext(connection) as queries:
        get(client, collection="lebaran", facets="1", **query)
    assert len(queries) == 6


@pytest.mark.parametrize("sort", ALL_SORTS)
def test_cursors_reach_everything_once_in_the_order_of_pages(
    client: Client, sort: str
) -> None:
    for n in range(7):
        variant = on_sale(f"g-{n}", name=f"Gamis {n % 3}")
        Product.objects.filter(pk=variant.product_id).update(
            price_min=1000 + n % 2,
            price_max=2000,
            sold_count=n % 3,
            rating_average=n % 2,
            discount_percent=n % 3,
        )
    expected = slugs(client, sort=sort, limit=50)
    seen, cursor = [], ""
    while cursor is not None:
        page = get(client, sort=sort, limit=2, cursor=cursor)
        seen += [card["slug"] for card in page["results"]]
        cursor = page["pagination"]["next_cursor"]
    assert seen == expected
    first = get(client, sort=sort, limit=3)["pagination"]["next_cursor"]
    assert slugs(client, sort=sort, limit=9, cursor=first) == expected[3:]


def test_cursors_follow_relevance_and_the_order_by_hand(client: Client) -> None:
    collection = CollectionFactory(slug="lebaran")
    for n in range(5):
        product = on_sale(f"gamis-{n}").product
        collection.items.create(product=product, position=5 - n)
    for query in ({"q": "gamis"}, {"collection": "lebaran"}):
        expected = slugs(client, **query)
        page = get(client, limit=2, **query)
        cursor = page["pagination"]["next_cursor"]
        assert slugs(client, limit=3, cursor=cursor, **query) == expected[2:]


def test_a_cursor_is_neither_made_up_nor_of_another_order(client: Client) -> None:
    for n in range(3):
        on_sale(f"gamis-{n}")
    cursor = get(client, sort="price", limit=1)["pagination"]["next_cursor"]
    assert refused(client, sort="name", cursor=cursor)["code"] == "invalid_cursor"
    assert refused(client, sort="price", cursor=cursor[:-1] + "x")["field"] == "cursor"
    assert refused(client, sort="price", cursor="e30:abc")["field"] == "cursor"
    assert refused(client, cursor="", page=1)["field"] == "cursor"


def test_pages_end_at_the_window_and_say_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(5):
        on_sale(f"gamis-{n}")
    monkeypatch.setattr(listing, "WINDOW", 4)
    first = get(client, limit=3)["pagination"]
    assert (first["total_items"], first["total_pages"]) == (4, 2)
    assert first["total_is_exact"] is False
    last = get(client, limit=3, page=2)
    assert len(last["results"]) == 1
    assert last["pagination"]["next"] is None
    assert refused(client, limit=3, page=3)["field"] == "page"


def test_ids_and_fields_read_a_part(client: Client) -> None:
    first, _, third = (on_sale(f"gamis-{n}") for n in range(3))
    ids = f"{first.product_id},{third.product_id},99999999"
    cards = get(client, ids=ids, fields="slug,price_min", sort="name")["results"]
    assert cards == [
        {"slug": "gamis-0", "price_min": 150_000},
        {"slug": "gamis-2", "price_min": 150_000},
    ]


def test_addresses_that_say_a_part_of_the_query(client: Client, shop: None) -> None:
    Product.objects.filter(slug="gamis-arunika").update(sold_count=9)
    assert slugs(client, f"{PRODUCTS}/search", q="satin") == ["pashmina-satin"]
    assert slugs(client, f"{PRODUCTS}/featured") == ["gamis-batik"]
    assert slugs(client, f"{PRODUCTS}/bestsellers")[0] == "gamis-arunika"
    assert slugs(client, f"{PRODUCTS}/new")[0] == "pashmina-satin"
    for path in (f"{PRODUCTS}/category/wanita", "/api/v1/categories/wanita/products"):
        assert slugs(client, path, sort="name") == ["gamis-arunika", "gamis-batik"]
    assert refused(client, f"{PRODUCTS}/new", sort="name")["field"] == "sort"
    assert client.get(f"{PRODUCTS}/category/tas").status_code == 404


def test_an_old_category_leads_to_its_products(client: Client) -> None:
    category = CategoryFactory(slug="baju", name="Baju")
    category.slug = "busana"
    categories.save(category)
    response = client.get(f"{PRODUCTS}/category/baju")
    assert response.status_code == 308
    assert response["Location"] == "/api/v1/categories/busana/products"


def test_category_stats_count_subtrees(client: Client, shop: None) -> None:
    CategoryFactory(slug="kosong", name="Kosong")
    rows = {
        row.pop("slug"): row
        for row in get(client, "/api/v1/categories/stats")["results"]
    }
    assert rows["wanita"] == {
        "name": "Wanita",
        "product_count": 2,
        "in_stock_count": 1,
        "price_min": 200_000,
        "price_max": 300_000,
    }
    assert rows["kosong"]["product_count"] == 0
    assert rows["kosong"]["price_min"] is None


def test_no_category_takes_a_word_of_the_addresses() -> None:
    category = CategoryFactory(slug="kosong")
    category.slug = "stats"
    with pytest.raises(SlugReserved):
        categories.save(category)


def test_suggestions(client: Client, shop: None) -> None:
    found = get(client, f"{PRODUCTS}/suggest", q="gam")
    assert {card["slug"] for card in found["products"]} == {
        "gamis-arunika",
        "gamis-batik",
    }
    assert found["categories"] == [{"slug": "gamis", "name": "Gamis"}]
    assert found["words"] == ["gamis"]
    assert found["corrected_q"] is None
    assert get(client, f"{PRODUCTS}/suggest", q="gamiz aru")["words"] == [
        "gamis arunika"
    ]
    assert refused(client, f"{PRODUCTS}/suggest")["field"] == "q"
    assert refused(client, f"{PRODUCTS}/suggest", q="a", sort="x")["field"] == "sort"


def test_suggestions_cost_four_queries(
    client: Client, shop: None, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(4):
        get(client, f"{PRODUCTS}/suggest", q="gamis")


def test_filters_follow_a_sale_and_a_sell_out(client: Client, shop: None) -> None:
    variant = Variant.objects.get(sku="GAMIS-BATIK-1")
    prices.change_price(variant, price=100_000, compare_at_price=200_000)
    stock.receive([stock.StockLine(variant.pk, 2)], reference="isi")
    assert "gamis-batik" in slugs(client, on_sale="true", in_stock="true")
    stock.reserve([stock.StockLine(variant.pk, 2)], reference="KRM-1")
    assert "gamis-batik" not in slugs(client, in_stock="true")
