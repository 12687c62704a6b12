"""A merchandiser's day in a real browser: from nothing to a product on sale.

SCREENSHOTS names a folder for pictures of the pages, at desktop and tablet widths.
"""

import os
import re
from pathlib import Path

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.services import roles
from accounts.services.staff import add_staff
from catalog.models import Product, Stock, Variant
from catalog.services import stock
from sandbox.access import Access
from tests.catalog.photos import photo
from tests.factories import (
    CategoryFactory,
    ColorFactory,
    ProductFactory,
    SizeFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

ADMIN = "karima.urls.admin"
EMAIL = "citra@karima.example"
WIDTHS = {"desktop": (1366, 900), "tablet": (820, 1180)}
PASTE = """(cell, text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    const event = { clipboardData: data, bubbles: true, cancelable: true };
    cell.dispatchEvent(new ClipboardEvent("paste", event));
}"""


@pytest.fixture
def desk(
    live_server: LiveServer,
    access: Access,
    context: BrowserContext,
    settings: Settings,
    tmp_path: Path,
) -> str:
    """Give the address of the admin, with the owner signed in at Access."""
    settings.CF_ACCESS_JWKS_URL = access.certs_url
    settings.CF_ACCESS_ISSUER = access.issuer
    settings.CF_ACCESS_AUD = [access.aud]
    settings.MEDIA_ROOT = tmp_path
    settings.STOREFRONT_URL = "https://karima.com"
    cache.clear()
    roles.sync()
    add_staff(EMAIL, full_name="Citra Lestari", groups=["owner"])
    context.set_extra_http_headers({"Cf-Access-Jwt-Assertion": access.mint(EMAIL)})
    return str(live_server.url)


def url(name: str, *args: object) -> str:
    return reverse(f"admin:catalog_{name}", ADMIN, args=args)


def show(page: Page, name: str) -> None:
    """Keep a picture of the page at each width, if somebody wants to look."""
    folder = os.environ.get("SCREENSHOTS")
    if not folder:
        return
    for width, (x, y) in WIDTHS.items():
        page.set_viewport_size({"width": x, "height": y})
        page.screenshot(path=f"{folder}/{name}-{width}.png")
    page.set_viewport_size({"width": 1366, "height": 900})


def press(page: Page, name: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name=name).click()


def add_product(desk: str, page: Page) -> Product:
    """Make a draft by the form."""
    page.goto(f"{desk}{url('product_add')}")
    page.locator("#id_name").fill("Gamis Arunika")
    page.locator("#id_description").fill("Bahan adem, jatuh, dan tidak menerawang.")
    page.locator("#id_category + .select2").click()
    page.locator(".select2-search__field").fill("Gam")
    page.locator(".select2-results__option", has_text="Gamis").click()
    page.locator("[name=_continue]").click()
    expect(page.locator("#galeri")).to_be_visible()
    product = Product.objects.get()
    assert (product.slug, product.status) == ("gamis-arunika", "draft")
    return product


def make_sku(desk: str, page: Page, product: Product) -> None:
    """Make two colors in three sizes; the table of SKU follows."""
    page.goto(f"{desk}{url('product_matrix', product.pk)}")
    for name in ("Sage", "Mauve", "S", "M", "L"):
        page.get_by_label(name, exact=True).check()
    page.locator("#id_pattern").fill("GMS-ARU-{warna}-{ukuran}")
    page.locator("#id_price").fill("189.900")
    page.locator("#id_weight_grams").fill("450")
    press(page, "Lihat SKU")
    expect(page.get_by_role("status")).to_contain_text("6 SKU akan dibuat")
    show(page, "matrix")
    press(page, "Buat 6 SKU")


def paste_prices_and_stock(page: Page) -> None:
    """Paste two rows of four columns, look, save."""
    count = page.locator("[data-count]")
    expect(count).to_have_text("Belum ada perubahan")
    first = page.get_by_label(re.compile("^Harga GMS-ARU")).first
    first.click()
    first.evaluate(PASTE, "Rp179.900\t219.900\t460\t12\n169900\t\t450\t8\n")
    expect(count).to_have_text("6 nilai berubah")
    first.press("ArrowDown")
    focused = page.evaluate("document.activeElement.name")
    assert focused.endswith("-price")
    assert focused != first.get_attribute("name")
    press(page, "Periksa perubahan")
    expect(page.get_by_role("alert")).to_contain_text("Tulis keterangan")
    page.locator("[name=note]").fill("Kiriman pertama")
    show(page, "grid")
    press(page, "Periksa perubahan")
    show(page, "preview")
    press(page, "Simpan 6 perubahan")
    expect(page.get_by_text("6 nilai pada 2 SKU disimpan.")).to_be_visible()
    show(page, "history-entry")


def add_picture(desk: str, page: Page, product: Product, file: Path) -> None:
    file.write_bytes(photo())
    page.goto(f"{desk}{url('product_change', product.pk)}")
    page.locator("#galeri input[type=file]").set_input_files(str(file))
    expect(page.locator(".gallery-card")).to_have_count(1)
    show(page, "product")


def test_a_product_goes_from_nothing_to_on_sale(
    desk: str, page: Page, tmp_path: Path
) -> None:
    CategoryFactory(name="Gamis", slug="gamis")
    for name in ("Sage", "Mauve"):
        ColorFactory(name=name)
    for name in ("S", "M", "L"):
        SizeFactory(name=name)

    product = add_product(desk, page)
    make_sku(desk, page, product)
    paste_prices_and_stock(page)
    held = Stock.objects.filter(on_hand__gt=0).values_list("on_hand", flat=True)
    assert sorted(held) == [8, 12]
    assert not list(stock.verify())
    add_picture(desk, page, product, tmp_path / "arunika.jpg")

    page.goto(f"{desk}/admin/catalog/product/{product.pk}/preview/")
    expect(page.get_by_text("belum terlihat pembeli")).to_be_visible()
    show(page, "product-preview")
    address = f"{desk}/api/v1/products/gamis-arunika"
    assert page.request.get(address).status == 404
    page.goto(f"{desk}{url('product_status')}?product={product.pk}&to=active")
    expect(page.get_by_text("Perhatikan")).to_have_count(0)
    press(page, "Jual 1 produk")
    expect(page.get_by_text("Jual 1 produk disimpan.")).to_be_visible()
    sold = page.request.get(address).json()
    assert (len(sold["variants"]), len(sold["images"])) == (6, 1)


def test_forty_prices_are_changed_at_once(desk: str, page: Page) -> None:
    product = ProductFactory(name="Khimar Seruni")
    for _ in range(40):
        VariantFactory(product=product, price=200_000)

    page.goto(f"{desk}{url('product_changelist')}")
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option("reprice")
    page.locator("[name=index]").first.click()
    expect(page.get_by_text("40 SKU dipilih")).to_be_visible()
    page.locator("#id_amount").fill("-10")
    page.locator("#id_rounding").select_option("900")
    page.locator("#id_compare").select_option("from_price")
    show(page, "reprice")
    press(page, "Lihat harga baru")
    expect(page.get_by_text("40 dari 40 SKU berubah harga")).to_be_visible()
    show(page, "reprice-preview")
    press(page, "Simpan 40 harga")
    expect(page.get_by_text("Harga 40 SKU disimpan.")).to_be_visible()
    assert set(Variant.objects.values_list("price", "compare_at_price")) == {
        (179_900, 200_000)
    }
    for name in ("product_health", "importfile_new", "changebatch_changelist"):
        page.goto(f"{desk}{url(name)}")
        show(page, name)
    page.goto(f"{desk}{url('store_change', 1)}")
    show(page, "store")


def test_a_count_of_the_shelf_is_entered_and_taken_back(desk: str, page: Page) -> None:
    product = ProductFactory(name="Khimar Seruni")
    for _ in range(3):
        VariantFactory(product=product, on_hand=5)

    page.goto(f"{desk}{url('variant_grid')}?product={product.pk}")
    counted = page.get_by_label(re.compile("^Stok "))
    counted.nth(0).fill("4")
    counted.nth(1).fill("enam")
    page.locator("[name=note]").fill("Hitung rak A")
    press(page, "Periksa perubahan")
    expect(page.get_by_role("alert")).to_contain_text("1 sel perlu diperiksa")
    show(page, "grid-error")
    counted.nth(1).fill("6")
    press(page, "Periksa perubahan")
    press(page, "Simpan 2 perubahan")
    expect(page.get_by_text("Alasan: Hitung rak A")).to_be_visible()
    assert sorted(Stock.objects.values_list("on_hand", flat=True)) == [4, 5, 6]
    press(page, "Urungkan semua")
    expect(page.get_by_text("Perubahan diurungkan.")).to_be_visible()
    assert set(Stock.objects.values_list("on_hand", flat=True)) == {5}
    assert not list(stock.verify())
    page.goto(f"{desk}/admin/catalog/product/{product.pk}/changes/")
    show(page, "history")
