"""What was counted, and what else makes the shelf differ from the books."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from catalog.models import Stock, StockMovement
from catalog.services import documents
from catalog.services.stock.ledger import (
    Cause,
    Kind,
    apply,
    open_rows,
    require_transaction,
)
from catalog.services.stock.lines import MAX_QUANTITY
from catalog.services.stock.refusals import InvalidQuantity, StockStillReserved

Reason = StockMovement.Reason
# What somebody may say; the others are set by what they do.
REASONS = [
    (reason.value, reason.label)
    for reason in Reason
    if reason not in {Reason.UNDONE, Reason.STOCK_TAKE}
]


def adjust(
    variant_id: int,
    *,
    new_on_hand: int,
    actor: User | None,
    note: str,
    reason: str = Reason.COUNTED,
) -> None:
    """Set what is on hand to what was counted, as `count` does for one variant."""
    count({variant_id: new_on_hand}, actor=actor, note=note, reason=reason)


def count(
    counts: Mapping[int, int],
    *,
    actor: User | None,
    note: str,
    reason: str = Reason.COUNTED,
) -> None:
    """Set what is on hand of each variant to what was counted, all or none.

    `reason` is one of `StockMovement.Reason`, for the ledger beside the note.

    An equal count changes nothing. Opens its own transaction, or joins the caller's.
    Raises StockStillReserved when fewer were counted than unshipped orders were
    promised, InvalidQuantity for a negative count.
    """
    if not all(0 <= counted <= MAX_QUANTITY for counted in counts.values()):
        raise InvalidQuantity
    cause = Cause(kind=Kind.ADJUST, reference="", actor=actor, note=note, reason=reason)
    with transaction.atomic():
        open_rows(counts)
        rows = Stock.objects.select_for_update(of=("self",)).select_related("variant")
        seen: set[int] = set()
        for row in rows.filter(pk__in=counts).order_by("pk"):
            delta = counts[row.pk] - row.on_hand
            applied = apply(row.pk, on_hand=delta, cause=cause) if delta else set()
            if applied is None:
                raise StockStillReserved(reserved=row.reserved, sku=row.variant.sku)
            seen |= applied
        documents.rewrite_variants(seen)


def lock(variant_ids: Iterable[int]) -> None:
    """Lock the balances, for who must know them before a change, `count` above all.

    Must run in a transaction, after locks of variants and before those of products.
    """
    require_transaction()
    pks = set(variant_ids)
    open_rows(pks)
    list(Stock.objects.select_for_update().filter(pk__in=pks).order_by("pk"))


@dataclass(frozen=True, slots=True)
class Look:
    """What the books say at one moment, and the last movement they had then."""

    on_hand: int
    movement_id: int


def look(variant_ids: Iterable[int]) -> dict[int, Look]:
    """Lock the balances, in order, and return what they say.

    Must run in a transaction, whose end lets go of them.
    """
    require_transaction()
    pks = sorted(variant_ids)
    open_rows(pks)
    rows = Stock.objects.select_for_update().filter(pk__in=pks).order_by("pk")
    on_hand = dict(rows.values_list("pk", "on_hand"))
    moved = StockMovement.objects.filter(variant__in=pks).order_by()
    last = dict(moved.values_list("variant").annotate(last=Max("pk")))
    return {pk: Look(on_hand[pk], last.get(pk, 0)) for pk in pks}


def correct(
    deltas: Mapping[int, int], *, reference: str, actor: User | None, note: str
) -> set[int]:
    """Add differences that a stock take found; return the variants that refused.

    Refused is what would leave fewer than unshipped orders were promised. Must run in
    a transaction. The database refuses a second correction of a variant under one
    reference.
    """
    require_transaction()
    cause = Cause(
        kind=Kind.ADJUST,
        reference=reference,
        actor=actor,
        note=note,
        reason=Reason.STOCK_TAKE,
    )
    seen: set[int] = set()
    refused: set[int] = set()
    for variant_id, delta in sorted(deltas.items()):
        applied = apply(variant_id, on_hand=delta, cause=cause)
        if applied is None:
            refused.add(variant_id)
        else:
            seen |= applied
    documents.rewrite_variants(seen)
    return refused


def set_thresholds(thresholds: Mapping[int, int]) -> int:
    """Say from how many left a variant runs low; return how many changed.

    Opens its own transaction, or joins the caller's. Raises InvalidQuantity.
    """
    if not all(0 <= most <= MAX_QUANTITY for most in thresholds.values()):
        raise InvalidQuantity
    with transaction.atomic():
        open_rows(sorted(thresholds))
        rows = Stock.objects.select_for_update().filter(pk__in=list(thresholds))
        changed = [
            row
            for row in rows.order_by("pk")
            if row.low_stock_threshold != thresholds[row.pk]
        ]
        for row in changed:
            row.low_stock_threshold = thresholds[row.pk]
        Stock.objects.bulk_update(changed, ["low_stock_threshold"], batch_size=500)
        documents.rewrite_variants({row.pk for row in changed})
    return len(changed)
