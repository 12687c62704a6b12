"""The shop's own settings, previews of drafts, and what the catalogue lacks."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from catalog.models import Banner, Product, Store
from catalog.services import health, previews, store
from tests.catalog.desk import text_of, url
from tests.factories import ProductFactory, ProductImageFactory, VariantFactory
from tests.fixtures_staff import StaffClient

pytestmark = pytest.mark.django_db

admin_only = pytest.mark.urls("karima.urls.admin")
NOW = datetime(2026, 3, 20, 3, 0, tzinfo=UTC)


def shown(client: APIClient) -> dict[str, Any]:
    answer = client.get("/api/v1/store")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_a_new_shop_has_settings_before_anybody_saved_any(client: APIClient) -> None:
    found = shown(client)
    assert (found["name"], found["return_window_days"]) == ("Karima Store", 7)
    assert (found["holiday"], found["banners"], found["tax_mode"]) == (None, [], "none")
    assert not Store.objects.exists()
    assert client.get("/api/v1/store")["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    ("moment", "is_holiday"),
    [
        ("2026-03-17T16:59:59+00:00", False),
        ("2026-03-17T17:00:00+00:00", True),
        ("2026-03-29T16:59:59+00:00", True),
        ("2026-03-29T17:00:00+00:00", False),
    ],
)
def test_a_holiday_is_counted_in_days_of_wib(
    client: APIClient, moment: str, is_holiday: bool
) -> None:
    row = Store(holiday_starts_on=date(2026, 3, 18), ships_again_on=date(2026, 3, 30))
    store.save(row)
    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        holiday = shown(client)["holiday"]
    assert bool(holiday) is is_holiday
    if holiday:
        assert holiday["ships_again_on"] == "2026-03-30"
        assert "dikirim mulai 30 Maret 2026" in holiday["note"]


def test_a_banner_is_shown_in_its_window(client: APIClient) -> None:
    store.save(Store())
    hour = timedelta(hours=1)
    for text, starts, ends, is_active in [
        ("nanti", NOW + hour, None, True),
        ("lewat", None, NOW, True),
        ("mati", None, None, False),
        ("kini", NOW - hour, NOW + hour, True),
        ("selalu", None, None, True),
    ]:
        Banner.objects.create(
            store_id=1, text=text, starts_at=starts, ends_at=ends, is_active=is_active
        )
    with time_machine.travel(NOW, tick=False):
        found = shown(client)["banners"]
    assert [banner["text"] for banner in found] == ["kini", "selalu"]


FORM = {
    "name": "Karima",
    "return_window_days": "14",
    "tax_mode": "included",
    "whatsapp": "0812-3456-7890",
    "banners-TOTAL_FORMS": "1",
    "banners-INITIAL_FORMS": "0",
    "banners-0-text": "Gratis ongkir",
    "banners-0-link": "/promo",
    "banners-0-is_active": "on",
    "banners-0-position": "0",
}


@admin_only
def test_the_settings_are_one_page(owner: Client) -> None:
    page = url("store_change", 1)
    assert owner.get(url("store_changelist"))["Location"] == page
    assert owner.get(page).status_code == 200
    answer = owner.post(page, FORM)
    assert answer.status_code == 302, answer.context["errors"]
    row = Store.objects.get()
    assert (row.whatsapp, row.return_window_days) == ("+6281234567890", 14)
    assert Banner.objects.get().text == "Gratis ongkir"
    assert owner.get(url("store_change", 2)).status_code == 302


@admin_only
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"whatsapp": "12345"}, "Nomor WhatsApp tidak dikenali."),
        ({"ships_again_on": "2026-03-30"}, "Isi kedua tanggal libur"),
        ({"holiday_starts_on": "2026-03-30", "ships_again_on": "2026-03-30"}, "libur"),
        ({"return_window_days": "91"}, "90"),
        ({"banners-0-link": "javascript:alert(1)"}, "diawali /, atau alamat https"),
        ({"banners-0-link": "//evil.example"}, "diawali /, atau alamat https"),
    ],
)
def test_settings_that_cannot_be_are_explained_and_not_saved(
    owner: Client, wrong: dict[str, str], told: str
) -> None:
    answer = owner.post(url("store_change", 1), FORM | wrong, follow=True)
    assert told in text_of(answer)
    assert not Store.objects.exists()


@admin_only
@pytest.mark.parametrize("role", ["cs", "warehouse", "finance", ""])
def test_settings_are_for_marketing_and_managers(
    staff_client: StaffClient, role: str
) -> None:
    answer = staff_client(role).post(url("store_change", 1), FORM)
    assert answer.status_code == 403
    assert not Store.objects.exists()


def test_a_draft_is_seen_by_its_link_and_nowhere_else(client: APIClient) -> None:
    product = VariantFactory(product__status="draft").product
    assert client.get(f"/api/v1/products/{product.slug}").status_code == 404
    answer = client.get(f"/api/v1/previews/{previews.token(product)}")
    assert answer.status_code == 200
    assert json.loads(answer.content)["slug"] == product.slug
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("no-store", "noindex")


def test_a_link_that_is_old_made_up_or_of_an_archived_product_opens_nothing(
    client: APIClient,
) -> None:
    product = VariantFactory(product__status="draft").product
    token = previews.token(product)
    tomorrow = datetime.now(UTC) + timedelta(days=7, seconds=5)
    with time_machine.travel(tomorrow, tick=False):
        assert client.get(f"/api/v1/previews/{token}").status_code == 404
    other = f"{product.pk + 1}{token[token.index(':') :]}"
    for made_up in (token[:-1], other, "x", "1:2:3", "%00"):
        answer = client.get(f"/api/v1/previews/{made_up}")
        assert (answer.status_code, answer.json()["code"]) == (404, "preview_not_found")
    Product.objects.update(status="archived")
    assert client.get(f"/api/v1/previews/{token}").status_code == 404


@admin_only
def test_the_preview_page_says_what_is_missing(owner: Client) -> None:
    variant = VariantFactory(product__status="draft", product__description="")
    page = text_of(owner.get(f"/admin/catalog/product/{variant.product_id}/preview/"))
    assert variant.sku in page
    assert "belum terlihat pembeli" in page
    assert "Belum ada gambar." in page
    assert "/preview/" in page


def furnish() -> None:
    """Make one product that is well, and one of each lack."""
    well = VariantFactory(on_hand=50, cost=90_000)
    ProductImageFactory(product=well.product)
    VariantFactory(on_hand=50)
    ProductImageFactory(product=ProductFactory())
    ProductImageFactory(product=VariantFactory().product)
    words = VariantFactory(on_hand=2, cost=160_000, product__description="")
    ProductImageFactory(product=words.product)
    draft = VariantFactory(on_hand=50, product__status="draft", weight_grams=5)
    ProductImageFactory(product=draft.product)


def test_what_the_catalogue_lacks_is_counted(
    django_assert_max_num_queries: Any,
) -> None:
    furnish()
    with django_assert_max_num_queries(2):
        found = health.counts()
    assert found == {
        "no_photo": 1,
        "no_sku": 1,
        "no_stock": 1,
        "no_words": 1,
        "draft": 1,
        "low": 1,
        "out": 1,
        "odd_weight": 1,
        "below_cost": 1,
    }


@admin_only
def test_each_count_leads_to_the_rows_it_counts(owner: Client) -> None:
    furnish()
    page = owner.get(url("product_health"))
    cards = [*page.context["of_products"], *page.context["of_variants"]]
    assert len(cards) == 9
    for card in cards:
        listed = owner.get(card["link"]).context["cl"].result_count
        assert (card["title"], listed) == (card["title"], card["count"])


@admin_only
def test_the_health_page_is_cheap_and_hides_the_cost_from_cs(
    staff_client: StaffClient, django_assert_max_num_queries: Any
) -> None:
    furnish()
    service = staff_client("cs")
    service.get("/admin/")
    with django_assert_max_num_queries(12):
        page = service.get(url("product_health"))
    assert "di bawah HPP" not in text_of(page)
    filtered = service.get(url("variant_changelist", kurang="below_cost"))
    assert filtered.context["cl"].result_count == 5


def test_store_tells_how_to_open_the_payment_window(client: Client) -> None:
    snap = client.get("/api/v1/store").json()["snap"]
    assert set(snap) == {"client_key", "script_url"}
    assert snap["script_url"].endswith("/snap/snap.js")
