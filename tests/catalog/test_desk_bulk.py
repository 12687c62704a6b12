"""Prices and statuses of many at once, and SKU made from colors and sizes."""

import pytest
from django.test import Client

from catalog.models import ChangeBatch, Product, Variant
from catalog.services.repricing import Method, Rounding, Rule, new_price
from karima.money import parse_rupiah
from tests.catalog.desk import form_of, text_of, url
from tests.factories import ColorFactory, ProductFactory, SizeFactory, VariantFactory
from tests.fixtures_staff import StaffClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls("karima.urls.admin")]


@pytest.mark.parametrize(
    ("price", "method", "amount", "rounding", "expected"),
    [
        (150_000, "percent", -15, "none", 127_500),
        (150_000, "percent", 10, "900", 164_900),
        (149_999, "percent", 5, "none", 157_499),
        (150_000, "add", 2_500, "1000", 153_000),
        (150_000, "add", -150, "100", 149_900),
        (150_000, "set", 99_400, "900", 99_900),
        (150_000, "set", 99_399, "900", 98_900),
        (150_000, "set", 100, "900", 900),
        (1_000, "add", -2_000, "none", -1_000),
    ],
)
def test_a_rule_gives_the_price_a_shop_would(
    price: int, method: str, amount: int, rounding: str, expected: int
) -> None:
    rule = Rule(method=Method(method), amount=amount, rounding=Rounding(rounding))
    assert new_price(price, rule) == expected


@pytest.mark.parametrize(
    "written", ["150000", "150.000", "Rp150.000,00", "Rp 150.000,-", "rp. 150.000"]
)
def test_an_amount_is_read_however_it_is_written(written: str) -> None:
    assert parse_rupiah(written) == 150_000


@pytest.mark.parametrize(
    "written",
    [
        "1,5 jt",
        "150,000",
        "1.5",
        "15.00",
        "-5",
        "",
        "150k",
        "1e5",
        "\u0661\u0665",
        "150.000,50",
    ],
)
def test_an_amount_that_could_mean_something_else_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="rupiah"):
        parse_rupiah(written)


def reprice(client: Client, page: str, **answers: str) -> str:
    form = {"method": "percent", "rounding": "900", "compare": "from_price"} | answers
    preview = client.post(page, form | {"step": "preview"})
    shown = text_of(preview)
    client.post(page, form_of(preview) | {"step": "save"})
    return shown


def test_forty_prices_are_changed_after_a_look(owner: Client) -> None:
    product = ProductFactory()
    for _ in range(40):
        VariantFactory(product=product, price=200_000)
    page = url("variant_reprice", product=product.pk)
    assert "40 SKU dipilih" in text_of(owner.get(page))
    shown = reprice(owner, page, amount="-10")
    assert "40 dari 40 SKU berubah harga" in shown
    assert set(Variant.objects.values_list("price", "compare_at_price")) == {
        (179_900, 200_000)
    }
    assert Product.objects.get().price_max == 179_900

    owner.post(url("changebatch_undo", ChangeBatch.objects.get().pk))
    assert set(Variant.objects.values_list("price", "compare_at_price")) == {
        (200_000, None)
    }


def test_prices_changed_after_the_look_are_not_saved(owner: Client) -> None:
    variant: Variant = VariantFactory(price=200_000)
    page = url("variant_reprice", id=variant.pk)
    form = {"method": "percent", "amount": "-10", "rounding": "none", "compare": "keep"}
    preview = owner.post(page, form | {"step": "preview"})
    Variant.objects.update(price=210_000)
    owner.post(page, form_of(preview) | {"step": "save"})
    variant.refresh_from_db()
    assert variant.price == 210_000


def test_a_price_that_a_rule_makes_impossible_is_left_and_named(owner: Client) -> None:
    cheap: Variant = VariantFactory(price=10_000)
    dear: Variant = VariantFactory(price=100_000)
    page = url("variant_reprice", id=[cheap.pk, dear.pk])
    shown = reprice(owner, page, method="add", amount="-20.000", rounding="none")
    assert "1 SKU dilewati" in shown
    cheap.refresh_from_db()
    dear.refresh_from_db()
    assert (cheap.price, dear.price) == (10_000, 80_000)


