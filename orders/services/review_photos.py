"""Photos of reviews: added and taken away by the writer, judged with the review."""

from typing import IO
from uuid import UUID

from django.db import transaction

from accounts.models import User
from catalog.services import media
from karima.errors import Conflict, NotFound, StoreError
from orders.models import Review, ReviewPhoto
from orders.models.review import MAX_PHOTOS
from orders.services import reviews

FOLDER = "reviews"
STORED = ("width", "height", "renditions", "size_bytes", "sha256", "placeholder")


class ReviewPhotoNotFound(NotFound):
    code = "review_photo_not_found"
    title = "Photo not found"
    detail = "Foto tidak ditemukan. Mungkin sudah dihapus."


class TooManyReviewPhotos(Conflict):
    code = "too_many_review_photos"
    title = "Too many photos"
    detail = f"Satu ulasan paling banyak memiliki {MAX_PHOTOS} foto."


class ReviewPhotoTwice(Conflict):
    code = "review_photo_twice"
    title = "Photo is there already"
    detail = "Foto ini sudah ada di ulasan Kakak."


def add(customer: User, upload: IO[bytes], *, review_id: UUID) -> ReviewPhoto:
    """Add a photo to one's own review, which waits for the staff anew.

    Must not run in a transaction: the photo is converted and stored first. Raises
    `ReviewNotFound`, `TooManyReviewPhotos`, `ReviewPhotoTwice`, `PictureRefused`,
    `PicturesBusy` and `MediaUnavailable`.
    """
    # Asked before the work too, and again under the lock.
    _free_slot(reviews.find_own(customer, review_id))
    picture = media.store(upload, folder=FOLDER)
    try:
        with transaction.atomic(durable=True):
            review = reviews.lock_own(customer, review_id)
            photo = _photo(review, picture)
            photo.save(force_insert=True)
            reviews.hold(review)
    except StoreError:
        with transaction.atomic():
            media.discard(picture.names)
        raise
    return photo


def remove(customer: User, *, review_id: UUID, photo_id: UUID) -> None:
    """Take a photo away from one's own review; its files go an hour later.

    The review stays as it was judged. Opens its own transaction. Raises
    `ReviewNotFound` and `ReviewPhotoNotFound`.
    """
    with transaction.atomic(durable=True):
        review = reviews.lock_own(customer, review_id)
        photo = review.photos.filter(pk=photo_id).first()
        if photo is None:
            raise ReviewPhotoNotFound()
        media.discard(media.names_of(photo))
        photo.delete()


def _photo(review: Review, picture: media.Picture) -> ReviewPhoto:
    if review.photos.filter(sha256=picture.sha256).exists():
        raise ReviewPhotoTwice()
    columns = {name: getattr(picture, name) for name in STORED}
    slot = _free_slot(review)
    return ReviewPhoto(review=review, slot=slot, file=picture.name, **columns)


def _free_slot(review: Review) -> int:
    free = set(range(MAX_PHOTOS)) - set(review.photos.values_list("slot", flat=True))
    if not free:
        raise TooManyReviewPhotos()
    return min(free)
