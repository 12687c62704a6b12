"""Plan flash sales: what the staff sets up, and what customers read of it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.text import slugify

from catalog.models import FlashSale, FlashSaleItem
from catalog.services import documents, offers, reading
from catalog.services.products import visible_products
from karima.errors import Conflict, Invalid, NotFound


class FlashSaleNotFound(NotFound):
    code = "flash_sale_not_found"
    title = "Flash sale not found"
    detail = "Flash sale tidak ditemukan atau sudah selesai."


class InvalidFlashSale(Invalid):
    code = "invalid_flash_sale"
    title = "Invalid flash sale"
    detail = "Waktu selesai harus sesudah waktu mulai."


class FlashSalesOverlap(Conflict):
    code = "flash_sales_overlap"
    title = "Flash sales overlap"
    detail = "Sebagian SKU sudah ada di flash sale lain pada waktu yang sama."


def shown_now() -> QuerySet[FlashSale]:
    """Return the sales that are on or to come, the next to end first."""
    return (
        FlashSale.objects.filter(is_published=True, ends_at__gt=timezone.now())
        .annotate(item_count=Count("items"))
        .order_by("starts_at", "ends_at", "id")
    )


def find(slug: str) -> FlashSale:
    """Return a sale that is on or to come. Raises FlashSaleNotFound."""
    sale = shown_now().filter(slug=slug).first()
    if sale is None:
        raise FlashSaleNotFound
    return sale


def find_any(slug: str) -> FlashSale:
    """Return a sale, of the past or planned too. Raises FlashSaleNotFound."""
    sale = FlashSale.objects.filter(slug=slug).first()
    if sale is None:
        raise FlashSaleNotFound
    return sale


def cards(sale: FlashSale) -> list[str]:
    """Return the JSON of the cards of what is visible in a sale."""
    found = visible_products().filter(variants__flash_sale_items__sale=sale)
    return reading.cards(found.distinct().order_by("id"), start=0, stop=200)


def items(sale: FlashSale) -> list[dict[str, Any]]:
    """Return the prices of a sale by SKU, of visible products alone."""
    rows = FlashSaleItem.objects.filter(
        sale=sale,
        variant__is_active=True,
        variant__product__in=visible_products(),
    ).order_by("id")
    return [
        {
            "sku": row["variant__sku"],
            "variant_id": row["variant_id"],
            "product_slug": row["variant__product__slug"],
            "list_price": row["variant__price"],
            "price": row["price"],
            "quota": row["quota"],
            "sold_out": row["sold"] >= row["quota"],
        }
        for row in rows.values(
            "variant_id",
            "variant__sku",
            "variant__product__slug",
            "variant__price",
            "price",
            "quota",
            "sold",
        )
    ]


def conflicts(
    variant_ids: Iterable[int],
    *,
    starts_at: datetime,
    ends_at: datetime,
    sale: FlashSale | None = None,
) -> list[FlashSaleItem]:
    """Return what these variants are in already in that time."""
    others = FlashSaleItem.objects.filter(
        Q(variant__in=list(variant_ids))
        & Q(starts_at__lt=ends_at)
        & Q(ends_at__gt=starts_at)
    ).exclude(sale=sale.pk if sale else None)
    return list(others.select_related("sale", "variant"))


def save(
    sale: FlashSale,
    *,
    items: Sequence[FlashSaleItem] = (),
    removed: Sequence[FlashSaleItem] = (),
) -> FlashSale:
    """Store a sale with new or changed items; its products are shown anew.

    Opens its own transaction, or joins the caller's. Raises InvalidFlashSale for an end
    before the start, a quota below what is sold, or another SKU or none in place of
    one that was sold, and FlashSalesOverlap.
    """
    if sale.ends_at <= sale.starts_at:
        raise InvalidFlashSale
    with _overlap_refused(), transaction.atomic():
        _lock_items(sale)
        before = (
            set(sale.items.values_list("variant_id", flat=True)) if sale.pk else set()
        )
        wanted = before.union(item.variant_id for item in items)
        wanted -= {item.variant_id for item in removed}
        _check_overlap(sale, wanted)
        sale.slug = sale.slug or _free_slug(sale)
        # The items' period follows by the foreign key.
        sale.save()
        for item in removed:
            _remove(item)
        for item in items:
            _store(item, sale)
        documents.rewrite_variants(before | wanted)
    return sale


def warnings(sale: FlashSale) -> list[str]:
    """Return what is allowed but hardly meant, in words for the staff."""
    found = []
    items = list(sale.items.select_related("variant__stock"))
    if sale.is_published and not items:
        found.append("Belum ada SKU di flash sale ini.")
    for item in items:
        sku, left = item.variant.sku, offers.available(item.variant)
        if item.price >= item.variant.price:
            found.append(f"{sku}: harga flash sale tidak di bawah harga biasa.")
        if item.quota - item.sold > left:
            found.append(f"{sku}: kuota {item.quota}, stok yang tersedia {left}.")
    return found


def stop(sale: FlashSale) -> None:
    """End a sale now, or take it back before it began; orders keep their prices."""
    now = timezone.now()
    with transaction.atomic():
        _lock_items(sale)
        if sale.starts_at < now < sale.ends_at:
            sale.ends_at = now
        else:
            sale.is_published = False
        sale.save(update_fields=["ends_at", "is_published", "updated_at"])
        documents.rewrite_variants(sale.items.values_list("variant_id", flat=True))


def _lock_items(sale: FlashSale) -> None:
    """Lock the items before their sale.

    A buyer who has an item refers to its sale, and would wait for who changes that.
    """
    if sale.pk:
        list(sale.items.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _free_slug(sale: FlashSale) -> str:
    """Return the name as a slug, with its day, and a number if need be."""
    stem = f"{slugify(sale.name)[:90]}-{sale.starts_at:%Y%m%d}"
    taken = set(
        FlashSale.objects.filter(slug__startswith=stem).values_list("slug", flat=True)
    )
    candidates = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (stem, *candidates) if slug not in taken)


@contextmanager
def _overlap_refused() -> Iterator[None]:
    """Say in the shop's words what the database finds: two people saved at once."""
    try:
        yield
    except IntegrityError as error:
        if "flash_sale_item_no_overlap" not in str(error):
            raise
        raise FlashSalesOverlap from error


def _check_overlap(sale: FlashSale, variant_ids: set[int]) -> None:
    found = conflicts(
        variant_ids, starts_at=sale.starts_at, ends_at=sale.ends_at, sale=sale
    )
    if found:
        names = ", ".join(
            f"{item.variant.sku} ({item.sale.name})" for item in found[:5]
        )
        raise FlashSalesOverlap(f"Sudah ada di flash sale lain: {names}.")


def _store(item: FlashSaleItem, sale: FlashSale) -> None:
    item.sale, item.starts_at, item.ends_at = sale, sale.starts_at, sale.ends_at
    if not item.pk:
        item.save(force_insert=True)
        return
    moved = FlashSaleItem.objects.filter(pk=item.pk).exclude(variant=item.variant_id)
    if moved.exists() and item.takings.exists():
        raise InvalidFlashSale("SKU yang sudah terjual tidak dapat diganti.")
    room = FlashSaleItem.objects.filter(pk=item.pk, sold__lte=item.quota)
    if not room.update(variant=item.variant_id, price=item.price, quota=item.quota):
        raise InvalidFlashSale("Kuota tidak boleh di bawah jumlah yang sudah terjual.")


def _remove(item: FlashSaleItem) -> None:
    if item.takings.exists():
        raise InvalidFlashSale("SKU yang sudah terjual tidak dapat dihapus.")
    item.delete()
