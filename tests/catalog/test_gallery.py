"""The pictures of a product: order, colors, one primary, and their files."""

import io
from pathlib import Path

import orjson
import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from catalog.models import (
    Color,
    DiscardedFile,
    Product,
    ProductDocument,
    ProductImage,
)
from catalog.services import gallery, media
from catalog.services.media.encoding import PictureTypeUnknown
from tests.catalog.photos import photo
from tests.factories import ProductFactory, ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> Path:
    """Give the empty folder that photos are stored in."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def product() -> Product:
    product: Product = VariantFactory(
        product__name="Gamis Arunika", color__name="Sage"
    ).product
    return product


def add(product: Product, rgb: str = "#c08081", **options: object) -> ProductImage:
    upload = io.BytesIO(photo(color=rgb, size=(400, 300)))
    return gallery.add(product, upload, **options)  # type: ignore[arg-type]


def shown(product: Product) -> list[dict[str, object]]:
    document = ProductDocument.objects.get(product=product)
    images: list[dict[str, object]] = orjson.loads(document.detail)["images"]
    return images


def primary(product: Product) -> ProductImage:
    return ProductImage.objects.get(product=product, is_primary=True)


def test_the_first_photo_is_primary_and_the_api_shows_its_copies(
    product: Product,
) -> None:
    image = add(product)
    [row] = shown(product)
    [copy] = image.renditions
    assert row == {
        "url": f"media:{image.file.name}",
        "alt": "Gamis Arunika",
        "width": 400,
        "height": 300,
        "placeholder": image.placeholder,
        "renditions": [{"url": f"media:{copy['file']}", "width": 320, "height": 240}],
        "color": None,
        "is_primary": True,
    }


def test_further_photos_come_last_and_name_their_color(product: Product) -> None:
    add(product)
    sage = Color.objects.get(name="Sage")
    second = add(product, "#a3b18a", color=sage)
    assert (second.position, second.is_primary) == (1, False)
    assert second.alt == "Gamis Arunika warna sage"
    assert shown(product)[1]["color"] == "Sage"


def test_a_refused_photo_leaves_nothing(product: Product, store: Path) -> None:
    with pytest.raises(PictureTypeUnknown):
        gallery.add(product, io.BytesIO(b"GIF89a"))
    assert not ProductImage.objects.exists()
    assert list(store.iterdir()) == []


def test_the_same_photo_twice_is_refused_and_its_files_go(product: Product) -> None:
    add(product)
    with pytest.raises(gallery.PictureTwice):
        add(product)
    assert ProductImage.objects.count() == 1
    assert DiscardedFile.objects.count() == 2


def test_there_is_an_end(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "MAX_PICTURES", 1)
    add(product)
    with pytest.raises(gallery.TooManyPictures):
        add(product, "#a3b18a")


def test_a_store_that_is_away_is_said_and_no_row_is_made(
    product: Product, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "full").write_text("no folder")
    settings.MEDIA_ROOT = tmp_path / "full"
    with pytest.raises(media.MediaUnavailable) as refusal:
        add(product)
    assert refusal.value.status == 503
    assert "full" not in str(refusal.value)
    assert not ProductImage.objects.exists()


def test_another_photo_takes_the_place_of_one(product: Product) -> None:
    image = add(product, alt="Tampak depan")
    before = media.names_of(image)
    after = gallery.replace(image, io.BytesIO(photo(color="#a3b18a")))
    assert (after.pk, after.alt, after.width) == (image.pk, "Tampak depan", 120)
    assert set(DiscardedFile.objects.values_list("name", flat=True)) == set(before)
    assert shown(product)[0]["url"] == f"media:{after.file.name}"


def test_texts_and_colors_change(product: Product) -> None:
    image = add(product)
    sage = Color.objects.get(name="Sage")
    gallery.describe(image, alt="  Detail \n renda ", color=sage)
    assert (shown(product)[0]["alt"], shown(product)[0]["color"]) == (
        "Detail renda",
        "Sage",
    )


@pytest.mark.parametrize("alt", ["", "  ", "x" * 161])
def test_a_photo_needs_words_for_those_who_do_not_see_it(
    product: Product, alt: str
) -> None:
    image = add(product)
    with pytest.raises(gallery.AltTextInvalid):
        gallery.describe(image, alt=alt, color=None)
    assert shown(product)[0]["alt"] == "Gamis Arunika"


def test_exactly_one_is_primary(product: Product) -> None:
    first, second = add(product), add(product, "#a3b18a")
    gallery.choose_primary(second)
    assert primary(product) == second
    assert shown(product)[0]["url"] == f"media:{second.file.name}"
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductImage.objects.filter(pk=first.pk).update(is_primary=True)


def test_the_next_becomes_primary_when_it_goes(product: Product) -> None:
    first, second = add(product), add(product, "#a3b18a")
    gallery.delete(first)
    assert primary(product) == second
    assert len(shown(product)) == 1
    names = set(DiscardedFile.objects.values_list("name", flat=True))
    assert names == set(media.names_of(first))


def test_photos_are_arranged(product: Product) -> None:
    ids = [add(product, color).pk for color in ("#112233", "#445566", "#778899")]
    gallery.arrange(product, [ids[2], ids[0], ids[1]])
    images = ProductImage.objects.filter(product=product)
    assert [image.pk for image in images] == [ids[2], ids[0], ids[1]]


def test_an_arrangement_of_other_photos_is_refused(product: Product) -> None:
    image, foreign = add(product), ProductImageFactory()
    for ids in ([], [image.pk, image.pk], [image.pk, foreign.pk]):
        with pytest.raises(gallery.ArrangementIncomplete):
            gallery.arrange(product, ids)


def test_a_photo_of_another_product_is_not_found(product: Product) -> None:
    foreign = ProductImageFactory(product=ProductFactory())
    with pytest.raises(gallery.PictureNotFound):
        gallery.find(product, foreign.pk)


def test_a_file_that_another_row_shows_stays(product: Product) -> None:
    image, _ = ProductImageFactory(product=product), ProductImageFactory()
    gallery.delete(image)
    assert not DiscardedFile.objects.exists()
