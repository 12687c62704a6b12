"""Photos of products, added and arranged by a program."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from catalog.models import Product, ProductImage
from tests.catalog.photos import SCRIPT, photo
from tests.factories import ProductImageFactory, VariantFactory
from tests.fixtures_programs import program

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def product() -> Product:
    product: Product = VariantFactory(
        product__name="Gamis Arunika", color__name="Sage"
    ).product
    return product


@pytest.fixture
def app() -> APIClient:
    return program("media:write")


def media(product: Product, image: int | str = "") -> str:
    return f"/api/v1/products/{product.slug}/media" + (f"/{image}" if image else "")


def upload(app: APIClient, product: Product, file: bytes, **form: str) -> Any:
    form_file = SimpleUploadedFile("foto.jpg", file, "image/jpeg")
    return app.post(media(product), {"file": form_file, **form})


def test_photo_is_added_and_shown(
    app: APIClient, product: Product, client: Client
) -> None:
    answer = upload(app, product, photo(size=(400, 300)), color="sage")
    assert answer.status_code == 201
    assert answer.json()["alt"] == "Gamis Arunika warna sage"
    assert (answer.json()["color"], answer.json()["is_primary"]) == ("sage", True)
    shown = client.get(f"/api/v1/products/{product.slug}").json()["images"]
    assert [image["alt"] for image in shown] == ["Gamis Arunika warna sage"]


def test_what_is_no_photo_is_refused_and_not_stored(
    app: APIClient, product: Product, store: Path
) -> None:
    answer = upload(app, product, SCRIPT)
    assert (answer.status_code, answer.json()["code"]) == (422, "picture_type_unknown")
    assert not ProductImage.objects.exists()
    assert not [path for path in store.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("form", "field"),
    [({"color": "tidak-ada"}, "color"), ({"alt": "x" * 161}, "alt")],
)
def test_wrong_form_is_refused_by_its_field(
    app: APIClient, product: Product, form: dict[str, str], field: str
) -> None:
    answer = upload(app, product, photo(), **form)
    assert answer.status_code == 400
    assert [row["field"] for row in answer.json()["errors"]] == [field]
    assert not ProductImage.objects.exists()


def test_form_without_a_file_and_json_are_refused(
    app: APIClient, product: Product
) -> None:
    assert app.post(media(product), {"alt": "Gamis"}).status_code == 400
    assert app.post(media(product), {}, format="json").status_code == 415


def test_photos_are_arranged_described_and_chosen(
    app: APIClient, product: Product
) -> None:
    first, second = (
        ProductImageFactory(product=product, position=n, is_primary=not n)
        for n in (0, 1)
    )
    body = {"order": [second.pk, first.pk]}
    arranged = app.put(media(product), body, format="json").json()["results"]
    assert [image["id"] for image in arranged] == [second.pk, first.pk]
    change = {"alt": "Tampak belakang", "is_primary": True}
    changed = app.patch(media(product, second.pk), change, format="json").json()
    assert (changed["alt"], changed["is_primary"]) == ("Tampak belakang", True)
    first.refresh_from_db()
    assert not first.is_primary
    refused = app.patch(media(product, second.pk), {"is_primary": False}, format="json")
    assert refused.status_code == 400


def test_order_that_leaves_one_out_is_a_conflict(
    app: APIClient, product: Product
) -> None:
    images = [ProductImageFactory(product=product, position=n) for n in (0, 1)]
    answer = app.put(media(product), {"order": [images[1].pk]}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (
        409,
        "arrangement_incomplete",
    )


def test_photo_of_another_product_is_not_reached(
    app: APIClient, product: Product
) -> None:
    other = ProductImageFactory(alt="Foto lain")
    path = media(product, other.pk)
    assert app.patch(path, {"alt": "Jahat"}, format="json").status_code == 404
    assert app.delete(path).status_code == 404
    other.refresh_from_db()
    assert other.alt == "Foto lain"


def test_photo_is_taken_away(app: APIClient, product: Product) -> None:
    image = ProductImageFactory(product=product)
    assert app.delete(media(product, image.pk)).status_code == 204
    assert app.delete(media(product, image.pk)).status_code == 404
