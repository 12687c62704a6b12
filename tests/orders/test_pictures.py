"""Pictures that nothing shows go, those of orders stay."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from pytest_django import Settings

from catalog.models import DiscardedFile, Product
from catalog.services import gallery, media
from orders.models import OrderLine
from orders.services import pictures
from payments import tasks
from tests.catalog.photos import photo
from tests.factories import ProductImageFactory, VariantFactory, make_order
from tests.fixtures_r2 import Bucket

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> Path:
    """Give the empty folder that photos are stored in."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def grown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every file be old enough."""
    monkeypatch.setattr(pictures, "ORPHAN_AGE", timedelta(hours=-1))


@pytest.fixture
def long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the hour of every discarded file be over."""
    monkeypatch.setattr("catalog.services.media.discarding.GRACE", timedelta(hours=-1))


def add(product: Product, color: str = "#c08081") -> list[str]:
    upload = io.BytesIO(photo(size=(500, 400), color=color))
    return media.names_of(gallery.add(product, upload))


def files(store: Path) -> set[str]:
    found = (path for path in store.rglob("*") if path.is_file())
    return {str(path.relative_to(store)) for path in found}


def test_files_of_a_deleted_picture_go_after_the_hour(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = VariantFactory().product
    kept, gone = add(product), add(product, "#112233")
    gallery.delete(product.images.get(file=gone[0]))
    assert (pictures.remove_discarded(), files(store)) == (0, {*kept, *gone})
    monkeypatch.setattr("catalog.services.media.discarding.GRACE", timedelta(hours=-1))
    tasks.remove_discarded_pictures(timestamp=0)
    assert files(store) == set(kept)
    assert not DiscardedFile.objects.exists()


def test_an_order_goes_on_showing_its_picture(store: Path, long_ago: None) -> None:
    variant = VariantFactory(on_hand=1)
    widest, narrowest = add(variant.product)
    make_order(variant=variant, quantity=1)
    assert OrderLine.objects.get().image == narrowest
    gallery.delete(variant.product.images.get())
    assert pictures.remove_discarded() == 1
    assert files(store) == {narrowest}
    assert pictures.remove_discarded() == 0


def test_a_store_that_is_away_keeps_the_rest_for_later(
    store: Path, long_ago: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    media.discard(["products/a/1.webp"])
    with monkeypatch.context() as patch, pytest.raises(media.MediaUnavailable):
        patch.setattr(default_storage, "delete", refuse)
        pictures.remove_discarded()
    assert DiscardedFile.objects.count() == 1
    assert pictures.remove_discarded() == 1


def refuse(name: str) -> None:
    raise OSError("disk")


def strew() -> None:
    """Leave what an upload that was cut off leaves, and what is not the shop's."""
    for name in ("products/cut-off/1-320.webp", "banners/ramadan.webp"):
        default_storage.save(name, ContentFile(b"x"))


def test_orphans_are_found_and_what_is_shown_stays(store: Path, grown: None) -> None:
    shown = add(VariantFactory().product)
    strew()
    orphans = pictures.find_orphans()
    assert list(orphans.names) == ["products/cut-off/1-320.webp"]
    assert orphans.stored == len(shown) + 1


def test_orphans_are_found_in_the_bucket(r2: Bucket, grown: None) -> None:
    add(VariantFactory().product)
    strew()
    assert list(pictures.find_orphans().names) == ["products/cut-off/1-320.webp"]


def test_what_was_just_stored_is_no_orphan(store: Path) -> None:
    strew()
    assert list(pictures.find_orphans().names) == []


def test_orphans_go_by_themselves(store: Path, grown: None, long_ago: None) -> None:
    strew()
    tasks.discard_orphaned_pictures(timestamp=0)
    assert files(store) == {"products/cut-off/1-320.webp", "banners/ramadan.webp"}
    pictures.remove_discarded()
    assert files(store) == {"banners/ramadan.webp"}


def test_the_wrong_database_removes_nothing(
    store: Path, grown: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "FEW", 0)
    strew()
    assert pictures.discard_orphans() == 0
    with pytest.raises(CommandError, match="database of this bucket"):
        call_command("collect_pictures", "--remove")
    assert not DiscardedFile.objects.exists()
    call_command("collect_pictures", "--remove", "--many")
    assert DiscardedFile.objects.count() == 1


def test_a_picture_without_smaller_copies_is_its_own_thumbnail() -> None:
    variant = VariantFactory(on_hand=1)
    ProductImageFactory(product=variant.product)
    make_order(variant=variant, quantity=1)
    assert OrderLine.objects.get().image == "products/contoh.webp"
