"""Write rows that were checked: new products and SKU, changed values of others."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from catalog.models import ImportFile, ImportRow, Product, Variant
from catalog.services import changes, documents, matrix, products, stock
from catalog.services.changes import Edit, Source, Why
from catalog.services.imports.checking import Checked, check
from catalog.services.imports.reading import Line
from karima.errors import StoreError

State = ImportRow.State


def write(rows: Sequence[ImportRow], *, file: ImportFile) -> None:
    """Take the rows over and put what became of each into it.

    They are checked again, since the catalogue may have changed. If they cannot all be
    written together, each is tried alone. Must run in a transaction.
    """
    why = Why(
        actor=file.actor,
        source=Source.IMPORT,
        title=f"Impor {file.name}",
        note=file.name,
        stock_reason=file.stock_reason or stock.Reason.COUNTED,
    )
    try:
        with transaction.atomic():
            _write(rows, why)
    except StoreError:
        for row in rows:
            _write_alone(row, why)


def _write_alone(row: ImportRow, why: Why) -> None:
    try:
        with transaction.atomic():
            _write([row], why)
    except StoreError as refusal:
        row.state = State.FAILED
        told = [error["message"] for error in refusal.errors] or [refusal.detail]
        row.errors = [{"field": "", "message": message} for message in told]


def _write(rows: Sequence[ImportRow], why: Why) -> None:
    checked = check([Line(row.number, row.cells) for row in rows])
    by_number = {row.number: row for row in rows}
    good = [row for row in checked if not row.errors]
    new = [row for row in good if row.variant is None]
    edits = {row.line.number: _edits(row) for row in good if row.variant is not None}
    changes.apply([edit for found in edits.values() for edit in found], why=why)
    _create(new, why)
    for row in checked:
        kept = by_number[row.line.number]
        kept.errors = row.errors
        if row.errors:
            kept.state = State.FAILED
        elif row.line.number in edits:
            kept.state = State.UPDATED if edits[row.line.number] else State.SAME
        else:
            kept.state = State.CREATED


def _edits(row: Checked) -> list[Edit]:
    variant = row.variant
    if variant is None:
        return []
    return [
        Edit(
            product_id=variant.product_id,
            variant_id=variant.pk,
            field=name,
            before=before,
            after=after,
        )
        for name, after in row.values.items()
        for before in [changes.value_of(variant, name)]
        if before != after
    ]


def _create(rows: Sequence[Checked], why: Why) -> None:
    """Make the new SKU, and first the products that they name for the first time."""
    if not rows:
        return
    made: dict[str, Product] = {}
    variants, counts = [], []
    for row in rows:
        product = row.product or made.get(row.name.lower()) or _new_product(row)
        made[row.name.lower()] = product
        values = dict(row.values)
        counts.append(values.pop("on_hand", 0))
        variants.append(_variant(row, product, values))
    Variant.objects.bulk_create(variants)
    opening = zip(variants, counts, strict=True)
    stock.count(
        {variant.pk: counted for variant, counted in opening if counted},
        actor=why.actor,
        note=why.title[:200],
        reason=stock.Reason.OPENING,
    )
    documents.rewrite({variant.product_id for variant in variants})
    changes.record(matrix.created(variants), why=why)


def _new_product(row: Checked) -> Product:
    """Make a draft: pictures and words are still missing."""
    product = Product(name=row.name, category=row.category)
    return products.save(product)


def _variant(row: Checked, product: Product, values: dict[str, Any]) -> Variant:
    return Variant(
        product=product,
        sku=row.sku.upper(),
        color=row.color,
        size=row.size,
        **values,
    )
