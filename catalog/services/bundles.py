"""Bundles: which can be bought, of what they are made, and how many are left."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from catalog.models import Bundle, BundleItem
from catalog.services import documents, offers
from catalog.services.products import buyable_variants
from karima.errors import NotFound


class BundleNotFound(NotFound):
    code = "bundle_not_found"
    title = "Bundle not found"
    detail = "Paket tidak ditemukan atau sudah tidak dijual."


def visible_bundles() -> QuerySet[Bundle]:
    """Return what customers may see: active, with parts that all are on sale."""
    parts = BundleItem.objects.filter(bundle=OuterRef("pk"))
    gone = parts.exclude(variant__in=buyable_variants())
    return Bundle.objects.filter(Exists(parts), ~Exists(gone), is_active=True)


def read(start: int, stop: int) -> list[str]:
    """Return the ready JSON of the bundles from `start` to before `stop`."""
    return list(visible_bundles().values_list("document", flat=True)[start:stop])


def document(slug: str) -> str:
    """Return the ready JSON of one bundle. Raises `BundleNotFound`."""
    found = visible_bundles().filter(slug=slug).values_list("document", flat=True)
    text: str | None = found.first()
    if text is None:
        raise BundleNotFound()
    return text


def find(slug: str) -> Bundle:
    """Return a bundle on sale with its parts and their stock.

    Raises `BundleNotFound`.
    """
    found = with_parts(visible_bundles().filter(slug=slug)).first()
    if found is None:
        raise BundleNotFound()
    return found


def with_parts(bundles: QuerySet[Bundle]) -> QuerySet[Bundle]:
    """Have the query bring along all that pricing a bundle reads."""
    items = BundleItem.objects.select_related(
        "variant__stock",
        "variant__color",
        "variant__size",
        "variant__product__category",
    )
    return bundles.prefetch_related(
        Prefetch("items", items.order_by("id")), "items__variant__product__images"
    )


def available(bundle: Bundle) -> int:
    """Return how many bundles the stock of the parts allows."""
    return documents.available_of(
        (offers.available(item.variant), item.quantity) for item in bundle.items.all()
    )


def is_on_sale(bundle: Bundle) -> bool:
    """Tell whether a customer may order the bundle, whatever the stock of its parts."""
    parts = list(bundle.items.all())
    on_sale = all(offers.is_on_sale(item.variant) for item in parts)
    return bundle.is_active and bool(parts) and on_sale


def changed(bundle_ids: Iterable[int]) -> None:
    """Write the documents of bundles whose own columns or parts changed.

    Call it in the transaction of the change.
    """
    documents.rewrite_bundles(bundle_ids)
