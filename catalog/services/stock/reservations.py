"""What is promised to orders: reserved, released, shipped."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from catalog.models import Stock, Variant
from catalog.services import documents
from catalog.services.stock.ledger import Cause, Kind, apply, require_transaction
from catalog.services.stock.lines import StockLine, merge
from catalog.services.stock.refusals import OutOfStock, ReservationMissing
from karima import metrics

_HELD = """
SELECT variant_id, SUM(delta_reserved)
  FROM catalog_stockmovement
 WHERE variant_id = ANY(%s) AND reference = %s
   AND kind IN ('reserve', 'release', 'ship')
 GROUP BY variant_id
"""


def reserve(
    lines: Iterable[StockLine],
    *,
    reference: str,
    actor: User | None = None,
    repriced: Iterable[int] = (),
) -> None:
    """Promise stock to an order, for every line or for none.

    `repriced` are variants whose public price changes in the same transaction: their
    documents are written with those of the stock, since both lock products in order.

    Must run in a transaction, as late in it as possible: the rows stay locked until it
    ends. Raises OutOfStock with every short SKU and what is left of it, and
    dooms the transaction then, so that lines already reserved cannot be kept. The
    database refuses a second reservation of a variant under one reference.
    """
    require_transaction()
    wanted = merge(lines)
    cause = Cause(kind=Kind.RESERVE, reference=reference, actor=actor)
    seen: set[int] = set()
    for variant_id, quantity in wanted.items():
        applied = apply(variant_id, reserved=quantity, cause=cause)
        if applied is None:
            metrics.oversell_prevented()
            shortage = _shortage(wanted, since=variant_id)
            transaction.set_rollback(True)
            raise OutOfStock(errors=shortage)
        seen |= applied
    documents.rewrite_variants(seen.union(repriced))


def release(
    lines: Iterable[StockLine],
    *,
    reference: str,
    actor: User | None = None,
    repriced: Iterable[int] = (),
) -> None:
    """Give an order's reservation back to the shop; `repriced` as in `reserve`.

    Must run in a transaction. Raises ReservationMissing when the order does not hold
    that much, which also refuses a repeat.
    """
    cause = Cause(kind=Kind.RELEASE, reference=reference, actor=actor)
    _end_reservation(merge(lines), cause=cause, repriced=repriced)


def ship(
    lines: Iterable[StockLine], *, reference: str, actor: User | None = None
) -> None:
    """Take an order's reserved pieces out of the shop: they are in the parcel.

    Must run in a transaction. Raises ReservationMissing as `release` does.
    """
    cause = Cause(kind=Kind.SHIP, reference=reference, actor=actor)
    _end_reservation(merge(lines), cause=cause)


def _end_reservation(
    quantities: Mapping[int, int], *, cause: Cause, repriced: Iterable[int] = ()
) -> None:
    require_transaction()
    held = _held(quantities, reference=cause.reference)
    if any(held.get(pk, 0) < quantity for pk, quantity in quantities.items()):
        raise ReservationMissing
    shipped = cause.kind == Kind.SHIP
    seen: set[int] = set()
    for variant_id, quantity in quantities.items():
        on_hand = -quantity if shipped else 0
        applied = apply(variant_id, on_hand=on_hand, reserved=-quantity, cause=cause)
        if applied is None:
            transaction.set_rollback(True)
            raise ReservationMissing
        seen |= applied
    documents.rewrite_variants(seen.union(repriced))


def _held(variant_ids: Iterable[int], *, reference: str) -> dict[int, int]:
    """Lock the balances and return what the order still holds of each.

    The balance alone does not tell: it also counts what other orders hold.
    """
    pks = list(variant_ids)
    list(Stock.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [pks, reference])
        return {variant_id: int(held) for variant_id, held in cursor.fetchall()}


def _shortage(wanted: Mapping[int, int], *, since: int) -> list[dict[str, Any]]:
    """Return an error row for each variant, from `since` on, that falls short."""
    rows = (
        Variant.objects.filter(pk__in=[pk for pk in wanted if pk >= since])
        .order_by("pk")
        .values_list("pk", "sku", "stock__on_hand", "stock__reserved")
    )
    return [
        _short_row(sku, (on_hand or 0) - (reserved or 0))
        for pk, sku, on_hand, reserved in rows
        if pk == since or (on_hand or 0) - (reserved or 0) < wanted[pk]
    ]


def _short_row(sku: str, left: int) -> dict[str, Any]:
    message = f"Stok {sku} tersisa {left}." if left else f"Stok {sku} sudah habis."
    return {
        "field": "items",
        "code": "out_of_stock",
        "message": message,
        "sku": sku,
        "available": left,
    }
