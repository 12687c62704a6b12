"""Goods that come: deliveries and returned parcels."""

from collections.abc import Iterable, Mapping

from django.db import transaction

from accounts.models import User
from catalog.services import documents
from catalog.services.stock.ledger import (
    Cause,
    Kind,
    apply,
    open_rows,
    require_transaction,
)
from catalog.services.stock.lines import StockLine, merge


def give_back(
    lines: Iterable[StockLine],
    *,
    reference: str,
    actor: User | None = None,
    note: str = "",
) -> None:
    """Put returned pieces back on the shelf. Must run in a transaction."""
    require_transaction()
    cause = Cause(kind=Kind.RETURN, reference=reference, actor=actor, note=note)
    _add(merge(lines), cause=cause)


def receive(
    lines: Iterable[StockLine],
    *,
    reference: str = "",
    actor: User | None = None,
    note: str = "",
) -> None:
    """Book goods that arrived. Opens its own transaction, or joins the caller's."""
    cause = Cause(kind=Kind.RECEIVE, reference=reference, actor=actor, note=note)
    with transaction.atomic():
        _add(merge(lines), cause=cause)


def _add(quantities: Mapping[int, int], *, cause: Cause) -> None:
    open_rows(quantities)
    seen: set[int] = set()
    for variant_id, quantity in quantities.items():
        seen |= apply(variant_id, on_hand=quantity, cause=cause) or set()
    documents.rewrite_variants(seen)
