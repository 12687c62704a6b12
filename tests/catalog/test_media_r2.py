"""Photos in R2: what goes over the wire, where they are found, and R2 being away."""

import io
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from catalog.models import Product, ProductImage
from catalog.services import gallery, media
from karima.settings import engines
from tests.catalog.photos import photo
from tests.factories import ProductFactory, VariantFactory
from tests.fixtures_r2 import BUCKET, Bucket
from tests.karima.environments import good_production

pytestmark = pytest.mark.django_db

Use = Callable[..., None]
SHA256 = re.compile(r"[0-9a-f]{64}|UNSIGNED-PAYLOAD")


def upload() -> io.BytesIO:
    return io.BytesIO(photo(size=(700, 500)))


def chunked(headers: dict[str, str]) -> bool:
    """Tell whether a request has what boto3 adds by itself and R2 refuses."""
    return (
        "aws-chunked" in headers.get("content-encoding", "")
        or not SHA256.fullmatch(headers.get("x-amz-content-sha256", ""))
        or any(name.startswith(("x-amz-trailer", "x-amz-checksum", "x-amz-sdk"))
               for name in headers)
    )  # fmt: skip


def test_photos_are_put_as_r2_takes_them(r2: Bucket) -> None:
    picture = media.store(upload(), folder="products")
    assert [method for method, _, _ in r2.requests] == ["PUT"] * 3
    assert sorted(path for _, path, _ in r2.requests) == sorted(
        f"/{BUCKET}/media/{name}"
        for name in [picture.name, *(row["file"] for row in picture.renditions)]
    )
    for _, _, headers in r2.requests:
        assert not chunked(headers)
        assert headers["authorization"].startswith("AWS4-HMAC-SHA256 ")
        assert "/auto/s3/aws4_request" in headers["authorization"]
        assert headers["cache-control"] == "public, max-age=31536000, immutable"
        assert headers["content-type"] == "image/webp"
        assert "x-amz-acl" not in headers


def test_boto3_left_alone_would_send_what_r2_refuses(
    r2: Bucket, monkeypatch: pytest.MonkeyPatch, use_r2: Use
) -> None:
    monkeypatch.setattr(engines, "r2_client_config", lambda: Config())
    use_r2(r2.url)
    default_storage.save("products/a.webp", ContentFile(b"x"))
    assert chunked(r2.requests[-1][2])


def test_photos_are_found_below_the_public_address(r2: Bucket) -> None:
    product = VariantFactory().product
    gallery.add(product, upload())
    page = Client().get(f"/api/v1/products/{product.slug}").json()
    [image] = page["images"]
    public = good_production()["R2_PUBLIC_URL"]
    for file in [image, *image["renditions"]]:
        assert file["url"].startswith(f"{public}/media/products/")
        name = urlsplit(file["url"]).path.lstrip("/")
        found = r2.client().head_object(Bucket=BUCKET, Key=name)
        assert found["CacheControl"] == "public, max-age=31536000, immutable"


def test_deleted_photos_leave_the_bucket_an_hour_later(r2: Bucket) -> None:
    image = gallery.add(ProductFactory(), upload())
    gallery.delete(image)
    assert media.due() == []
    assert len(r2.names()) == 3
    media.remove(media.names_of(image))
    assert r2.names() == []


WRONG = [
    ("an address where nobody is", {"R2_ENDPOINT": "http://127.0.0.1:9"}),
    ("another bucket", {"R2_BUCKET_NAME": "somebody-elses"}),
]


@pytest.mark.urls("karima.urls.admin")
@pytest.mark.parametrize(
    "changes", [row[1] for row in WRONG], ids=[r[0] for r in WRONG]
)
def test_without_r2_a_photo_is_503_and_no_row(
    r2: Bucket,
    use_r2: Use,
    owner: Client,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, str],
) -> None:
    use_r2(**{"url": r2.url} | {"R2_SECRET_ACCESS_KEY": "s3cr3t-of-the-shop"} | changes)
    product: Product = ProductFactory()
    owner.get("/admin/")
    answer = owner.post(
        reverse("admin:catalog_product_gallery", args=[product.pk, "add"]),
        {"files": ContentFile(photo(), name="a.jpg")},
        headers={"Accept": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (503, "media_unavailable")
    assert answer["Retry-After"] == "5"
    assert not ProductImage.objects.exists()
    told = answer.content.decode() + caplog.text
    for secret in ("s3cr3t-of-the-shop", good_production()["R2_ACCESS_KEY_ID"]):
        assert secret not in told
    assert r2.names() == []
