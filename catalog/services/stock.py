"""Stock: how many are left, how many are promised. The sole writer of both tables.

A change is one guarded UPDATE for each variant, in primary-key order so that two
checkouts cannot deadlock, with its ledger row written by the same statement. When
customers see the difference, the documents of the product follow.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from catalog.models import Stock, StockMovement, Variant
from catalog.services import documents, stock_alerts
from catalog.services.documents import shown
from karima import metrics
from karima.errors import Conflict, Invalid

Kind = StockMovement.Kind

# Above any delivery, and far below where the integer columns overflow.
MAX_QUANTITY = 1_000_000


@dataclass(frozen=True, slots=True)
class StockLine:
    """So many pieces of one variant."""

    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A balance that is not the sum of its movements."""

    variant_id: int
    sku: str
    on_hand: int
    reserved: int
    ledger_on_hand: int
    ledger_reserved: int


@dataclass(frozen=True, slots=True)
class _Cause:
    """Why a balance changes: what the ledger keeps beside the numbers."""

    kind: str
    reference: str
    actor: User | None = None
    note: str = ""


class OutOfStock(Conflict):
    """Fewer are left than asked for; `errors` has a row for each short variant."""

    code = "out_of_stock"
    title = "Out of stock"
    detail = "Maaf, stok sebagian produk tidak mencukupi."


class ReservationMissing(Conflict):
    """The order holds no such reservation, or it was released or shipped before."""

    code = "reservation_missing"
    title = "Reservation missing"
    detail = "Stok untuk pesanan ini tidak sedang dipesan."


class StockStillReserved(Conflict):
    """A count below what unshipped orders were promised."""

    code = "stock_still_reserved"
    title = "Stock still reserved"
    detail = "Jumlah baru lebih kecil daripada stok yang sudah dipesan pelanggan."


class InvalidQuantity(Invalid):
    code = "invalid_quantity"
    detail = "Jumlah harus lebih dari nol dan tidak melebihi satu juta."


# The guard is the CHECK of the table written as a condition, so that a refusal is an
# empty answer rather than an error that breaks the transaction.
_APPLY = """
WITH changed AS (
    UPDATE catalog_stock
       SET on_hand = on_hand + %(delta_on_hand)s,
           reserved = reserved + %(delta_reserved)s
     WHERE variant_id = %(variant_id)s
       AND reserved + %(delta_reserved)s BETWEEN 0 AND on_hand + %(delta_on_hand)s
    RETURNING variant_id, on_hand, reserved, low_stock_threshold
), written AS (
    INSERT INTO catalog_stockmovement (
        variant_id, kind, delta_on_hand, delta_reserved, on_hand_after,
        reserved_after, reference, actor_id, note, created_at
    )
    SELECT variant_id, %(kind)s, %(delta_on_hand)s, %(delta_reserved)s, on_hand,
           reserved, %(reference)s, %(actor_id)s, %(note)s, %(now)s
      FROM changed
)
SELECT on_hand - reserved, low_stock_threshold,
       ARRAY(SELECT DISTINCT quantity FROM catalog_bundleitem item
              WHERE item.variant_id = changed.variant_id ORDER BY quantity)
  FROM changed
"""

_HELD = """
SELECT variant_id, SUM(delta_reserved)
  FROM catalog_stockmovement
 WHERE variant_id = ANY(%s) AND reference = %s
   AND kind IN ('reserve', 'release', 'ship')
 GROUP BY variant_id
"""

_DIFFERENCES = """
SELECT variant.id, variant.sku,
       COALESCE(stock.on_hand, 0), COALESCE(stock.reserved, 0),
       COALESCE(ledger.on_hand, 0), COALESCE(ledger.reserved, 0)
  FROM catalog_variant variant
  LEFT JOIN catalog_stock stock ON stock.variant_id = variant.id
  LEFT JOIN (
       SELECT variant_id, SUM(delta_on_hand) AS on_hand,
              SUM(delta_reserved) AS reserved
         FROM catalog_stockmovement GROUP BY variant_id
       ) ledger ON ledger.variant_id = variant.id
 WHERE (COALESCE(stock.on_hand, 0), COALESCE(stock.reserved, 0))
    <> (COALESCE(ledger.on_hand, 0), COALESCE(ledger.reserved, 0))
 ORDER BY variant.id
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
    _require_transaction()
    wanted = _merge(lines)
    cause = _Cause(kind=Kind.RESERVE, reference=reference, actor=actor)
    seen: set[int] = set()
    for variant_id, quantity in wanted.items():
        applied = _apply(variant_id, reserved=quantity, cause=cause)
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
    cause = _Cause(kind=Kind.RELEASE, reference=reference, actor=actor)
    _end_reservation(_merge(lines), cause=cause, repriced=repriced)


def ship(
    lines: Iterable[StockLine], *, reference: str, actor: User | None = None
) -> None:
    """Take an order's reserved pieces out of the shop: they are in the parcel.

    Must run in a transaction. Raises ReservationMissing as `release` does.
    """
    cause = _Cause(kind=Kind.SHIP, reference=reference, actor=actor)
    _end_reservation(_merge(lines), cause=cause)


def give_back(
    lines: Iterable[StockLine],
    *,
    reference: str,
    actor: User | None = None,
    note: str = "",
) -> None:
    """Put returned pieces back on the shelf. Must run in a transaction."""
    _require_transaction()
    cause = _Cause(kind=Kind.RETURN, reference=reference, actor=actor, note=note)
    _add(_merge(lines), cause=cause)


def receive(
    lines: Iterable[StockLine],
    *,
    reference: str = "",
    actor: User | None = None,
    note: str = "",
) -> None:
    """Book goods that arrived. Opens its own transaction, or joins the caller's."""
    cause = _Cause(kind=Kind.RECEIVE, reference=reference, actor=actor, note=note)
    with transaction.atomic():
        _add(_merge(lines), cause=cause)


