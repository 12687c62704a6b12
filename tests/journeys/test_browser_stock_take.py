"""The end of a month in a real browser: the shelf is counted, compared, applied."""

import re

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Stock, StockTake
from catalog.services import low_stock, stock, stock_takes
from tests.factories import ProductFactory, VariantFactory
from tests.journeys.test_browser_merchandiser import desk, press, show, url

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["desk"]


def test_a_shelf_is_counted_compared_and_applied(desk: str, page: Page) -> None:
    product = ProductFactory(name="Khimar Seruni")
    for price in (120_000, 150_000, 90_000, 200_000):
        VariantFactory(product=product, on_hand=5, price=price)
    page.goto(f"{desk}{url('stocktake_changelist')}")
    page.get_by_role("link", name=re.compile("Mulai stok opname")).click()
    show(page, "take-new")
    page.locator("#id_title").fill("Akhir November, rak A")
    press(page, re.compile("Mulai menghitung"))
    counts = page.get_by_label(re.compile("^Hitungan "))
    for number, counted in enumerate(("4", "7", "5", "dua")):
        counts.nth(number).fill(counted)
    press(page, re.compile("Simpan hitungan"))
    expect(page.get_by_role("alert")).to_contain_text("1 hitungan perlu diperiksa")
    counts.nth(3).fill("2")
    press(page, re.compile("Simpan hitungan"))
    expect(page.get_by_role("status")).to_contain_text("4 dari 4 SKU sudah dihitung")
    show(page, "take-sheet")
    page.get_by_role("link", name=re.compile("Lihat selisih")).click()
    show(page, "take-differences")
    press(page, re.compile("Terapkan 3 selisih"))
    expect(page.get_by_role("status")).to_contain_text("Sedang diterapkan")
    stock_takes.run(StockTake.objects.get().pk)
    expect(page.get_by_role("status")).to_contain_text("Selesai")
    show(page, "take-done")
    held = Stock.objects.order_by("pk").values_list("on_hand", flat=True)
    assert list(held) == [4, 7, 5, 2]
    assert not list(stock.verify())

    page.goto(f"{desk}{url('variant_low_stock')}")
    expect(page.get_by_role("status")).to_contain_text("3 SKU menipis atau habis")
    show(page, "low-stock")
    assert len(low_stock.low()) == 3
