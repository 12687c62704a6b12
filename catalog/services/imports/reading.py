"""Read the rows of a CSV or XLSX file, whatever program wrote it."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from catalog.services.imports.columns import NAMES
from karima.errors import Invalid

MAX_BYTES = 5 * 1024**2
MAX_ROWS = 10_000
MAX_COLUMNS = 40
MAX_LETTERS = 2_000
# An XLSX file is a ZIP; one that unpacks to far more is no price list.
MAX_UNPACKED_BYTES = 60 * 1024**2
MAX_RATIO = 100
MAX_PARTS = 200

ZIP = b"PK\x03\x04"
# What `services.exporting` puts before a text that a spreadsheet would calculate.
GUARDED = re.compile(r"^'(?=[=+\-@\t\r])")
BROKEN = (
    zipfile.BadZipFile,
    InvalidFileException,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    EOFError,
    OSError,
    NotImplementedError,
    AttributeError,
)


class UnreadableFile(Invalid):
    code = "unreadable_file"
    title = "Unreadable file"
    detail = "Berkas tidak dapat dibaca. Simpan sebagai XLSX atau CSV UTF-8."


@dataclass(frozen=True, slots=True)
class Line:
    """One row by the number that the spreadsheet shows, its cells by column."""

    number: int
    cells: dict[str, str]


def read(data: bytes, *, names: Mapping[str, str] = NAMES) -> list[Line]:
    """Return the rows below the header that are not empty.

    `names` has the columns by every name that they go by.

    Raises UnreadableFile for what is no such file, is too large, or has columns that
    are unknown, missing or double.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableFile("Berkas lebih besar dari 5 MB. Bagi menjadi beberapa.")
    table = _spreadsheet(data) if data.startswith(ZIP) else _text(data)
    numbered = enumerate(table, start=1)
    header: list[str] = []
    lines = []
    for number, row in numbered:
        if not any(row):
            continue
        if not header:
            header = _header(row, names)
            continue
        lines.append(Line(number, _cells(header, row)))
        if len(lines) > MAX_ROWS:
            raise UnreadableFile("Lebih dari 10.000 baris. Bagi menjadi beberapa.")
    if not lines:
        raise UnreadableFile("Berkas tidak berisi baris SKU.")
    return lines


def _header(row: list[str], known: Mapping[str, str]) -> list[str]:
    """Return the names of the columns, each known and only once."""
    given = [re.sub(r"[\s_()-]+", "_", name.lower()).strip("_") for name in row]
    unknown = [name for name in given if name and name not in known]
    if unknown:
        told = ", ".join(unknown[:5])
        raise UnreadableFile(f"Kolom tidak dikenal: {told}. Lihat berkas contoh.")
    names = [known.get(name, "") for name in given]
    double = {name for name in names if name and names.count(name) > 1}
    if double:
        raise UnreadableFile(f"Kolom muncul lebih dari sekali: {', '.join(double)}.")
    if "sku" not in names:
        raise UnreadableFile(
            "Baris pertama harus berisi nama kolom, paling sedikit sku."
        )
    return names


def _cells(header: list[str], row: list[str]) -> dict[str, str]:
    pairs = zip(header, row, strict=False)
    return {name: GUARDED.sub("", text) for name, text in pairs if name}


def _text(data: bytes) -> Iterator[list[str]]:
    """Read CSV by the separator that its first line has most of."""
    text = _decoded(data)
    first = text.lstrip().partition("\n")[0]
    separator = max(";,\t", key=first.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            yield [_short(cell) for cell in row[:MAX_COLUMNS]]
    except csv.Error:
        raise UnreadableFile from None


def _decoded(data: bytes) -> str:
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError:
        message = "Huruf di berkas tidak terbaca. Simpan sebagai CSV UTF-8 atau XLSX."
        raise UnreadableFile(message) from None
    if "\x00" in text:
        raise UnreadableFile
    return text


def _spreadsheet(data: bytes) -> Iterator[list[str]]:
    """Read the first sheet; formulas count as what they last showed."""
    try:
        _refuse_bombs(data)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(max_col=MAX_COLUMNS, values_only=True)
        yield from _written(islice(rows, MAX_ROWS * 2))
        book.close()
    except BROKEN:
        raise UnreadableFile from None


def _refuse_bombs(data: bytes) -> None:
    parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    unpacked = sum(part.file_size for part in parts)
    is_bomb = unpacked > MAX_UNPACKED_BYTES or unpacked > len(data) * MAX_RATIO
    if len(parts) > MAX_PARTS or is_bomb:
        raise UnreadableFile("Isi berkas jauh lebih besar daripada berkasnya.")


def _written(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[str]]:
    for row in rows:
        yield [_short(_as_text(value)) for value in row]


def _as_text(value: Any) -> str:
    """Return a cell as somebody would have typed it."""
    match value:
        case None:
            return ""
        case bool():
            return "ya" if value else "tidak"
        case float() if value.is_integer():
            return str(int(value))
        case float():
            return str(value).replace(".", ",")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _short(text: str) -> str:
    if len(text) > MAX_LETTERS:
        raise UnreadableFile("Ada sel yang berisi lebih dari 2.000 huruf.")
    return text.replace("\u00a0", " ").strip()
