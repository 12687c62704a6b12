"""What is in the store, and what of it is shown: to find what nobody remembers."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from posixpath import dirname
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import QuerySet

from catalog.models import Category, Collection, Color, ProductImage
from catalog.services.media.storing import answering

# Only what the shop itself puts into the store; the rest is somebody else's.
FOLDERS = ("products", "categories", "collections", "swatches", "reviews")


def stored(*, before: datetime) -> Iterator[str]:
    """Yield the names of all files that were stored before a moment.

    Raises MediaUnavailable, half-way too.
    """
    with answering():
        for folder in FOLDERS:
            yield from _walk(folder, before)


def shown_folders() -> set[str]:
    """Return the folders of all files that the catalogue shows.

    A picture has a folder of its own; a file that shares one keeps its neighbours.
    """
    names = chain(
        _names(ProductImage.objects.all(), "file"),
        _names(Category.objects.all(), "image"),
        _names(Collection.objects.all(), "image"),
        _names(Color.objects.all(), "swatch"),
    )
    return {dirname(name) for name in names}


def _names(rows: QuerySet[Any], column: str) -> Iterator[str]:
    filled = rows.exclude(**{column: ""}).order_by()
    yield from filled.values_list(column, flat=True).iterator(chunk_size=2000)


def _walk(folder: str, before: datetime) -> Iterator[str]:
    if hasattr(default_storage, "bucket"):
        yield from _walk_bucket(folder, before)
        return
    if not default_storage.exists(folder):
        return
    folders, files = default_storage.listdir(folder)
    for file in files:
        name = f"{folder}/{file}"
        if default_storage.get_modified_time(name) < before:
            yield name
    for below in folders:
        yield from _walk(f"{folder}/{below}", before)


def _walk_bucket(folder: str, before: datetime) -> Iterator[str]:
    """List a thousand files with each request, where folders would cost one each."""
    root: str = default_storage.location  # type: ignore[attr-defined]
    objects = default_storage.bucket.objects  # type: ignore[attr-defined]
    for found in objects.filter(Prefix=f"{root}/{folder}/"):
        if found.last_modified < before:
            yield found.key.removeprefix(f"{root}/")