def test_nothing_chosen_reprices_nothing(owner: Client) -> None:
    VariantFactory(price=10_000)
    shown = reprice(owner, url("variant_reprice"), amount="10")
    assert "0 dari 0 SKU" in shown
    assert Variant.objects.get().price == 10_000


def test_products_are_put_on_sale_after_a_look_at_what_they_lack(owner: Client) -> None:
    product = VariantFactory(
        product__status="draft", product__published_at=None
    ).product
    chosen = {"action": "publish", "_selected_action": [product.pk]}
    page = owner.post(url("product_changelist"), chosen)["Location"]
    preview = owner.get(page)
    assert "tanpa gambar" in text_of(preview)
    assert Product.objects.get(pk=product.pk).status == "draft"
    owner.post(page, form_of(preview) | {"step": "save"})
    product.refresh_from_db()
    assert product.status == "active"
    assert product.published_at is not None
    owner.post(url("changebatch_undo", ChangeBatch.objects.get().pk))
    product.refresh_from_db()
    assert product.status == "draft"


def test_products_are_archived_by_the_list(owner: Client) -> None:
    product = VariantFactory().product
    chosen = {"action": "archive", "_selected_action": [product.pk]}
    page = owner.post(url("product_changelist"), chosen)["Location"]
    owner.post(page, form_of(owner.get(page)) | {"step": "save"})
    product.refresh_from_db()
    assert product.status == "archived"


def test_a_status_page_needs_the_right(staff_client: StaffClient) -> None:
    product = VariantFactory().product
    page = url("product_status", product=product.pk, to="archived")
    assert staff_client("cs").post(page, {"step": "save"}).status_code == 403
    product.refresh_from_db()
    assert product.status == "active"


def test_sku_are_made_for_the_gaps_only(owner: Client) -> None:
    product = ProductFactory(name="Gamis Arunika")
    colors = [ColorFactory(name=name) for name in ("Sage", "Mauve")]
    sizes = [SizeFactory(name=name) for name in ("S", "M", "L")]
    there = VariantFactory(product=product, color=colors[0], size=sizes[0], sku="LAMA")
    form = {
        "colors": [color.pk for color in colors],
        "sizes": [size.pk for size in sizes],
        "pattern": "gms-aru-{warna}-{ukuran}",
        "price": "189.900",
        "weight_grams": "450",
    }
    page = url("product_matrix", product.pk)
    preview = owner.post(page, form | {"step": "preview"})
    assert "5 SKU akan dibuat, 1 sudah ada" in text_of(preview)
    assert Variant.objects.count() == 1
    owner.post(page, form | {"step": "save"})
    skus = set(Variant.objects.exclude(pk=there.pk).values_list("sku", flat=True))
    assert skus == {
        "GMS-ARU-SAGE-M",
        "GMS-ARU-SAGE-L",
        "GMS-ARU-MAUVE-S",
        "GMS-ARU-MAUVE-M",
        "GMS-ARU-MAUVE-L",
    }
    product.refresh_from_db()
    assert product.price_max == 189_900
    owner.post(page, form | {"step": "save"})
    assert Variant.objects.count() == 6


def test_a_pattern_that_gives_one_sku_twice_makes_nothing(owner: Client) -> None:
    product = ProductFactory()
    form = {
        "colors": [ColorFactory().pk, ColorFactory().pk],
        "sizes": [SizeFactory(name="M").pk],
        "pattern": "GMS-{ukuran}",
        "price": "189900",
        "weight_grams": "450",
    }
    page = url("product_matrix", product.pk)
    preview = owner.post(page, form | {"step": "preview"})
    assert "lebih dari sekali" in text_of(preview)
    refused = owner.post(page, form | {"step": "save"})
    assert "Ubah polanya" in text_of(refused)
    assert not Variant.objects.exists()
