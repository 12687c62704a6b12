"""The staff's pages of price tables and flash sales."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import FlashSale, FlashSaleItem, TierPrice, Variant
from tests.catalog.prices import flash_sale, price_of, table
from tests.factories import VariantFactory, make_order
from tests.fixtures_staff import StaffClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls("karima.urls.admin")]


@pytest.fixture
def staff(staff_client: StaffClient) -> Client:
    """Return the browser of somebody from marketing."""
    client = staff_client("marketing")
    client.get("/admin/")
    return client


def sale_form(variant: Variant, **changed: Any) -> dict[str, Any]:
    return {
        "name": "Flash Sale Gajian",
        "slug": "",
        "starts_at_0": "2026-01-25",
        "starts_at_1": "10:00:00",
        "ends_at_0": "2036-01-25",
        "ends_at_1": "22:00:00",
        "per_customer_limit": "2",
        "is_published": "on",
        "items-TOTAL_FORMS": "1",
        "items-INITIAL_FORMS": "0",
        "items-0-variant": variant.pk,
        "items-0-price": "99000",
        "items-0-quota": "10",
        **changed,
    }


def test_marketing_makes_a_flash_sale(staff: Client) -> None:
    variant = VariantFactory(price=150_000, on_hand=5)
    page = staff.post(
        reverse("admin:catalog_flashsale_add"), sale_form(variant), follow=True
    )
    sale = FlashSale.objects.get()
    assert sale.slug.startswith("flash-sale-gajian-")
    # Typed in Jakarta, kept in UTC.
    assert sale.starts_at.isoformat() == "2026-01-25T03:00:00+00:00"
    assert price_of(variant).unit_price == 99_000
    variant.product.refresh_from_db()
    assert variant.product.price_min == 99_000
    assert "stok yang tersedia 5" in page.content.decode()


def test_overlap_is_said_beside_the_sku_and_saves_nothing(staff: Client) -> None:
    variant = VariantFactory(price=150_000)
    flash_sale(variant)
    page = staff.post(reverse("admin:catalog_flashsale_add"), sale_form(variant))
    assert "sudah ada di Flash Sale Gajian" in page.content.decode()
    assert FlashSale.objects.count() == 1


def test_sku_that_was_sold_is_not_replaced(staff: Client) -> None:
    variant, other = VariantFactory(on_hand=5), VariantFactory(on_hand=5)
    sale = flash_sale(variant)
    make_order(variant=variant)
    item = FlashSaleItem.objects.get()
    fields = {"INITIAL_FORMS": "1", "0-id": item.pk, "0-sale": sale.pk}
    changed = {f"items-{name}": value for name, value in fields.items()}
    page = staff.post(
        reverse("admin:catalog_flashsale_change", args=[sale.pk]),
        sale_form(other, **changed),
    )
    assert "Sudah terjual; tidak dapat diganti." in page.content.decode()
    item.refresh_from_db()
    assert item.variant == variant


def test_end_before_the_start_is_said_beside_the_field(staff: Client) -> None:
    wrong = sale_form(VariantFactory(), ends_at_0="2020-01-25")
    page = staff.post(reverse("admin:catalog_flashsale_add"), wrong)
    assert "Waktu selesai harus sesudah waktu mulai" in page.content.decode()
    assert not FlashSale.objects.exists()


def test_sale_is_stopped_after_asking(staff: Client) -> None:
    variant = VariantFactory(price=150_000)
    sale = flash_sale(variant)
    page = reverse("admin:catalog_flashsale_stop_sale", args=[sale.pk])
    assert "Harga kembali" in staff.get(page).content.decode()
    assert price_of(variant).unit_price == 99_000
    staff.post(page)
    assert price_of(variant).unit_price == 150_000
    variant.product.refresh_from_db()
    assert variant.product.price_min == 150_000


def test_page_of_a_sale_shows_what_is_sold(staff: Client) -> None:
    sale = flash_sale(VariantFactory(price=150_000), quota=8)
    FlashSaleItem.objects.update(sold=3)
    listed = staff.get(reverse("admin:catalog_flashsale_changelist"))
    assert "3 dari 8" in listed.content.decode()
    page = staff.get(reverse("admin:catalog_flashsale_change", args=[sale.pk]))
    assert "turun 34 %" in page.content.decode()


def test_percentage_is_typed_as_people_write_it(staff: Client) -> None:
    variant = VariantFactory(price=200_000)
    form = {"group": "reseller", "min_quantity": "5", "kind": "percent"}
    staff.post(reverse("admin:catalog_tierprice_add"), {**form, "amount": "7.5"})
    row = TierPrice.objects.get()
    assert row.value == 750
    page = staff.get(reverse("admin:catalog_tierprice_change", args=[row.pk]))
    text = page.content.decode()
    assert variant.sku in text
    assert "Rp\u00a0185.000" in text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"amount": "100"}, "di bawah 100 %"),
        ({"kind": "fixed", "amount": "5000"}, "satu produk atau satu SKU"),
        ({"min_quantity": "0"}, "Mulai dari 1 buah."),
    ],
)
def test_step_that_makes_no_sense_is_refused(
    staff: Client, wrong: dict[str, str], says: str
) -> None:
    form = {"group": "retail", "min_quantity": "5", "kind": "percent", "amount": "5"}
    page = staff.post(reverse("admin:catalog_tierprice_add"), {**form, **wrong})
    assert says in page.content.decode()
    assert not TierPrice.objects.exists()


@pytest.mark.parametrize("model", ["flashsale", "tierprice"])
def test_customer_service_reads_and_does_not_write(
    staff_client: StaffClient, model: str
) -> None:
    table("retail", {5: 500})
    client = staff_client("cs")
    client.get("/admin/")
    assert client.get(reverse(f"admin:catalog_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:catalog_{model}_add")).status_code == 403
