"""Wishlists: variants that a customer keeps, with what became of their price."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from catalog.models import Variant, WishlistItem
from catalog.services.products import buyable_variants
from karima.errors import Conflict, NotFound

MAX_ITEMS = 200


class WishNotFound(NotFound):
    code = "wish_not_found"
    title = "Not on the wishlist"
    detail = "Barang ini tidak ada di daftar keinginan."


class WishVariantNotFound(NotFound):
    code = "variant_not_found"
    title = "Variant not found"
    detail = "Produk tidak ditemukan atau sudah tidak dijual."


class WishlistFull(Conflict):
    code = "wishlist_full"
    title = "Wishlist full"
    detail = f"Daftar keinginan sudah berisi {MAX_ITEMS} barang."


def items_of(customer: User) -> QuerySet[WishlistItem]:
    """Return the customer's items, the newest first, with all that showing them reads.

    What left the shop is kept and shown as not on sale.
    """
    found = WishlistItem.objects.filter(customer=customer)
    return (
        found.select_related(
            "variant__product__category",
            "variant__color",
            "variant__size",
            "variant__stock",
        )
        .prefetch_related("variant__product__images")
        .order_by("-added_at", "-id")
    )


def add(customer: User, *, variant_id: int | None = None, sku: str = "") -> UUID:
    """Keep a variant that is on sale, by id or SKU; one that is kept already stays.

    Returns the item's id. Raises `WishVariantNotFound` and `WishlistFull`.
    """
    by = {"pk": variant_id} if variant_id is not None else {"sku__iexact": sku}
    variant = buyable_variants().filter(**by).first()
    if variant is None:
        raise WishVariantNotFound()
    kept = WishlistItem.objects.filter(customer=customer, variant=variant).first()
    return kept.pk if kept else _keep(customer, variant)


def remove(customer: User, *, item_id: UUID) -> None:
    """Take an item off. Raises `WishNotFound`."""
    mine = WishlistItem.objects.filter(customer=customer, pk=item_id)
    if not mine.delete()[0]:
        raise WishNotFound()


def clear(customer: User) -> None:
    """Take everything off."""
    WishlistItem.objects.filter(customer=customer).delete()


def _keep(customer: User, variant: Variant) -> UUID:
    if WishlistItem.objects.filter(customer=customer).count() >= MAX_ITEMS:
        raise WishlistFull()
    item, _ = WishlistItem.objects.get_or_create(
        customer=customer, variant=variant, defaults={"price_then": variant.price}
    )
    return item.pk
