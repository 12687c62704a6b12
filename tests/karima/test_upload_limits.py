"""What the admin takes at most: bytes outside of files, fields, files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import Product

ADD = reverse("admin:catalog_product_add", "karima.urls.admin")
TOO_MUCH = [
    ("a megabyte of text", {"name": "x" * (1024**2 + 1)}, 413),
    ("2001 fields", {f"field-{n}": "1" for n in range(2001)}, 400),
    (
        "21 files",
        {f"file-{n}": SimpleUploadedFile(f"{n}.png", b"1") for n in range(21)},
        400,
    ),
]


@pytest.mark.parametrize(
    ("form", "status"),
    [row[1:] for row in TOO_MUCH],
    ids=[row[0] for row in TOO_MUCH],
)
def test_form_that_is_too_large_is_refused_calmly(
    owner: Client, form: dict[str, object], status: int
) -> None:
    answer = owner.post(ADD, form)
    assert answer.status_code == status
    assert "Traceback" not in answer.content.decode()
    assert not Product.objects.exists()
