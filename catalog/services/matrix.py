"""Make the variants of a product from colors and sizes, those there are left alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Upper

from accounts.models import User
from catalog.models import Color, Product, Size, Variant
from catalog.services import changes, documents
from catalog.services.changes import CREATED, Edit, Source, Why
from karima.errors import Conflict, Invalid

SKU = re.compile(r"[A-Z0-9](?:[A-Z0-9./-]{0,38}[A-Z0-9])?")
MAX_CELLS = 400


class InvalidPattern(Invalid):
    code = "invalid_pattern"
    title = "Invalid pattern"
    detail = "Pola SKU belum benar."


class MatrixConflict(Conflict):
    code = "matrix_conflict"
    title = "SKU taken"
    detail = "Sebagian SKU sudah dipakai. Ubah polanya; belum ada yang dibuat."


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to make. Prices in whole rupiah, weight in grams."""

    product: Product
    colors: Sequence[Color]
    sizes: Sequence[Size]
    pattern: str
    price: int
    weight_grams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One color in one size: already there as `existing`, or to be made as `sku`."""

    color: Color
    size: Size
    sku: str
    existing: str = ""
    problem: str = ""


def preview(plan: Plan) -> list[Cell]:
    """Return every cell of the matrix; changes nothing. Raises InvalidPattern."""
    if len(plan.colors) * len(plan.sizes) > MAX_CELLS:
        raise InvalidPattern(f"Paling banyak {MAX_CELLS} SKU sekali buat.")
    there = {
        (variant.color_id, variant.size_id): variant.sku
        for variant in plan.product.variants.all()
    }
    wanted = [
        (color, size, _sku(plan, color, size, number))
        for number, (color, size) in enumerate(
            (color, size) for color in plan.colors for size in plan.sizes
        )
    ]
    new = [sku for color, size, sku in wanted if (color.pk, size.pk) not in there]
    taken = _taken(new)
    return [
        Cell(
            color=color,
            size=size,
            sku=sku,
            existing=there.get((color.pk, size.pk), ""),
            problem=""
            if (color.pk, size.pk) in there
            else _problem(sku, taken, new.count(sku)),
        )
        for color, size, sku in wanted
    ]


def make(plan: Plan, *, actor: User | None) -> list[Variant]:
    """Make the variants that are missing, all or none; return them.

    Opens its own transaction. Raises InvalidPattern and MatrixConflict.
    """
    with transaction.atomic(durable=True):
        # One maker at a time for a product: both would see the same gaps.
        Product.objects.select_for_update(no_key=True).get(pk=plan.product.pk)
        cells = preview(plan)
        wrong = [cell for cell in cells if cell.problem]
        if wrong:
            raise MatrixConflict(errors=[_row(cell) for cell in wrong])
        made = Variant.objects.bulk_create(
            Variant(
                product=plan.product,
                sku=cell.sku,
                color=cell.color,
                size=cell.size,
                price=plan.price,
                weight_grams=plan.weight_grams,
            )
            for cell in cells
            if not cell.existing
        )
        if made:
            documents.rewrite([plan.product.pk])
            title = f"{len(made)} SKU baru untuk {plan.product.name}"
            why = Why(actor=actor, source=Source.MATRIX, title=title)
            changes.record(created(made), why=why)
    return made


def created(variants: Sequence[Variant]) -> list[Edit]:
    """Return the entries of the history for new variants."""
    return [
        Edit(
            product_id=variant.product_id,
            variant_id=variant.pk,
            field=CREATED,
            before=None,
            after=variant.sku,
        )
        for variant in variants
    ]


def short(text: str, letters: int) -> str:
    """Return what a SKU says of a name: its first letters and digits, in capitals."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())[:letters]


def _sku(plan: Plan, color: Color, size: Size, number: int) -> str:
    named = {
        "{produk}": short(plan.product.name, 12),
        "{warna}": short(color.name, 10),
        "{ukuran}": short(size.name, 6),
        "{nomor}": f"{number + 1:02}",
    }
    sku = plan.pattern
    for place, name in named.items():
        sku = sku.replace(place, name)
    return sku.strip().upper()


def _taken(skus: Sequence[str]) -> set[str]:
    rows = Variant.objects.annotate(upper_sku=Upper("sku")).filter(upper_sku__in=skus)
    return set(rows.values_list("upper_sku", flat=True))


def _problem(sku: str, taken: set[str], times: int) -> str:
    if not SKU.fullmatch(sku):
        return "SKU hanya boleh huruf, angka, titik, garis; paling panjang 40."
    if sku in taken:
        return "SKU ini sudah dipakai."
    return "SKU ini muncul lebih dari sekali." if times > 1 else ""


def _row(cell: Cell) -> dict[str, str]:
    return {"field": cell.sku, "code": "sku_taken", "message": cell.problem}
