"""Change many values of the catalogue at once, all or none, and keep what they were.

Whoever changes a value says what it was when they looked. If it is another by now,
nothing is changed: somebody else was there first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from catalog.models import ChangeBatch, FieldChange, Product, Variant
from catalog.services import documents, stock
from catalog.services.cells import FIELDS
from karima.errors import Conflict, Invalid

Source = ChangeBatch.Source

STATUS = "status"
CREATED = "created"
UNDOABLE = frozenset({Source.GRID, Source.PRICE, Source.STATUS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One value to change; without a variant, one of the product itself."""

    product_id: int
    variant_id: int | None = None
    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What the history keeps beside the values."""

    actor: User | None
    source: str
    title: str
    note: str = ""
    undoes: ChangeBatch | None = None
    # Of the stock, should it change.
    stock_reason: str = stock.Reason.COUNTED


class ChangedMeanwhile(Conflict):
    """`errors` has a row for each value that is not what it was, with `current`."""

    code = "changed_meanwhile"
    title = "Changed meanwhile"
    detail = "Sebagian nilai sudah diubah orang lain. Belum ada yang disimpan."


class ComparePriceTooLow(Invalid):
    code = "compare_price_too_low"
    title = "Compare-at price too low"
    detail = "Harga coret tidak boleh di bawah harga jual. Belum ada yang disimpan."


class NotUndoable(Conflict):
    code = "not_undoable"
    title = "Not undoable"
    detail = "Perubahan ini tidak dapat diurungkan, atau sudah pernah."


def apply(edits: Iterable[Edit], *, why: Why) -> ChangeBatch | None:
    """Change the values, or none of them; return the entry of the history.

    None when nothing is to be changed. Opens its own transaction, or joins the
    caller's. Raises ChangedMeanwhile, ComparePriceTooLow and what
    `services.stock.count` raises.
    """
    changing = [edit for edit in edits if edit.before != edit.after]
    if not changing:
        return None
    of_variants = [edit for edit in changing if edit.variant_id is not None]
    of_products = [edit for edit in changing if edit.variant_id is None]
    with transaction.atomic():
        _change_variants(of_variants, why)
        _change_statuses(of_products)
        documents.rewrite({edit.product_id for edit in changing})
        return record(changing, why=why)


def record(edits: Sequence[Edit], *, why: Why) -> ChangeBatch:
    """Keep what was changed. Must run in the transaction that changes it."""
    batch = ChangeBatch.objects.create(
        source=why.source,
        title=why.title[:120],
        note=why.note[:200],
        actor=why.actor,
        undoes=why.undoes,
    )
    rows = [
        FieldChange(
            batch=batch,
            product_id=edit.product_id,
            variant_id=edit.variant_id,
            field=edit.field,
            before=_plain(edit.before),
            after=_plain(edit.after),
        )
        for edit in edits
    ]
    FieldChange.objects.bulk_create(rows, batch_size=1000)
    return batch


def can_undo(batch: ChangeBatch) -> bool:
    """Tell whether the batch may still be undone."""
    is_done = ChangeBatch.objects.filter(undoes=batch).exists()
    return batch.source in UNDOABLE and not is_done


def undo(batch: ChangeBatch, *, actor: User) -> ChangeBatch:
    """Set everything back to what it was, unless it was changed again since.

    Opens its own transaction. Raises NotUndoable, and what `apply` raises.
    """
    with transaction.atomic():
        ChangeBatch.objects.select_for_update().get(pk=batch.pk)
        if not can_undo(batch):
            raise NotUndoable
        edits = [
            Edit(
                product_id=row.product_id,
                variant_id=row.variant_id,
                field=row.field,
                before=row.after,
                after=row.before,
            )
            for row in batch.changes.all()
        ]
        why = Why(
            actor=actor,
            source=Source.UNDO,
            title=f"Urungkan: {batch.title}",
            note=batch.note,
            undoes=batch,
            stock_reason=stock.Reason.UNDONE,
        )
        done = apply(edits, why=why)
        if done is None:
            raise NotUndoable
        return done


def value_of(variant: Variant, field: str) -> Any:
    """Return a field's value, the stock's too; read the variant with its `stock`."""
    if field != "on_hand":
        return getattr(variant, field)
    balance = getattr(variant, "stock", None)
    return balance.on_hand if balance else 0


def _change_variants(edits: Sequence[Edit], why: Why) -> None:
    if not edits:
        return
    wanted = {edit.variant_id or 0 for edit in edits}
    rows = Variant.objects.filter(pk__in=wanted).order_by("pk")
    # Not the keys: a checkout that has the stock and refers to the variant would wait
    # for this change, and this change for the stock.
    list(rows.select_for_update(no_key=True).values_list("pk"))
    stock.lock(edit.variant_id or 0 for edit in edits if edit.field == "on_hand")
    variants = {row.pk: row for row in rows.select_related("stock")}
    _compare(edits, variants)
    counts: dict[int, int] = {}
    for edit in edits:
        variant = variants[edit.variant_id or 0]
        if edit.field == "on_hand":
            counts[variant.pk] = edit.after
        else:
            setattr(variant, edit.field, edit.after)
    _refuse_low_compare_prices(variants.values())
    _store(variants.values(), {edit.field for edit in edits} - {"on_hand"})
    stock.count(
        counts,
        actor=why.actor,
        note=why.note or why.title,
        reason=why.stock_reason,
    )


def _compare(edits: Sequence[Edit], variants: dict[int, Variant]) -> None:
    """Refuse to write over what somebody else has written."""
    meanwhile = []
    for edit in edits:
        variant = variants.get(edit.variant_id or 0)
        current = value_of(variant, edit.field) if variant else None
        if variant is None or current != edit.before:
            meanwhile.append(_row(edit, variant, current))
    if meanwhile:
        raise ChangedMeanwhile(errors=meanwhile)


def _row(edit: Edit, variant: Variant | None, current: Any) -> dict[str, Any]:
    field = FIELDS[edit.field]
    return {
        "field": f"{edit.variant_id}-{edit.field}",
        "code": ChangedMeanwhile.code,
        "message": f"Sudah diubah menjadi {field.show(current)}.",
        "sku": variant.sku if variant else "",
        "current": current,
    }


def _refuse_low_compare_prices(variants: Iterable[Variant]) -> None:
    low = [
        {
            "field": f"{variant.pk}-compare_at_price",
            "code": ComparePriceTooLow.code,
            "message": "Harga coret di bawah harga jual.",
            "sku": variant.sku,
        }
        for variant in variants
        if variant.compare_at_price is not None
        and variant.compare_at_price < variant.price
    ]
    if low:
        raise ComparePriceTooLow(errors=low)


def _store(variants: Iterable[Variant], fields: set[str]) -> None:
    if not fields:
        return
    now = timezone.now()
    rows = list(variants)
    for row in rows:
        row.updated_at = now
    Variant.objects.bulk_update(rows, [*sorted(fields), "updated_at"], batch_size=500)


def _change_statuses(edits: Sequence[Edit]) -> None:
    if not edits:
        return
    wanted = {edit.product_id: edit for edit in edits}
    rows = Product.objects.filter(pk__in=wanted).order_by("pk")
    products = list(rows.select_for_update(no_key=True))
    meanwhile = [
        {
            "field": f"{product.pk}-{STATUS}",
            "code": ChangedMeanwhile.code,
            "message": f"{product.name}: sekarang {product.get_status_display()}.",
        }
        for product in products
        if product.status != wanted[product.pk].before
    ]
    if meanwhile:
        raise ChangedMeanwhile(errors=meanwhile)
    now = timezone.now()
    for product in products:
        product.status = wanted[product.pk].after
        product.updated_at = now
        if product.status == Product.Status.ACTIVE:
            product.published_at = product.published_at or now
    fields = ["status", "published_at", "updated_at"]
    Product.objects.bulk_update(products, fields, batch_size=500)


def _plain(value: Any) -> Any:
    """Return what JSON holds of a value: others as their text."""
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    try:
        return DjangoJSONEncoder().default(value)
    except TypeError:
        return str(value)
