"""What becomes of an upload: clean files in several widths, or nothing at all."""

import hashlib
import io
import re
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image, ImageCms
from pytest_django import Settings

from catalog.models import DiscardedFile
from catalog.services import media
from catalog.services.media import encoder, encoding
from catalog.services.media.encoding import PictureTooLarge, PictureUnreadable
from tests.catalog.photos import commented, from_a_phone, photo, saved

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> Path:
    """Give the empty folder that photos are stored in."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def put(content: bytes) -> media.Picture:
    return media.store(io.BytesIO(content), folder="products")


def test_a_photo_is_stored_in_its_widths(store: Path) -> None:
    picture = put(photo(size=(1600, 1200)))
    written = {row["width"]: row["height"] for row in picture.renditions}
    assert written == {320: 240, 640: 480, 1280: 960}
    assert (picture.width, picture.height) == (1600, 1200)
    assert picture.placeholder == "#dfbfc0"
    for row in [*picture.renditions, {"file": picture.name, "width": 1600}]:
        with Image.open(store / row["file"]) as image:
            assert (image.format, image.width) == ("WEBP", row["width"])


def test_names_say_a_random_place_and_the_content(store: Path) -> None:
    first, second = put(photo()), put(photo())
    content = (store / first.name).read_bytes()
    assert first.sha256 == second.sha256 == hashlib.sha256(content).hexdigest()
    assert first.size_bytes == len(content)
    group = re.fullmatch(
        rf"products/([0-9a-f-]{{36}})/{first.sha256[:16]}-120.webp", first.name
    )
    assert group and UUID(group[1]).version == 4
    assert first.name != second.name


def test_a_narrow_photo_is_not_blown_up(store: Path) -> None:
    picture = put(photo(size=(320, 200)))
    assert (picture.width, picture.renditions) == (320, [])


def test_a_photo_of_24_megapixels_is_brought_to_the_widest(store: Path) -> None:
    picture = put(photo(size=(6000, 4000)))
    assert (picture.width, picture.height) == (2560, 1707)


def test_a_phones_photo_stands_upright_and_tells_nothing(store: Path) -> None:
    picture = put(from_a_phone())
    content = (store / picture.name).read_bytes()
    with Image.open(io.BytesIO(content)) as image:
        assert image.size == (300, 400)
        assert not image.getexif()
        # Its left half, white, is on top once it stands upright.
        assert min(image.convert("RGB").getpixel((150, 50))) > 250  # type: ignore[arg-type, type-var]
    assert b"Aisyah" not in content and b"EXIF" not in content


def test_transparency_becomes_white(store: Path) -> None:
    clear = Image.new("RGBA", (50, 50), (200, 0, 0, 0))
    assert put(saved(clear, "PNG")).placeholder == "#ffffff"


def test_gray_of_sixteen_bits_keeps_its_tone(store: Path) -> None:
    gray = Image.new("I;16", (50, 50))
    gray.paste(128 * 257, (0, 0, 50, 50))
    assert put(saved(gray, "PNG")).placeholder == "#808080"


def test_a_print_shops_cmyk_is_accepted(store: Path) -> None:
    assert put(saved(Image.new("CMYK", (50, 50)), "JPEG")).placeholder == "#ffffff"


def test_colors_are_brought_to_srgb(store: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    image = Image.new("RGB", (50, 50), "#c08081")
    plain = put(saved(image, "PNG"))
    unreadable = put(saved(image, "PNG", icc_profile=b"no profile"))
    unfitting = put(saved(image, "PNG", icc_profile=lab))
    assert plain.placeholder == unreadable.placeholder == unfitting.placeholder


def test_what_is_larger_than_the_limit_is_not_read_to_its_end(
    store: Path, settings: Settings
) -> None:
    settings.FILE_UPLOAD_MAX_SIZE_BYTES = 200_000
    upload = io.BytesIO(photo() + bytes(2_000_000))
    with pytest.raises(PictureTooLarge):
        media.store(upload, folder="products")
    assert upload.tell() < 400_000
    assert list(store.iterdir()) == []


def test_a_program_that_runs_out_of_time_is_a_refusal(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "TIMEOUT_SECONDS", 0.01)
    with pytest.raises(PictureUnreadable):
        put(photo())
    assert list(store.iterdir()) == []


def test_a_program_that_runs_out_of_memory_says_so(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(photo("PNG", size=(4800, 4800)))
    code = (
        "import runpy, sys; program = runpy.run_path(sys.argv.pop(1))['main'];"
        "program.__globals__['MEMORY_BYTES'] = 120 * 2**20; program()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, encoder.__file__, tmp_path / "upload", tmp_path],
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout == b'{"refused": "too_heavy"}'


def test_too_many_at_once_are_asked_to_come_again(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "WAIT_SECONDS", 0.01)
    with encoding._turn(), pytest.raises(media.PicturesBusy):
        put(photo())
    assert put(photo()).width == 120


def test_the_program_knows_no_secret(
    store: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spy = tmp_path / "spy.py"
    spy.write_text(
        "import os, json; print(json.dumps({'refused': str(len(os.environ))}))"
    )
    monkeypatch.setattr(encoder, "__file__", str(spy))
    monkeypatch.setitem(encoding.REFUSALS, "0", PictureTooLarge)
    monkeypatch.setitem(encoding.REFUSALS, "1", PictureTooLarge)
    with pytest.raises(PictureTooLarge):
        put(photo())


def test_own_pictures_are_the_same_every_time(store: Path) -> None:
    group = UUID(int=7)
    first = media.store_own(photo("WEBP"), folder="products", group=group)
    (store / first.name).unlink()
    assert media.store_own(photo("WEBP"), folder="products", group=group) == first


def test_discarded_files_are_due_after_an_hour_and_go(store: Path) -> None:
    picture = put(commented(b"x"))
    media.discard([picture.name, "products/gone.webp", ""])
    media.discard([picture.name])
    assert media.due() == []
    age_discarded_files()
    assert set(media.due()) == {picture.name, "products/gone.webp"}
    assert media.remove(media.due()) == 2
    assert not (store / picture.name).exists()
    assert not DiscardedFile.objects.exists()


def age_discarded_files() -> None:
    """Let two hours pass for them."""
    for row in DiscardedFile.objects.all():
        DiscardedFile.objects.filter(pk=row.pk).update(
            discarded_at=row.discarded_at - 2 * media.GRACE
        )
