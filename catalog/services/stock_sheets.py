"""The counting sheet of a stock take as a file: to fill in, and filled in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from catalog.models import StockTake, StockTakeLine
from catalog.services.cells import FIELDS
from catalog.services.imports.reading import Line, read

COLUMNS = ("sku", "produk", "warna", "ukuran", "dihitung")
NAMES = {name: name for name in COLUMNS}
DONE = (StockTakeLine.Outcome.APPLIED, StockTakeLine.Outcome.SAME)


@dataclass(slots=True)
class Sheet:
    """What a file says: counts by variant, and `(row, sku, what is wrong)`."""

    counts: dict[int, int] = field(default_factory=dict)
    faults: list[tuple[int, str, str]] = field(default_factory=list)
    empty: int = 0


def rows(take: StockTake) -> Iterator[list[Any]]:
    """Yield the header and a row for each variant, without what the books say."""
    yield list(COLUMNS)
    found = take.lines.select_related(
        "variant__product", "variant__color", "variant__size"
    ).order_by("variant__product__name", "variant__sku")
    for line in found.iterator(chunk_size=500):
        variant = line.variant
        counted = "" if line.counted is None else line.counted
        names = (variant.product.name, variant.color.name, variant.size.name)
        yield [variant.sku, *names, counted]


def check(take: StockTake, data: bytes) -> Sheet:
    """Read a filled sheet, CSV or XLSX; nothing is written.

    An empty cell says nothing. Raises UnreadableFile.
    """
    found = take.lines.values_list("variant__sku", "variant", "outcome")
    known = {sku.upper(): (pk, outcome) for sku, pk, outcome in found}
    sheet = Sheet()
    for line in read(data, names=NAMES):
        _take(line, known, sheet)
    return sheet


def _take(line: Line, known: dict[str, tuple[int, str]], sheet: Sheet) -> None:
    sku, typed = line.cells["sku"], line.cells.get("dihitung", "")
    variant_id, outcome = known.get(sku.upper(), (0, ""))
    problem, counted = "", 0
    if not typed:
        sheet.empty += 1
        return
    if not variant_id:
        problem = "SKU tidak ada di lembar ini."
    elif outcome in DONE:
        problem = "Sudah diterapkan."
    elif variant_id in sheet.counts:
        problem = "SKU muncul dua kali."
    else:
        problem, counted = _pieces(typed)
    if problem:
        sheet.faults.append((line.number, sku, problem))
    else:
        sheet.counts[variant_id] = counted


def _pieces(typed: str) -> tuple[str, int]:
    try:
        return "", FIELDS["on_hand"].read(typed)
    except ValueError as error:
        return str(error), 0
