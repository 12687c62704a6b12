"""The one statement that writes a balance and its row of the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from catalog.models import Stock, StockMovement
from catalog.services import documents, stock_alerts
from catalog.services.documents import shown

Kind = StockMovement.Kind


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a balance changes: what the ledger keeps beside the numbers."""

    kind: str
    reference: str
    actor: User | None = None
    note: str = ""
    reason: str = ""


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
        reserved_after, reference, actor_id, note, reason, created_at
    )
    SELECT variant_id, %(kind)s, %(delta_on_hand)s, %(delta_reserved)s, on_hand,
           reserved, %(reference)s, %(actor_id)s, %(note)s, %(reason)s, %(now)s
      FROM changed
)
SELECT on_hand - reserved, low_stock_threshold,
       ARRAY(SELECT DISTINCT quantity FROM catalog_bundleitem item
              WHERE item.variant_id = changed.variant_id ORDER BY quantity)
  FROM changed
"""


def apply(
    variant_id: int, *, on_hand: int = 0, reserved: int = 0, cause: Cause
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
        "reason": str(cause.reason),
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


def open_rows(variant_ids: Iterable[int]) -> None:
    """Make sure that every variant has a balance row, empty if new."""
    rows = [Stock(variant_id=variant_id) for variant_id in sorted(variant_ids)]
    Stock.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def require_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "Stock changes together with what it is promised to: open a transaction."
        )
