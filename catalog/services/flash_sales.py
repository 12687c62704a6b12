"""Take pieces out of a flash sale's quota for an order, and give them back.

Each change is a guarded UPDATE. Rows are locked in one order everywhere: buyers before
items, each sorted, and both before stock; so the quota that everybody wants is locked
for the shortest time.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from catalog.models import FlashSaleBuyer, FlashSaleItem, FlashSaleTaking
from catalog.services import flash_buyers
from catalog.services.stock import OutOfStock


@dataclass(frozen=True, slots=True)
class FlashLine:
    """So many pieces of a sale's item at the price that was shown, in rupiah."""

    item_id: int
    quantity: int
    unit_price: int


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys; `phone` in E.164. A guest has only that."""

    customer: User | None
    phone: str = ""


class FlashSaleSoldOut(OutOfStock):
    """The quota does not reach, or the sale changed since the price was read."""

    code = "flash_sale_sold_out"
    title = "Flash sale sold out"
    detail = "Maaf, kuota flash sale sudah habis. Periksa kembali keranjang Anda."


class FlashSaleLimitReached(OutOfStock):
    """The customer has, or would have, more than one person may buy."""

    code = "flash_sale_limit_reached"
    title = "Flash sale limit reached"
    detail = "Jumlah ini melebihi batas flash sale untuk satu pelanggan."


# Who buys counts up to the limit; without one the count is kept all the same, since a
# limit may be set while the sale is on.
_COUNT = """
INSERT INTO catalog_flashsalebuyer AS row (sale_id, product_id, buyer, quantity)
SELECT %(sale_id)s, %(product_id)s, %(buyer)s, %(quantity)s
 WHERE %(quantity)s <= COALESCE(%(limit)s, %(quantity)s)
ON CONFLICT (sale_id, product_id, buyer) DO UPDATE
   SET quantity = row.quantity + EXCLUDED.quantity
 WHERE row.quantity + EXCLUDED.quantity
       <= COALESCE(%(limit)s, row.quantity + EXCLUDED.quantity)
RETURNING quantity
"""

_TAKE = """
UPDATE catalog_flashsaleitem item
   SET sold = sold + %(quantity)s
  FROM catalog_flashsale sale
 WHERE item.id = %(item_id)s AND sale.id = item.sale_id
   AND sold + %(quantity)s <= quota AND item.price = %(unit_price)s
   AND sale.is_published AND item.starts_at <= %(at)s AND item.ends_at > %(at)s
