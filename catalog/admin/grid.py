"""Many SKU in one table, like a spreadsheet: change, look at the changes, save.

The page is a form; the script beside it adds arrows, pasting and a count. What the
cells showed travels with the form, so that a change made meanwhile is noticed.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.models import User
from catalog.admin import desk
from catalog.models import Variant
from catalog.services import changes, stock
from catalog.services.cells import FIELDS, Field
from catalog.services.changes import Edit, Source, Why
from karima.errors import StoreError

COLUMNS = ("price", "compare_at_price", "weight_grams", "on_hand", "is_active")
ADJUST = "catalog.adjust_stock"


@dataclass(slots=True, kw_only=True)
class Cell:
    """One value as it stands in the form."""

    name: str
    column: Field
    text: str
    before: Any
    error: str = ""
    is_open: bool = True

    @property
    def is_check(self) -> bool:
        return self.column.name == "is_active"

    @property
    def is_ticked(self) -> bool:
        return self.text == "ya"


@dataclass(slots=True, kw_only=True)
class Row:
    """One SKU with its cells."""

    variant: Variant
    cells: list[Cell] = field(default_factory=list)


def grid_view(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show the table, the changes before they are saved, or save them."""
    user = desk.staff(request, "catalog.change_variant")
    if request.method != "POST":
        return _table(admin, request, _opened(request, user))
    rows = _sent(request, user)
    edits = _edits(rows)
    has_errors = any(cell.error for row in rows for cell in row.cells)
    step = request.POST.get("step")
    if has_errors or step == "edit":
        return _table(admin, request, rows)
    needs_note = any(edit.field == "on_hand" for edit in edits)
    if not edits or (needs_note and not request.POST.get("note", "").strip()):
        return _table(admin, request, rows, problem=_what_is_missing(edits))
    if step == "save":
        return _save(admin, request, rows, edits)
    return _preview(admin, request, rows, edits)


def _what_is_missing(edits: Sequence[Edit]) -> str:
    if not edits:
        return "Belum ada yang diubah."
    return "Tulis keterangan perubahan stok; keterangan dicatat di mutasi stok."


def _save(
    admin: ModelAdmin, request: HttpRequest, rows: list[Row], edits: list[Edit]
) -> HttpResponse:
    user = desk.staff(request, "catalog.change_variant")
    note = request.POST.get("note", "").strip()
    title = _size(edits)
    why = Why(
        actor=user,
        source=Source.GRID,
        title=title,
        note=note,
        stock_reason=desk.reason_of(request),
    )
    try:
        batch = changes.apply(edits, why=why)
    except StoreError as refusal:
        _mark(rows, refusal)
        return _table(admin, request, rows, problem=refusal.detail)
    assert batch is not None  # noqa: S101  there are edits
    messages.success(request, f"{title} disimpan.")
    page = reverse("admin:catalog_changebatch_change", args=[batch.pk])
    return HttpResponseRedirect(page)


def _size(edits: Sequence[Edit]) -> str:
    return f"{len(edits)} nilai pada {len({edit.variant_id for edit in edits})} SKU"


def _mark(rows: Iterable[Row], refusal: StoreError) -> None:
    """Put what the service says of single values beside them.

    After a conflict the cell compares with what is there now: saving again is then a
    decision, not an accident.
    """
    told = {row["field"]: row for row in refusal.errors}
    for cell in (cell for row in rows for cell in row.cells):
        if cell.name in told:
            cell.error = told[cell.name]["message"]
            cell.before = told[cell.name].get("current", cell.before)


def _opened(request: HttpRequest, user: User) -> list[Row]:
    """Return the rows that the address asks for, as they are in the database."""
    pages = Paginator(desk.chosen_variants(request.GET), desk.ROWS)
    variants = pages.get_page(request.GET.get("page")).object_list
    return [_row(variant, user) for variant in variants]


def _row(variant: Variant, user: User) -> Row:
    row = Row(variant=variant)
    for name in COLUMNS:
        before = changes.value_of(variant, name)
        row.cells.append(
            Cell(
                name=f"{variant.pk}-{name}",
                column=FIELDS[name],
                text=_text(before),
                before=before,
                is_open=name != "on_hand" or user.has_perm(ADJUST),
            )
        )
    return row


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    return "" if value is None else str(value)


def _sent(request: HttpRequest, user: User) -> list[Row]:
    """Return the rows as the form sent them, each cell read."""
    before = _before(request)
    found = desk.chosen_variants(desk.QueryDict()).filter(pk__in=list(before))
    rows = [_row(variant, user) for variant in found]
    for row in rows:
        for cell in row.cells:
            if cell.is_open:
                _read(cell, request, before[row.variant.pk])
    return rows


def _before(request: HttpRequest) -> dict[int, dict[str, Any]]:
    """Return what the cells showed when the page was opened."""
    try:
        found = json.loads(request.POST.get("before", ""))
        rows = {int(key): dict(values) for key, values in found.items()}
    except (ValueError, TypeError, AttributeError):
        return {}
    return dict(list(rows.items())[: desk.ROWS])


def _read(cell: Cell, request: HttpRequest, before: dict[str, Any]) -> None:
    cell.before = before.get(cell.column.name)
    cell.text = request.POST.get(cell.name, "tidak" if cell.is_check else "").strip()
    try:
        cell.column.read(cell.text)
    except ValueError as problem:
        cell.error = str(problem)


def _edits(rows: Iterable[Row]) -> list[Edit]:
    return [
        Edit(
            product_id=row.variant.product_id,
            variant_id=row.variant.pk,
            field=cell.column.name,
            before=cell.before,
            after=after,
        )
        for row in rows
        for cell in row.cells
        if cell.is_open and not cell.error
        for after in [cell.column.read(cell.text)]
        if after != cell.before
    ]


def _table(
    admin: ModelAdmin, request: HttpRequest, rows: list[Row], *, problem: str = ""
) -> HttpResponse:
    pages = Paginator(desk.chosen_variants(request.GET), desk.ROWS)
    return desk.page(
        admin,
        request,
        "grid",
        title="Tabel SKU",
        rows=rows,
        columns=[FIELDS[name] for name in COLUMNS],
        before=json.dumps(_shown(rows)),
        note=request.POST.get("note", ""),
        reasons=stock.REASONS,
        reason=desk.reason_of(request),
        problem=problem,
        errors=sum(bool(cell.error) for row in rows for cell in row.cells),
        pages=pages.get_page(request.GET.get("page")),
    )


def _shown(rows: Iterable[Row]) -> dict[str, dict[str, Any]]:
    return {
        str(row.variant.pk): {cell.column.name: cell.before for cell in row.cells}
        for row in rows
    }


def _preview(
    admin: ModelAdmin, request: HttpRequest, rows: list[Row], edits: list[Edit]
) -> HttpResponse:
    variants = {row.variant.pk: row.variant for row in rows}
    return desk.page(
        admin,
        request,
        "preview",
        title="Periksa sebelum disimpan",
        summary=f"{_size(edits)} akan berubah.",
        lines=[_line(edit, variants[edit.variant_id or 0]) for edit in edits],
        hidden=desk.posted(request),
        note=request.POST.get("note", ""),
        button=f"Simpan {len(edits)} perubahan",
    )


def _line(edit: Edit, variant: Variant) -> dict[str, str]:
    column = FIELDS[edit.field]
    return {
        "what": f"{variant.sku}, {variant.product.name}",
        "field": column.label,
        "before": column.show(edit.before),
        "after": column.show(edit.after),
    }
