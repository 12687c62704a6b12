"""The pictures of a product in a real browser: several at once, dragged, described."""

from pathlib import Path

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.services import roles
from accounts.services.staff import add_staff
from catalog.models import Product, ProductImage
from sandbox.access import Access
from tests.catalog.photos import photo
from tests.factories import VariantFactory

EMAIL = "citra@karima.example"
COLORS = {"depan.jpg": "#c08081", "samping.png": "#a3b18a", "belakang.webp": "#31473a"}


@pytest.fixture
def product(transactional_db: None) -> Product:
    product: Product = VariantFactory(
        product__name="Gamis Arunika", color__name="Sage"
    ).product
    return product


@pytest.fixture
def gallery(
    product: Product,
    live_server: LiveServer,
    access: Access,
    context: BrowserContext,
    settings: Settings,
    tmp_path: Path,
) -> Page:
    """Give the product's page, with the owner signed in."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.CF_ACCESS_JWKS_URL = access.certs_url
    settings.CF_ACCESS_ISSUER = access.issuer
    settings.CF_ACCESS_AUD = [access.aud]
    cache.clear()
    roles.sync()
    add_staff(EMAIL, full_name="Citra Lestari", groups=["owner"])
    context.set_extra_http_headers({"Cf-Access-Jwt-Assertion": access.mint(EMAIL)})
    page = context.new_page()
    change = reverse("admin:catalog_product_change", "karima.urls.admin", [product.pk])
    page.goto(f"{live_server.url}{change}")
    page.locator("#galeri.has-script").wait_for()
    return page


def photos(folder: Path) -> list[Path]:
    """Write photos as a camera names them, and one that is none."""
    kinds = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
    paths = [folder / name for name in COLORS]
    for path in paths:
        path.write_bytes(photo(kinds[path.suffix], (600, 750), COLORS[path.name]))
    (folder / "menu.pdf").write_bytes(b"%PDF-1.7\n")
    return [*paths, folder / "menu.pdf"]


def order() -> list[str]:
    return list(ProductImage.objects.values_list("placeholder", flat=True))


def test_a_merchandiser_hangs_the_pictures(gallery: Page, tmp_path: Path) -> None:
    block = gallery.locator("#galeri")
    block.locator(".gallery-add input[type=file]").set_input_files(photos(tmp_path))
    expect(block.locator(".gallery-status")).to_have_text(
        "3 foto tersimpan, 1 tidak diterima."
    )
    lines = block.locator(".gallery-queue li")
    expect(lines.nth(0)).to_contain_text("Selesai")
    expect(lines.nth(3)).to_contain_text("Berkas PDF tidak dapat dipakai.")
    cards = block.locator(".gallery-card")
    expect(cards).to_have_count(3)
    before = order()

    cards.nth(2).locator("img").drag_to(cards.nth(0).locator("img"))
    expect(block.locator(".gallery-status")).to_have_text("Tersimpan.")
    assert order() == [before[2], before[0], before[1]]

    cards.nth(0).get_by_label("Teks alternatif").fill("Tampak belakang")
    cards.nth(0).get_by_label("Warna").select_option("Sage")
    expect(block.locator(".gallery-status")).to_have_text("Tersimpan.")
    cards.nth(0).get_by_role("button", name="Jadikan utama").click()
    expect(cards.nth(0).locator(".gallery-badge")).to_have_text("Utama")

    first = ProductImage.objects.select_related("color")[0]
    assert (first.alt, str(first.color), first.is_primary) == (
        "Tampak belakang",
        "Sage",
        True,
    )
    gallery.on("dialog", lambda dialog: dialog.accept())
    cards.nth(1).get_by_role("button", name="Hapus").click()
    expect(cards).to_have_count(2)
    assert ProductImage.objects.count() == 2