RETURNING sold = quota, variant_id
"""


def take(
    lines: Sequence[FlashLine], *, reference: str, buyer: Buyer, at: datetime
) -> set[int]:
    """Take the pieces of an order out of their quotas, all of them or none.

    `at` is the moment for which the prices were read. Must run in a transaction, before
    stock is reserved. Returns the variants whose quota is used up by it: what the
    public sees of them changes, and the caller hands them to `stock.reserve`. Raises
    FlashSaleSoldOut or FlashSaleLimitReached and dooms the transaction then.
    """
    if not lines:
        return set()
    _require_transaction()
    items = _items(line.item_id for line in lines)
    _count(lines, items, buyer=buyer)
    used_up = set()
    for line in sorted(lines, key=lambda line: line.item_id):
        is_last, variant_id = _take(line, items[line.item_id], at=at)
        if is_last:
            used_up.add(variant_id)
    FlashSaleTaking.objects.bulk_create(
        FlashSaleTaking(
            item_id=line.item_id,
            reference=reference,
            customer_key=flash_buyers.customer_key(buyer.customer),
            phone_key=flash_buyers.phone_key(buyer.phone),
            quantity=line.quantity,
        )
        for line in lines
    )
    return used_up


def release(reference: str) -> set[int]:
    """Give back what an order took; a repeat gives nothing back.

    Must run in a transaction that holds the order's lock, before its stock is released.
    Returns the variants that may be had at the flash price again, for `stock.release`.
    """
    _require_transaction()
    mine = FlashSaleTaking.objects.filter(reference=reference, released_at=None)
    held = list(mine.select_related("item__sale", "item__variant"))
    if not held:
        return set()
    mine.update(released_at=timezone.now())
    _uncount(held)
    freed = set()
    for taking in sorted(held, key=lambda taking: taking.item_id):
        item = FlashSaleItem.objects.filter(pk=taking.item_id)
        item.update(sold=F("sold") - taking.quantity)
        freed.add(taking.item.variant_id)
    return freed


def take_again(before: str, *, reference: str) -> set[int]:
    """Take anew what an expired order had, under its new reference.

    For money that arrives late: the sale may be over by then, its quota not used up.
    Must run in a transaction. Returns and raises as `take` does.
    """
    _require_transaction()
    had = list(
        FlashSaleTaking.objects.filter(reference=before).select_related(
            "item__sale", "item__variant"
        )
    )
    for key, quantity in _by_buyer(had):
        _count_one(key, quantity, limit=_limits(had)[key[0]])
    used_up = set()
    for taking in sorted(had, key=lambda taking: taking.item_id):
        room = FlashSaleItem.objects.filter(
            pk=taking.item_id, sold__lte=F("quota") - taking.quantity
        )
        if not room.update(sold=F("sold") + taking.quantity):
            _refuse(FlashSaleSoldOut, [taking.item])
        used_up.add(taking.item.variant_id)
    FlashSaleTaking.objects.bulk_create(
        FlashSaleTaking(
            item_id=taking.item_id,
            reference=reference,
            customer_key=taking.customer_key,
            phone_key=taking.phone_key,
            quantity=taking.quantity,
        )
        for taking in had
    )
    return used_up


def forget_phones(references: Iterable[str]) -> None:
    """Take the phones' hashes out of what these orders took.

    What was bought stays counted under the account. Must run in a transaction.
    """
    takings = FlashSaleTaking.objects.filter(reference__in=list(references))
    keys = set(takings.exclude(phone_key="").values_list("phone_key", flat=True))
    FlashSaleBuyer.objects.filter(buyer__in=keys).delete()
    FlashSaleTaking.objects.filter(phone_key__in=keys).update(phone_key="")


# A sale, a product, a buyer.
_Key = tuple[int, int, str]


def _items(item_ids: Iterable[int]) -> dict[int, FlashSaleItem]:
    return FlashSaleItem.objects.select_related("sale", "variant").in_bulk(
        list(item_ids)
    )


def _count(
    lines: Sequence[FlashLine], items: dict[int, FlashSaleItem], *, buyer: Buyer
) -> None:
    counted: Counter[_Key] = Counter()
    for line in lines:
        item = items[line.item_id]
        for who in flash_buyers.buyer_keys(buyer.customer, buyer.phone):
            counted[(item.sale_id, item.variant.product_id, who)] += line.quantity
    limits = {item.sale_id: item.sale.per_customer_limit for item in items.values()}
    for key in sorted(counted):
        _count_one(key, counted[key], limit=limits[key[0]])


def _count_one(key: _Key, quantity: int, *, limit: int | None) -> None:
    sale_id, product_id, buyer = key
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "sale_id": sale_id,
                "product_id": product_id,
                "buyer": buyer,
                "quantity": quantity,
                "limit": limit,
            },
        )
        if cursor.fetchone() is None:
            found = FlashSaleItem.objects.select_related("variant").filter(
                sale=sale_id, variant__product=product_id
            )
            _refuse(FlashSaleLimitReached, found)


def _take(line: FlashLine, item: FlashSaleItem, *, at: datetime) -> tuple[bool, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            {
                "item_id": line.item_id,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "at": at,
            },
        )
        taken: tuple[bool, int] | None = cursor.fetchone()
    if taken is None:
        _refuse(FlashSaleSoldOut, [item])
    assert taken  # noqa: S101 it was refused otherwise
    return taken


def _by_buyer(takings: Sequence[FlashSaleTaking]) -> list[tuple[_Key, int]]:
    counted: Counter[_Key] = Counter()
    for taking in takings:
        item = taking.item
        for buyer in filter(None, (taking.customer_key, taking.phone_key)):
            counted[(item.sale_id, item.variant.product_id, buyer)] += taking.quantity
    return sorted(counted.items())


def _limits(takings: Sequence[FlashSaleTaking]) -> dict[int, int | None]:
    return {
        taking.item.sale_id: taking.item.sale.per_customer_limit for taking in takings
    }


def _uncount(takings: Sequence[FlashSaleTaking]) -> None:
    for (sale_id, product_id, buyer), quantity in _by_buyer(takings):
        FlashSaleBuyer.objects.filter(
            sale=sale_id, product=product_id, buyer=buyer
        ).update(quantity=F("quantity") - quantity)


def _refuse(refusal: type[OutOfStock], items: Iterable[FlashSaleItem]) -> None:
    errors = [
        {
            "field": "items",
            "code": refusal.code,
            "message": refusal.detail,
            "sku": item.variant.sku,
        }
        for item in items
    ]
    transaction.set_rollback(True)
    raise refusal(errors=errors)


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "A quota is taken together with the order that takes it."
        )
