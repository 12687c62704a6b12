"""The pictures of a product: which, in which order, of which color, which one first."""

from collections.abc import Sequence
from typing import IO

from django.db import transaction
from django.db.models import Max

from catalog.models import Color, Product, ProductImage
from catalog.services import documents, media
from karima.errors import Conflict, Invalid, NotFound

FOLDER = "products"
MAX_PICTURES = 60
MAX_ALT_LENGTH = 160


class PictureNotFound(NotFound):
    code = "picture_not_found"
    title = "Picture not found"
    detail = "Foto tidak ditemukan. Mungkin sudah dihapus."


class PictureTwice(Conflict):
    code = "picture_twice"
    title = "Picture is there already"
    detail = "Foto ini sudah ada di produk ini."


class TooManyPictures(Conflict):
    code = "too_many_pictures"
    title = "Too many pictures"
    detail = f"Satu produk paling banyak memiliki {MAX_PICTURES} foto."


class ArrangementIncomplete(Conflict):
    """The order names other pictures than the product has: somebody changed them."""

    code = "arrangement_incomplete"
    title = "Pictures have changed"
    detail = "Foto produk ini sudah berubah. Silakan muat ulang halaman."


class AltTextInvalid(Invalid):
    code = "alt_text_invalid"
    title = "Alternative text is empty or too long"
    detail = f"Isi teks alternatif, paling panjang {MAX_ALT_LENGTH} huruf."


def add(
    product: Product, upload: IO[bytes], *, color: Color | None = None, alt: str = ""
) -> ProductImage:
    """Add an uploaded photo as the last; the first one of a product is its primary.

    Without `alt` the product's name is said, and the color's. Must not run in a
    transaction: the photo is converted and stored first. Raises PictureRefused,
    PicturesBusy, MediaUnavailable, TooManyPictures, PictureTwice.
    """
    alt = _checked_alt(alt or _alt_of(product, color))
    picture = media.store(upload, folder=FOLDER)
    try:
        with transaction.atomic(durable=True):
            images = _locked(product)
            _check_room(images, picture, color)
            image = ProductImage(
                product=product,
                color=color,
                alt=alt,
                position=_next_position(product),
                is_primary=not any(image.is_primary for image in images),
            )
            _show(image, picture)
            image.save()
            documents.rewrite([product.pk])
    except (TooManyPictures, PictureTwice):
        _discard(picture)
        raise
    return image


def replace(image: ProductImage, upload: IO[bytes]) -> ProductImage:
    """Put another photo in the place of one; its text, color and order stay.

    Must not run in a transaction. Raises PictureRefused, PicturesBusy,
    MediaUnavailable, PictureNotFound.
    """
    picture = media.store(upload, folder=FOLDER)
    with transaction.atomic(durable=True):
        _locked(image.product)
        current = find(image.product, image.pk)
        _discard_unshared(current)
        _show(current, picture)
        current.save(update_fields=[*SHOWN, "file"])
        documents.rewrite([current.product_id])
    return current


def describe(image: ProductImage, *, alt: str, color: Color | None) -> None:
    """Set what a picture shows, in words and as a color of the product.

    Opens its own transaction. Raises AltTextInvalid.
    """
    image.alt = _checked_alt(alt)
    image.color = color
    with transaction.atomic():
        image.save(update_fields=["alt", "color"])
        documents.rewrite([image.product_id])


def choose_primary(image: ProductImage) -> None:
    """Have lists show this picture for its product. Opens its own transaction."""
    with transaction.atomic():
        images = _locked(image.product)
        _make_primary(images, image.pk)
        documents.rewrite([image.product_id])


def arrange(product: Product, image_ids: Sequence[int]) -> None:
    """Show the pictures in this order, all of them.

    Opens its own transaction. Raises ArrangementIncomplete.
    """
    with transaction.atomic():
        images = {image.pk: image for image in _locked(product)}
        if sorted(images) != sorted(image_ids):
            raise ArrangementIncomplete
        for position, image_id in enumerate(image_ids):
            images[image_id].position = position
        ProductImage.objects.bulk_update(images.values(), ["position"])
        documents.rewrite([product.pk])


def delete(image: ProductImage) -> None:
    """Take a picture away; the next one becomes the primary if it was that.

    Opens its own transaction. Its files go an hour later.
    """
    with transaction.atomic():
        rest = [other for other in _locked(image.product) if other.pk != image.pk]
        current = find(image.product, image.pk)
        _discard_unshared(current)
        current.delete()
        if rest and not any(other.is_primary for other in rest):
            _make_primary(rest, rest[0].pk)
        documents.rewrite([image.product_id])


def find(product: Product, image_id: int) -> ProductImage:
    """Return a picture of the product. Raises PictureNotFound."""
    image = ProductImage.objects.filter(product=product, pk=image_id).first()
    if image is None:
        raise PictureNotFound
    return image


SHOWN = ("width", "height", "renditions", "size_bytes", "sha256", "placeholder")


def _show(image: ProductImage, picture: media.Picture) -> None:
    """Have the row show the picture; nothing is read from the store for that."""
    image.file = picture.name
    for column in SHOWN:
        setattr(image, column, getattr(picture, column))


def _locked(product: Product) -> list[ProductImage]:
    """Lock the product and return its pictures in their order."""
    list(Product.objects.filter(pk=product.pk).select_for_update(no_key=True))
    return list(ProductImage.objects.filter(product=product))


def _check_room(
    images: Sequence[ProductImage], picture: media.Picture, color: Color | None
) -> None:
    if len(images) >= MAX_PICTURES:
        raise TooManyPictures
    shown = {(image.sha256, image.color_id) for image in images}
    if (picture.sha256, color.pk if color else None) in shown:
        raise PictureTwice


def _next_position(product: Product) -> int:
    images = ProductImage.objects.filter(product=product)
    last = images.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def _make_primary(images: Sequence[ProductImage], image_id: int) -> None:
    """Mark one; the mark is taken away first, since only one may have it."""
    ids = [image.pk for image in images]
    ProductImage.objects.filter(pk__in=ids, is_primary=True).update(is_primary=False)
    if not ProductImage.objects.filter(pk=image_id).update(is_primary=True):
        raise PictureNotFound


def _discard(picture: media.Picture) -> None:
    with transaction.atomic():
        media.discard(picture.names)


def _discard_unshared(image: ProductImage) -> None:
    """Discard the files, unless another picture shows the same."""
    others = ProductImage.objects.filter(file=image.file.name).exclude(pk=image.pk)
    if not others.exists():
        media.discard(media.names_of(image))


def _checked_alt(alt: str) -> str:
    alt = " ".join(alt.split())
    if not alt or len(alt) > MAX_ALT_LENGTH:
        raise AltTextInvalid
    return alt


def _alt_of(product: Product, color: Color | None) -> str:
    return f"{product.name} warna {color.name.lower()}" if color else product.name
