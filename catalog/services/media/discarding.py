"""Files that nothing shows any more: remembered in the transaction, removed later."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Protocol

from django.utils import timezone

from catalog.models import DiscardedFile
from catalog.services.media import storing

# Pages that are open, and caches in between, go on showing what they know.
GRACE = timedelta(hours=1)
BATCH = 500


def discard(names: Iterable[str]) -> None:
    """Have files removed an hour from now, unless something shows them then.

    Must run in the transaction that stops showing them.
    """
    DiscardedFile.objects.bulk_create(
        [DiscardedFile(name=name) for name in names if name], ignore_conflicts=True
    )


def due() -> list[str]:
    """Return files whose hour is over, the oldest first, at most 500."""
    over = DiscardedFile.objects.filter(discarded_at__lt=timezone.now() - GRACE)
    return list(over.order_by("discarded_at").values_list("name", flat=True)[:BATCH])


def forget(names: Iterable[str]) -> None:
    """Strike files off: removed, or shown by something after all."""
    DiscardedFile.objects.filter(name__in=list(names)).delete()


def remove(names: Iterable[str]) -> int:
    """Remove files from the store and strike them off; return how many.

    Stops at the first that the store does not remove: the rest waits for the next run.
    Raises MediaUnavailable.
    """
    removed = 0
    for name in names:
        storing.remove(name)
        forget([name])
        removed += 1
    return removed


class Shown(Protocol):
    """A row that shows a picture."""

    file: Any
    renditions: Any


def names_of(image: Shown) -> list[str]:
    """Return all files of a picture."""
    return [str(image.file.name), *(copy["file"] for copy in image.renditions)]
