"""SKU as a file for a spreadsheet, in the columns that an import reads."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from accounts.models import User
from catalog.models import Variant
from catalog.services import changes
from catalog.services.imports.columns import COLUMNS

# Excel takes a file for UTF-8 by this, and a semicolon for the separator in Indonesia.
BOM = "\ufeff"
SEPARATOR = ";"
# A cell that begins so is calculated by spreadsheets: "=HYPERLINK(...)".
CALCULATED = ("=", "+", "-", "@", "\t", "\r")
CHUNK = 500


def rows(variants: QuerySet[Variant], *, reader: User) -> Iterator[list[Any]]:
    """Yield the header and a row for each variant, without what may not be read."""
    names = [
        column.name
        for column in COLUMNS.values()
        if column.name != "hpp" or reader.has_perm(column.permission)
    ]
    yield list(names)
    found = variants.select_related("product__category", "color", "size", "stock")
    for variant in found.iterator(chunk_size=CHUNK):
        values = _values(variant)
        yield [values[name] for name in names]


def as_csv(table: Iterable[list[Any]]) -> Iterator[bytes]:
    """Yield the lines of a CSV file."""
    yield BOM.encode()
    for row in table:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, delimiter=SEPARATOR).writerow(map(guarded, row))
        yield buffer.getvalue().encode()


def as_xlsx(table: Iterable[list[Any]]) -> bytes:
    """Return a workbook. Its texts are texts, whatever they begin with."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("SKU")
    for row in table:
        sheet.append([_cell(sheet, value) for value in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def guarded(value: Any) -> Any:
    """Return the value so that no spreadsheet calculates it."""
    is_calculated = isinstance(value, str) and value.startswith(CALCULATED)
    return f"'{value}" if is_calculated else value


def _cell(sheet: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, guarded(value))
    cell.data_type = "s"
    return cell


def _values(variant: Variant) -> dict[str, Any]:
    return {
        "sku": variant.sku,
        "produk": variant.product.name,
        "kategori": variant.product.category.name,
        "warna": variant.color.name,
        "ukuran": variant.size.name,
        "harga": variant.price,
        "harga_coret": variant.compare_at_price,
        "hpp": variant.cost,
        "berat_gram": variant.weight_grams,
        "stok": changes.value_of(variant, "on_hand"),
        "dijual": "ya" if variant.is_active else "tidak",
        "barcode": variant.barcode,
    }
