"""Photos of reviews: a buyer's own, at most five, public once judged."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from catalog.models import DiscardedFile
from catalog.services import media
from orders.models import Review, ReviewPhoto
from orders.services import pictures, review_photos, reviews
from tests.catalog.photos import from_a_phone, photo
from tests.factories import ReviewPhotoFactory, StaffFactory, VariantFactory
from tests.orders.test_reviews import public, rating_of, written

pytestmark = pytest.mark.django_db
COLORS = ("#110000", "#330000", "#550000", "#770000", "#990000", "#bb0000")


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> Path:
    """Give the empty folder that photos are stored in."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def review(aisyah: User) -> Review:
    return written(aisyah, VariantFactory(on_hand=9))


def upload(content: bytes, name: str = "foto.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def send(client: APIClient, review: Review, content: bytes) -> Any:
    path = f"/api/v1/reviews/{review.pk}/photos"
    return client.post(path, {"file": upload(content)}, format="multipart")


def add(review: Review, color: str = COLORS[0]) -> ReviewPhoto:
    content = io.BytesIO(photo(size=(500, 400), color=color))
    return review_photos.add(review.customer, content, review_id=review.pk)


def files(store: Path) -> set[str]:
    found = (path for path in store.rglob("*") if path.is_file())
    return {str(path.relative_to(store)) for path in found}


def test_a_buyer_shows_a_photo_and_the_public_sees_it_once_judged(
    client_of: Callable[..., APIClient], aisyah: User, review: Review, store: Path
) -> None:
    answer = send(client_of(aisyah), review, from_a_phone((500, 400)))
    assert answer.status_code == 201
    path = f"/api/v1/products/{review.product.slug}/reviews"
    assert client_of().get(path).json()["results"] == []
    reviews.publish(review.pk, actor=StaffFactory())
    [shown] = client_of().get(path).json()["results"]
    assert shown["photos"] == [answer.json()]
    [picture] = shown["photos"]
    assert (picture["width"], picture["height"]) == (400, 500)
    assert [copy["width"] for copy in picture["renditions"]] == [320]
    for shown_file in (picture, *picture["renditions"]):
        name = shown_file["url"].partition("/media/")[2]
        content = (store / name).read_bytes()
        assert content[8:12] == b"WEBP" and b"Aisyah" not in content
    assert {name.split("/")[0] for name in files(store)} == {"reviews"}


def test_a_photo_added_to_a_public_review_is_judged_first(aisyah: User) -> None:
    variant = VariantFactory(on_hand=9)
    review = public(variant, 5, aisyah)
    add(review)
    review.refresh_from_db()
    assert (review.state, rating_of(variant)["count"]) == ("pending", 0)


def test_a_sixth_photo_is_refused_before_it_is_converted(
    client_of: Callable[..., APIClient], aisyah: User, review: Review, store: Path
) -> None:
    client = client_of(aisyah)
    for color in COLORS[:5]:
        assert send(client, review, photo(color=color)).status_code == 201
    before = files(store)
    answer = send(client, review, photo(color=COLORS[5]))
    assert (answer.status_code, answer.json()["code"]) == (
        409,
        "too_many_review_photos",
    )
    assert files(store) == before
    assert not DiscardedFile.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewPhotoFactory(review=review, slot=5)


def test_five_at_most_when_they_come_at_once(review: Review) -> None:
    """The last place is taken while the photo is being converted."""
    for slot in range(4):
        ReviewPhotoFactory(review=review, slot=slot, sha256=str(slot) * 64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(review_photos.media, "store", taking_the_last(review))
        with pytest.raises(review_photos.TooManyReviewPhotos):
            add(review)
    assert review.photos.count() == 5
    assert DiscardedFile.objects.count() == 2


def taking_the_last(review: Review) -> Callable[..., media.Picture]:
    real = media.store

    def store(upload: Any, *, folder: str) -> media.Picture:
        ReviewPhotoFactory(review=review, slot=4)
        return real(upload, folder=folder)

    return store


def test_the_same_photo_again_is_refused_and_its_files_go(review: Review) -> None:
    add(review)
    with pytest.raises(review_photos.ReviewPhotoTwice):
        add(review)
    assert (review.photos.count(), DiscardedFile.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<svg/>", 422, "picture_type_unknown"),
        (b"", 400, "invalid"),
    ],
)
def test_what_is_no_photo_is_refused(
    client_of: Callable[..., APIClient],
    aisyah: User,
    review: Review,
    content: bytes,
    status: int,
    code: str,
) -> None:
    answer = send(client_of(aisyah), review, content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not ReviewPhoto.objects.exists()


def test_the_photos_of_others_are_out_of_reach(
    client_of: Callable[..., APIClient], budi: User, review: Review
) -> None:
    shown = add(review)
    assert send(client_of(budi), review, photo()).status_code == 404
    path = f"/api/v1/reviews/{review.pk}/photos/{shown.pk}"
    assert client_of(budi).delete(path).status_code == 404
    assert review.photos.count() == 1


def test_a_photo_taken_away_makes_room_and_its_files_go(
    client_of: Callable[..., APIClient], aisyah: User, review: Review
) -> None:
    first, second = add(review), add(review, COLORS[1])
    path = f"/api/v1/reviews/{review.pk}/photos/{first.pk}"
    client = client_of(aisyah)
    assert client.delete(path).status_code == 204
    assert client.delete(path).json()["code"] == "review_photo_not_found"
    third = add(review, COLORS[2])
    assert list(review.photos.all()) == [second, third]
    assert set(DiscardedFile.objects.values_list("name", flat=True)) == set(
        media.names_of(first)
    )


def test_files_of_a_deleted_review_go(
    aisyah: User, review: Review, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.services.media.discarding.GRACE", timedelta(hours=-1))
    add(review)
    reviews.remove(aisyah, review_id=review.pk)
    assert len(files(store)) == 2
    pictures.remove_discarded()
    assert files(store) == set()


def test_erasing_the_customer_takes_the_files_too(
    aisyah: User, review: Review, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.services.media.discarding.GRACE", timedelta(hours=-1))
    add(review)
    reviews.remove_all(aisyah)
    pictures.remove_discarded()
    assert files(store) == set()
    assert not ReviewPhoto.objects.exists()


def test_the_collector_of_orphans_leaves_them(
    review: Review, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "ORPHAN_AGE", timedelta(hours=-1))
    add(review)
    shown = files(store)
    default_storage.save("reviews/cut-off/1-320.webp", io.BytesIO(b"x"))
    assert list(pictures.find_orphans().names) == ["reviews/cut-off/1-320.webp"]
    monkeypatch.setattr("catalog.services.media.discarding.GRACE", timedelta(hours=-1))
    pictures.discard_orphans()
    pictures.remove_discarded()
    assert files(store) == shown


def test_a_list_with_photos_costs_the_same(
    client_of: Callable[..., APIClient], django_assert_max_num_queries: Any
) -> None:
    variant = VariantFactory(on_hand=9)
    for rating in (5, 4, 3, 2):
        shown = public(variant, rating)
        ReviewPhotoFactory(review=shown)
        ReviewPhotoFactory(review=shown, slot=1, sha256="6" * 64)
    with django_assert_max_num_queries(5):
        client_of().get(f"/api/v1/products/{variant.product.slug}/reviews")


def test_the_staff_see_what_they_judge(owner: Client, review: Review) -> None:
    shown = add(review)
    owner.get("/admin/")
    page = reverse("admin:orders_review_changelist", "karima.urls.admin")
    one = reverse("admin:orders_review_change", "karima.urls.admin", args=[review.pk])
    for path in (page, one):
        text = owner.get(path).content.decode()
        assert f'href="{shown.file.url}"' in text
        assert shown.file.storage.url(shown.renditions[0]["file"]) in text