def adjust(variant_id: int, *, new_on_hand: int, actor: User | None, note: str) -> None:
    """Set what is on hand to what was counted, as `count` does for one variant."""
    count({variant_id: new_on_hand}, actor=actor, note=note)


def count(counts: Mapping[int, int], *, actor: User | None, note: str) -> None:
    """Set what is on hand of each variant to what was counted, all or none.

    An equal count changes nothing. Opens its own transaction, or joins the caller's.
    Raises StockStillReserved when fewer were counted than unshipped orders were
    promised, InvalidQuantity for a negative count.
    """
    if not all(0 <= counted <= MAX_QUANTITY for counted in counts.values()):
        raise InvalidQuantity
    cause = _Cause(kind=Kind.ADJUST, reference="", actor=actor, note=note)
    with transaction.atomic():
        _open_rows(counts)
        rows = Stock.objects.select_for_update(of=("self",)).select_related("variant")
        seen: set[int] = set()
        for row in rows.filter(pk__in=counts).order_by("pk"):
            delta = counts[row.pk] - row.on_hand
            applied = _apply(row.pk, on_hand=delta, cause=cause) if delta else set()
            if applied is None:
                raise StockStillReserved(reserved=row.reserved, sku=row.variant.sku)
            seen |= applied
        documents.rewrite_variants(seen)


def lock(variant_ids: Iterable[int]) -> None:
    """Lock the balances, for who must know them before a change, `count` above all.

    Must run in a transaction, after locks of variants and before those of products.
    """
    _require_transaction()
    pks = set(variant_ids)
    _open_rows(pks)
    list(Stock.objects.select_for_update().filter(pk__in=pks).order_by("pk"))


def verify() -> Iterator[Difference]:
    """Yield every variant whose balance is not the sum of its movements."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        for row in cursor.fetchall():
            yield Difference(*row)


def _apply(
    variant_id: int, *, on_hand: int = 0, reserved: int = 0, cause: _Cause
) -> set[int] | None:
    """Change one balance and write its movement; None when it does not allow it.

    Returns the variant if customers see a difference, else nothing in the set.
    """
    parameters: dict[str, Any] = {
        "variant_id": variant_id,
        "delta_on_hand": on_hand,
        "delta_reserved": reserved,
        "kind": str(cause.kind),
        "reference": cause.reference,
        "actor_id": cause.actor.pk if cause.actor else None,
        "note": cause.note,
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_APPLY, parameters)
        found = cursor.fetchone()
    if found is None:
        return None
    left, threshold, in_bundles = found
    left_before = left - on_hand + reserved
    if left_before <= 0 < left:
        stock_alerts.came_back([variant_id])
    before = _seen(left_before, threshold, in_bundles)
    return set() if before == _seen(left, threshold, in_bundles) else {variant_id}


def _seen(left: int, threshold: int, in_bundles: Iterable[int]) -> tuple[Any, ...]:
    """Return what customers see of a balance, by itself and as a part of bundles."""
    most = documents.MAX_SHOWN_AVAILABLE
    sets = [min(documents.available_of([(left, n)]), most) for n in in_bundles]
    return shown(left, low_stock_threshold=threshold), sets


def _end_reservation(
    quantities: Mapping[int, int], *, cause: _Cause, repriced: Iterable[int] = ()
) -> None:
    _require_transaction()
    held = _held(quantities, reference=cause.reference)
    if any(held.get(pk, 0) < quantity for pk, quantity in quantities.items()):
        raise ReservationMissing
    shipped = cause.kind == Kind.SHIP
    seen: set[int] = set()
    for variant_id, quantity in quantities.items():
        on_hand = -quantity if shipped else 0
        applied = _apply(variant_id, on_hand=on_hand, reserved=-quantity, cause=cause)
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


def _add(quantities: Mapping[int, int], *, cause: _Cause) -> None:
    _open_rows(quantities)
    seen: set[int] = set()
    for variant_id, quantity in quantities.items():
        seen |= _apply(variant_id, on_hand=quantity, cause=cause) or set()
    documents.rewrite_variants(seen)


def _open_rows(variant_ids: Iterable[int]) -> None:
    """Make sure that every variant has a balance row, empty if new."""
    rows = [Stock(variant_id=variant_id) for variant_id in sorted(variant_ids)]
    Stock.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def _merge(lines: Iterable[StockLine]) -> dict[int, int]:
    """Return quantities by variant in primary-key order, lines of one variant added."""
    quantities: Counter[int] = Counter()
    for line in lines:
        if line.quantity <= 0:
            raise InvalidQuantity
        quantities[line.variant_id] += line.quantity
    if any(quantity > MAX_QUANTITY for quantity in quantities.values()):
        raise InvalidQuantity
    return dict(sorted(quantities.items()))


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


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "Stock changes together with what it is promised to: open a transaction."
        )
