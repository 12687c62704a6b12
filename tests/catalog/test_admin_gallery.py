"""The pictures on a product's page in the admin."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from catalog.models import Category, Product, ProductImage
from tests.catalog.photos import HOSTILE, PHP, SCRIPT, Try, photo
from tests.factories import ProductFactory, ProductImageFactory
from tests.fixtures_staff import StaffClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls("karima.urls.admin")]

JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> Path:
    """Give the empty folder that photos are stored in."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def product() -> Product:
    product: Product = ProductFactory(name="Gamis Arunika")
    return product


@pytest.fixture
def staff(owner: Client) -> Client:
    """Return the browser of the owner, who has signed in."""
    owner.get("/admin/")
    return owner


def address(product: Product, verb: str) -> str:
    return reverse("admin:catalog_product_gallery", args=[product.pk, verb])


def file_of(attempt: Try) -> SimpleUploadedFile:
    return SimpleUploadedFile(attempt.name, attempt.content(), attempt.type)


def upload(content: bytes, name: str = "a.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def test_hostile_uploads_are_refused_clearly_or_come_out_clean(
    staff: Client, product: Product, store: Path
) -> None:
    assert len(HOSTILE) >= 40
    wrong = {}
    for attempt in HOSTILE:
        answer = staff.post(
            address(product, "add"), {"files": file_of(attempt)}, **JSON
        )
        code = answer.json().get("code", "")
        said = attempt.code == code and (answer.json().get("detail") or not code)
        kept = sorted(path for path in store.rglob("*") if path.is_file())
        if not said or bool(kept) != (not attempt.code) or not all(map(clean, kept)):
            wrong[attempt.says] = (answer.status_code, code, kept)
        ProductImage.objects.all().delete()
        for path in kept:
            path.unlink()
    assert wrong == {}


def clean(path: Path) -> bool:
    content = path.read_bytes()
    traces = (SCRIPT, PHP, b"PK\x03\x04", b"EXIF", b"Aisyah")
    is_webp = content.startswith(b"RIFF") and path.suffix == ".webp"
    return is_webp and not any(trace in content for trace in traces)


def test_eleven_megabytes_are_cut_off(
    staff: Client, product: Product, store: Path
) -> None:
    large = upload(photo() + bytes(11 * 1024**2))
    answer = staff.post(address(product, "add"), {"files": large}, **JSON)
    assert answer.status_code == 413
    assert not ProductImage.objects.exists()
    assert list(store.iterdir()) == []


def test_several_files_and_no_script_lead_back_to_the_page(
    staff: Client, product: Product
) -> None:
    files = [upload(photo(color=color)) for color in ("#112233", "#aabbcc")]
    answer = staff.post(address(product, "add"), {"files": files}, follow=True)
    page = answer.content.decode()
    assert page.count('class="gallery-card"') == 2
    assert page.count("Jadikan utama") == 1


def test_a_refusal_without_script_is_a_message(staff: Client, product: Product) -> None:
    form = {"files": upload(b"GIF89a")}
    answer = staff.post(address(product, "add"), form, follow=True)
    assert "Berkas GIF tidak dapat dipakai." in answer.content.decode()


def test_every_button_does_what_it_says(staff: Client, product: Product) -> None:
    for color in ("#112233", "#aabbcc"):
        staff.post(address(product, "add"), {"files": upload(photo(color=color))})
    first, second = ProductImage.objects.order_by("position")
    steps: list[tuple[str, dict[str, object]]] = [
        ("describe", {"image": first.pk, "alt": "Tampak depan", "color": ""}),
        ("primary", {"image": second.pk}),
        ("arrange", {"order": f"{second.pk},{first.pk}"}),
        ("replace", {"image": second.pk, "files": upload(photo(size=(60, 60)))}),
    ]
    for verb, form in steps:
        answer = staff.post(address(product, verb), form, **JSON)
        assert answer.status_code == 200, verb
        assert 'id="galeri"' in answer.json()["html"]
    after = ProductImage.objects.order_by("position")
    rows = [(image.pk, image.alt, image.width, image.is_primary) for image in after]
    assert rows == [
        (second.pk, "Gamis Arunika", 60, True),
        (first.pk, "Tampak depan", 120, False),
    ]
    staff.post(address(product, "delete"), {"image": second.pk})
    assert ProductImage.objects.get().is_primary


