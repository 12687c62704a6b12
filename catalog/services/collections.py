"""Collections: which are visible now, and which products are in them."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.models import Collection
from karima.errors import NotFound


class CollectionNotFound(NotFound):
    code = "collection_not_found"
    title = "Collection not found"
    detail = "Koleksi tidak ditemukan atau sudah berakhir."


def visible_collections() -> QuerySet[Collection]:
    """Return what customers may see at this moment, in the shop's order."""
    now = timezone.now()
    return Collection.objects.filter(
        Q(starts_at__isnull=True) | Q(starts_at__lte=now),
        Q(ends_at__isnull=True) | Q(ends_at__gt=now),
        is_active=True,
    ).order_by("position", "name")


def find(slug: str) -> Collection | None:
    """Return a visible collection, if there is one of that slug."""
    return visible_collections().filter(slug=slug).first()


def slug_now(old_slug: str) -> str | None:
    """Return the slug of the visible collection that had this one before."""
    moved = visible_collections().filter(old_slugs__slug=old_slug)
    return moved.values_list("slug", flat=True).first()
