"""The catalogue's admin: pages open, stay cheap, and stock changes by services only."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import (
    Category,
    Collection,
    OldSlug,
    Product,
    SizeChart,
    Stock,
    StockMovement,
    Variant,
)
from catalog.services import stock
from catalog.services.stock import StockLine
from tests.factories import CategoryFactory, ProductImageFactory, VariantFactory
from tests.fixtures_staff import StaffClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls("karima.urls.admin")]

MODELS = [
    "bundle",
    "attribute",
    "category",
    "changebatch",
    "collection",
    "color",
    "flashsale",
    "importfile",
    "material",
    "product",
    "searchsynonym",
    "size",
    "sizechart",
    "stockmovement",
    "stocktake",
    "tierprice",
    "variant",
]


@pytest.fixture
def staff(owner: Client) -> Client:
    """Return the browser of the owner, who has signed in."""
    owner.get("/admin/")
    return owner


def url(model: str, page: str, *args: Any) -> str:
    return reverse(f"admin:catalog_{model}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_every_list_opens_within_twelve_queries(
    staff: Client, django_assert_max_num_queries: Any, model: str
) -> None:
    for _ in range(8):
        variant = VariantFactory(on_hand=4)
        ProductImageFactory(product=variant.product, is_primary=True)
    with django_assert_max_num_queries(12):
        response = staff.get(url(model, "changelist"), {"q": "a"})
    assert response.status_code == 200


def test_a_product_opens_with_its_variants_and_pictures(staff: Client) -> None:
    variant = VariantFactory(on_hand=4)
    ProductImageFactory(product=variant.product)
    response = staff.get(url("product", "change", variant.product_id))
    assert variant.sku in response.content.decode()
    assert "contoh.webp" in response.content.decode()


def test_the_list_shows_prices_as_shops_write_them(staff: Client) -> None:
    VariantFactory(price=150_000)
    response = staff.get(url("product", "changelist"))
    assert "Rp\u00a0150.000" in response.content.decode()


def test_receiving_books_a_movement_in_the_name_of_staff(staff: Client) -> None:
    variant = VariantFactory(on_hand=4)
    page = reverse("admin:catalog_variant_receive_stock", args=[variant.pk])
    assert staff.get(page).status_code == 200
    staff.post(page, {"quantity": "6", "reference": "SJ-12", "note": ""})
    movement = StockMovement.objects.latest("id")
    assert Stock.objects.get(variant=variant).on_hand == 10
    assert movement.actor is not None
    assert movement.actor.email == "owner@karima.example"
    assert movement.reference == "SJ-12"


def test_adjusting_needs_a_reason(staff: Client) -> None:
    variant = VariantFactory(on_hand=4)
    page = reverse("admin:catalog_variant_adjust_stock", args=[variant.pk])
    staff.post(page, {"new_on_hand": "2", "reason": "damaged", "note": ""})
    assert Stock.objects.get(variant=variant).on_hand == 4
    staff.post(page, {"new_on_hand": "2", "reason": "damaged", "note": "Rusak"})
    assert Stock.objects.get(variant=variant).on_hand == 2


def test_a_refused_adjustment_is_a_message(staff: Client) -> None:
    variant = VariantFactory(on_hand=4)
    stock.reserve([StockLine(variant.pk, 3)], reference="KRM-1")
    page = reverse("admin:catalog_variant_adjust_stock", args=[variant.pk])
    response = staff.post(
        page, {"new_on_hand": "2", "reason": "damaged", "note": "Rusak"}
    )
    assert stock.StockStillReserved.detail in response.content.decode()
    assert Stock.objects.get(variant=variant).on_hand == 4


def test_staff_without_the_right_cannot_change_stock(
    staff_client: StaffClient,
) -> None:
    variant = VariantFactory(on_hand=4)
    page = reverse("admin:catalog_variant_receive_stock", args=[variant.pk])
    response = staff_client("").post(page, {"quantity": "6"})
    assert response.status_code == 403
    assert Stock.objects.get(variant=variant).on_hand == 4


def test_the_ledger_cannot_be_changed_from_the_admin(staff: Client) -> None:
    VariantFactory(on_hand=4)
    movement = StockMovement.objects.get()
    assert staff.get(url("stockmovement", "add")).status_code == 403
    delete = url("stockmovement", "delete", movement.pk)
    assert staff.post(delete, {"post": "yes"}).status_code == 403


def test_saving_a_variant_moves_the_price_range(staff: Client) -> None:
    variant = VariantFactory(price=150_000)
    form = {
        "product": variant.product_id,
        "sku": variant.sku,
        "color": variant.color_id,
        "size": variant.size_id,
        "price": "175000",
        "compare_at_price": "",
        "weight_grams": "400",
        "is_active": "on",
    }
    response = staff.post(url("variant", "change", variant.pk), form)
    assert response.status_code == 302
    assert Variant.objects.get(pk=variant.pk).price == 175_000
    assert Product.objects.get(pk=variant.product_id).price_min == 175_000


def test_a_category_that_cannot_move_there_is_a_message(staff: Client) -> None:
    root = CategoryFactory(slug="hijab")
    child = CategoryFactory(slug="bergo", parent=root)
    form = {"parent": child.pk, "name": "Hijab", "slug": "hijab", "position": "0"}
    response = staff.post(url("category", "change", root.pk), form, follow=True)
    assert "ke dalam dirinya sendiri" in response.content.decode()
    assert Category.objects.get(pk=root.pk).parent is None


@pytest.mark.parametrize("page", ["receive-stock", "adjust-stock"])
@pytest.mark.parametrize("key", ["999999", "not-a-number"])
def test_stock_page_of_no_variant_is_not_found(
    staff: Client, page: str, key: str
) -> None:
    answer = staff.get(f"/admin/catalog/variant/{key}/{page}/")
    assert answer.status_code == 404


def inline(prefix: str, **rows: Any) -> dict[str, Any]:
    """Return what an inline form sends, empty but for the rows given."""
    counts = {"TOTAL_FORMS": len(rows), "INITIAL_FORMS": 0}
    fields = {f"{prefix}-{name}": value for name, value in counts.items()}
    for number, row in enumerate(rows.values()):
        fields |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return fields


def test_a_color_renamed_here_is_renamed_on_products(staff: Client) -> None:
    variant = VariantFactory(color__name="Sage", color__slug="sage")
    body = {
        "name": "Sage Muda",
        "slug": "sage-muda",
        "hex": "#a3b18a",
        "family": "hijau",
    }
    response = staff.post(url("color", "change", variant.color_id), body)
    assert response.status_code == 302, response.content
    assert "Sage Muda" in variant.product.documents.get().card


def test_a_size_chart_filled_in_here_shows_on_products(staff: Client) -> None:
    variant = VariantFactory()
    chart = SizeChart.objects.create(name="Gamis dewasa")
    variant.product.size_chart = chart
    variant.product.save()
    cell = {"size": variant.size_id, "measure": "LD", "cm": "98.5", "cm_to": ""}
    body = {"name": "Gamis dewasa", "note": "", **inline("measurements", first=cell)}
    response = staff.post(url("sizechart", "change", chart.pk), body)
    assert response.status_code == 302, response.content
    assert '"cm":98.5' in variant.product.documents.get().detail


def test_a_rule_that_is_wrong_is_explained_and_not_saved(staff: Client) -> None:
    body = {
        "name": "Murah",
        "slug": "",
        "kind": "rule",
        "rule": '{"warna": "merah"}',
        "is_active": "on",
        "position": 0,
        **inline("items"),
    }
    refused = staff.post(url("collection", "add"), body, follow=True)
    assert "Periksa aturan koleksi: warna." in refused.content.decode()
    assert not Collection.objects.exists()
    body["rule"] = '{"max_price": 100000}'
    assert staff.post(url("collection", "add"), body).status_code == 302
    collection = Collection.objects.get()
    assert collection.slug == "murah"
    page = staff.get(url("collection", "change", collection.pk))
    assert "0 produk terlihat" in page.content.decode()


def test_a_product_renamed_here_leaves_its_old_slug(staff: Client) -> None:
    product = VariantFactory(product__slug="lama").product
    form = staff.get(url("product", "change", product.pk)).context["adminform"].form
    body = {
        name: value
        for name, value in form.initial.items()
        if value is not None and not isinstance(value, dict | bool)
    }
    body |= {"slug": "baru", "extra": "{}", "published_at_0": "", "published_at_1": ""}
    body["published_at_0"] = "2026-01-05"
    body["published_at_1"] = "09:00:00"
    variant = product.variants.get()
    row = {
        "id": variant.pk,
        "product": product.pk,
        "sku": variant.sku,
        "color": variant.color_id,
        "size": variant.size_id,
        "price": variant.price,
        "weight_grams": variant.weight_grams,
        "is_active": "on",
    }
    body |= inline("variants", only=row) | {"variants-INITIAL_FORMS": 1}
    body |= inline("images") | inline("related_links")
    response = staff.post(url("product", "change", product.pk), body)
    assert response.status_code == 302, response.context["errors"]
    assert OldSlug.objects.get().slug == "lama"
