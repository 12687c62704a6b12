"""Remove pictures that nothing shows any more; orders and reviews show theirs."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from posixpath import dirname

from django.db import transaction
from django.utils import timezone

from catalog.services import media
from orders.models import OrderLine, ReviewPhoto

logger = logging.getLogger(__name__)

# Longer than any upload takes, or a transaction that is to show it.
ORPHAN_AGE = timedelta(days=1)
# More than this share of the store at once is no neglect: it is the wrong database.
MOST_ORPHANS_PERCENT, FEW = 20, 200


@dataclass(frozen=True, slots=True)
class Orphans:
    """Files that nothing shows, of how many."""

    names: Sequence[str]
    stored: int

    @property
    def is_plausible(self) -> bool:
        share = 100 * len(self.names) / max(self.stored, 1)
        return len(self.names) <= FEW or share <= MOST_ORPHANS_PERCENT


def remove_discarded() -> int:
    """Remove the files whose hour is over, but those of orders; return how many.

    Safe to repeat, and twice at once. Raises MediaUnavailable: the rest waits.
    """
    names = media.due()
    ordered = set(
        OrderLine.objects.filter(image__in=names).values_list("image", flat=True)
    )
    media.forget(ordered)
    return media.remove([name for name in names if name not in ordered])


def find_orphans() -> Orphans:
    """Return the files that nothing shows and nothing has discarded.

    An upload that was cut off leaves them. Reads the whole store. Raises
    MediaUnavailable.
    """
    before = timezone.now() - ORPHAN_AGE
    stored = list(media.stored(before=before))
    # Read after the store: what is shown meanwhile is known then.
    shown = media.shown_folders() | _ordered_folders() | _reviewed_folders()
    names = [name for name in stored if dirname(name) not in shown]
    return Orphans(names=names, stored=len(stored))


def discard_orphans() -> int:
    """Have orphans removed an hour from now; return how many.

    None if they are too many to be believed, which is logged. Raises MediaUnavailable.
    """
    orphans = find_orphans()
    if not orphans.is_plausible:
        logger.error("media_orphans_implausible")
        return 0
    with transaction.atomic():
        media.discard(orphans.names)
    return len(orphans.names)


def _ordered_folders() -> set[str]:
    names = OrderLine.objects.exclude(image="").order_by()
    return {dirname(name) for name in names.values_list("image", flat=True).distinct()}


def _reviewed_folders() -> set[str]:
    names = ReviewPhoto.objects.order_by().values_list("file", flat=True)
    return {dirname(name) for name in names.iterator(chunk_size=2000)}