BAD = [
    ("add", {}, "no_file_chosen"),
    ("replace", {"image": "1"}, "no_file_chosen"),
    ("describe", {"image": "0", "alt": "x"}, "picture_not_found"),
    ("describe", {"image": "x" * 30, "alt": "x"}, "picture_not_found"),
    ("describe", {"image": "9" * 30, "alt": "x"}, "picture_not_found"),
    ("primary", {"image": "-1"}, "picture_not_found"),
    ("arrange", {"order": "1,x,²"}, "arrangement_incomplete"),
    ("delete", {}, "picture_not_found"),
]


@pytest.mark.parametrize(("verb", "form", "code"), BAD)
def test_nonsense_is_answered_calmly(
    staff: Client, product: Product, verb: str, form: dict[str, str], code: str
) -> None:
    ProductImageFactory(product=product)
    answer = staff.post(address(product, verb), form, **JSON)
    assert answer.json()["code"] == code
    assert ProductImage.objects.count() == 1


def test_an_unknown_color_is_refused(staff: Client, product: Product) -> None:
    image = ProductImageFactory(product=product)
    form = {"image": image.pk, "alt": "x", "color": "999999"}
    answer = staff.post(address(product, "describe"), form, **JSON)
    assert answer.json()["code"] == "color_unknown"


def test_unknown_verbs_and_reads_are_refused(staff: Client, product: Product) -> None:
    assert staff.post(address(product, "explode")).status_code == 404
    assert staff.get(address(product, "delete")).status_code == 405


@pytest.mark.parametrize(
    ("role", "allowed"), [("marketing", True), ("cs", False), ("finance", False)]
)
def test_only_who_writes_the_catalogue_changes_pictures(
    staff_client: StaffClient, product: Product, role: str, allowed: bool
) -> None:
    client = staff_client(role)
    client.get("/admin/")
    answer = client.post(address(product, "add"), {"files": upload(photo())}, **JSON)
    assert (answer.status_code == 200) is allowed
    assert ProductImage.objects.exists() is allowed


def test_who_may_only_look_sees_no_button(
    staff_client: StaffClient, product: Product
) -> None:
    ProductImageFactory(product=product)
    client = staff_client("cs")
    page = reverse("admin:catalog_product_change", args=[product.pk])
    shown = client.get(page).content.decode()
    assert 'class="gallery-card"' in shown
    assert "gallery-button" not in shown


def category_form(image: SimpleUploadedFile | None) -> dict[str, object]:
    form = {"name": "Gamis", "slug": "gamis", "position": "0", "is_active": "on"}
    return form | ({"image": image} if image else {})


def test_a_categorys_picture_is_made_anew_too(staff: Client, store: Path) -> None:
    attempt = next(row for row in HOSTILE if row.says == "JPEG and page in one")
    page = reverse("admin:catalog_category_add")
    assert staff.post(page, category_form(file_of(attempt))).status_code == 302
    name = Category.objects.get().image.name
    assert name.startswith("categories/")
    assert clean(store / name)


def test_a_categorys_picture_that_is_none_is_refused_at_its_field(
    staff: Client, store: Path
) -> None:
    page = reverse("admin:catalog_category_add")
    answer = staff.post(page, category_form(upload(b"<svg/>", "a.svg")))
    assert answer.context["errors"]
    assert "bukan foto JPEG" in answer.content.decode()
    assert not Category.objects.exists()
    assert list(store.iterdir()) == []


def test_a_wide_picture_of_a_category_is_kept_at_a_pages_width(
    staff: Client, store: Path
) -> None:
    page = reverse("admin:catalog_category_add")
    wide = upload(photo(size=(1500, 300)))
    staff.post(page, category_form(wide))
    category = Category.objects.get()
    assert category.image.name.endswith("-1280.webp")
    change = reverse("admin:catalog_category_change", args=[category.pk])
    assert staff.post(change, category_form(None)).status_code == 302
    assert Category.objects.get().image.name == category.image.name
