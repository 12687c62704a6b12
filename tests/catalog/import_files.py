"""Files of SKU as spreadsheets save them."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from accounts.models import User
from catalog.models import Category, Color, Size
from tests.factories import CategoryFactory, ColorFactory, SizeFactory, StaffFactory

HEADER = ["sku", "produk", "kategori", "warna", "ukuran", "harga", "berat_gram", "stok"]
ROWS, BAD = 5_000, 50
COLORS, SIZES = 10, 5


def as_csv(rows: Sequence[Sequence[Any]], *, separator: str = ";") -> bytes:
    """Return a CSV file as Excel in Indonesia saves it."""
    lines = [separator.join(str(cell) for cell in row) for row in rows]
    return "\ufeff".encode() + "\r\n".join(lines).encode()


def as_xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a workbook with these cells."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def furnish() -> User:
    """Make what the rows speak of, and somebody who may send them."""
    if not Category.objects.filter(name="Gamis").exists():
        CategoryFactory(name="Gamis", slug="gamis")
    for number in range(COLORS):
        if not Color.objects.filter(name=f"Warna {number}").exists():
            ColorFactory(name=f"Warna {number}")
    for number in range(SIZES):
        if not Size.objects.filter(name=f"U{number}").exists():
            SizeFactory(name=f"U{number}")
    staff: User = StaffFactory(is_superuser=True)
    return staff


def row(number: int, *, price: Any = "189.900", weight: Any = 450) -> list[Any]:
    """Return the row of one new SKU; fifty of them make a product."""
    product, place = divmod(number, COLORS * SIZES)
    color, size = divmod(place, SIZES)
    name = f"Gamis Impor {product}"
    identity = [f"IMP-{number:05}", name, "Gamis", f"Warna {color}", f"U{size}"]
    return [*identity, price, weight, number % 7]


def big_file(rows: int = ROWS, bad: int = BAD) -> bytes:
    """Return a file with so many rows, of which some are wrong, spread evenly."""
    every = rows // bad
    wrong = ["1,5 jt", "150,000", "0", "", "-5"]
    table = [
        row(number, price=wrong[number // every % 5])
        if number % every == 3
        else row(number)
        for number in range(rows)
    ]
    return as_csv([HEADER, *table])
