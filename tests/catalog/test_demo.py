"""The demo catalogue: believable, the same every time, safe to run twice."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytest_django import Settings

from catalog.management.demo.articles import articles
from catalog.management.demo.build import build_catalogue
from catalog.management.demo.pictures import SILHOUETTES, draw_picture
from catalog.management.demo.words import KINDS
from catalog.models import Product, ProductImage, Stock, StockMovement, Variant
from catalog.services import products, stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Path:
    """Give an empty folder that pictures are stored in."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def contents() -> dict[str, Any]:
    return {
        "products": list(Product.objects.order_by("pk").values()),
        "variants": list(Variant.objects.order_by("pk").values()),
        "stock": list(Stock.objects.order_by("pk").values()),
        "movements": list(StockMovement.objects.order_by("pk").values()),
        "images": list(ProductImage.objects.order_by("pk").values()),
    }


def test_the_demo_shop_is_on_sale_with_pictures_and_stock(media: Path) -> None:
    heard: list[tuple[int, int]] = []
    build_catalogue(products=8, progress=lambda done, of: heard.append((done, of)))
    names = ProductImage.objects.values_list("file", flat=True)
    assert products.visible_products().count() == 8
    assert all((media / name).stat().st_size > 2_000 for name in names)
    assert heard == [(8, 8)]
    assert list(stock.verify()) == []


def test_a_second_run_changes_nothing(media: Path) -> None:
    build_catalogue(products=4)
    before = contents()
    drawn = {path: path.stat().st_mtime_ns for path in media.rglob("*.webp")}
    build_catalogue(products=4)
    assert contents() == before
    assert {path: path.stat().st_mtime_ns for path in media.rglob("*.webp")} == drawn


def test_a_larger_run_adds_to_a_smaller_one(media: Path) -> None:
    build_catalogue(products=2)
    build_catalogue(products=3)
    assert Product.objects.count() == 3


def test_articles_have_names_and_skus_of_their_own() -> None:
    made = list(articles(600))
    assert len({article.slug for article in made}) == 600
    assert len({article.sku_prefix for article in made}) == 600
    assert made[:60] == list(articles(60))


def test_sixty_articles_show_every_kind() -> None:
    assert {article.kind.code for article in articles(60)} == {k.code for k in KINDS}


@pytest.mark.parametrize("silhouette", SILHOUETTES)
def test_every_silhouette_is_drawn_the_same_twice(silhouette: str) -> None:
    first = draw_picture(silhouette, hex_color="#a3b18a", seed="a")
    assert draw_picture(silhouette, hex_color="#a3b18a", seed="a") == first
    assert Image.open(io.BytesIO(first)).size == (800, 1000)


def test_demo_pictures_are_stored_in_widths(media: Path) -> None:
    build_catalogue(products=1)
    for image in ProductImage.objects.all():
        assert [copy["width"] for copy in image.renditions] == [320, 640]
        assert (image.width, len(image.placeholder)) == (800, 7)
        assert all((media / copy["file"]).exists() for copy in image.renditions)
