"""Check rows against the catalogue of now: what each would do, or what is wrong."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower, Upper

from catalog.models import Category, Color, Product, Size, Variant
from catalog.services import changes
from catalog.services.cells import FIELDS
from catalog.services.imports.columns import COLUMNS
from catalog.services.imports.reading import Line
from catalog.services.matrix import SKU

CLEAR = "-"
CLEARABLE = frozenset({"compare_at_price", "cost"})
NEEDED = ("produk", "warna", "ukuran", "harga", "berat_gram")
BARCODE_LETTERS = frozenset(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-"
)


@dataclass(slots=True)
class Checked:
    """A row with what it says. New SKU have no `variant`, new products no `product`."""

    line: Line
    sku: str
    variant: Variant | None = None
    product: Product | None = None
    category: Category | None = None
    color: Color | None = None
    size: Size | None = None
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[dict[str, str]] = field(default_factory=list)

    def refuse(self, column: str, message: str) -> None:
        self.errors.append({"field": column, "message": message})

    @property
    def name(self) -> str:
        """Return the product's name as the file writes it."""
        return self.line.cells.get("produk", "")


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows speak of, by what they call it, in small letters."""

    variants: Mapping[str, Variant]
    products: dict[str, list[Product]]
    categories: dict[str, Category]
    colors: dict[str, Color]
    sizes: dict[str, Size]
    cells: dict[tuple[int, int, int], str]
    barcodes: dict[str, str]


def check(lines: Sequence[Line]) -> list[Checked]:
    """Return each row with its values or its errors; changes nothing.

    Some ten queries, however many rows.
    """
    known = _known(lines)
    rows = [_checked(line, known) for line in lines]
    _refuse_doubles(
        rows, lambda row: row.sku.upper(), "sku", "SKU ini muncul {n} kali."
    )
    _refuse_doubles(
        rows,
        _cell_of,
        "ukuran",
        "Warna dan ukuran ini muncul {n} kali untuk produknya.",
    )
    _refuse_doubles(
        rows,
        lambda row: row.values.get("barcode"),
        "barcode",
        "Barcode muncul {n} kali.",
    )
    return rows


def _known(lines: Sequence[Line]) -> _Known:
    skus = {line.cells.get("sku", "").upper() for line in lines}
    variants = {
        variant.sku.upper(): variant
        for variant in Variant.objects.annotate(upper_sku=Upper("sku"))
        .filter(upper_sku__in=skus)
        .select_related("product", "color", "size", "stock")
    }
    products: dict[str, list[Product]] = {}
    named = _named(Product.objects.all(), lines, "produk")
    for product in named:
        products.setdefault(product.name.lower(), []).append(product)
    codes = {line.cells.get("barcode", "") for line in lines} - {""}
    return _Known(
        variants=variants,
        products=products,
        categories={
            key: category
            for category in Category.objects.all()
            for key in (category.name.lower(), category.slug)
        },
        colors={color.name.lower(): color for color in Color.objects.all()},
        sizes={size.name.lower(): size for size in Size.objects.all()},
        cells={
            (row.product_id, row.color_id, row.size_id): row.sku
            for row in Variant.objects.filter(product__in=named)
        },
        barcodes=dict(
            Variant.objects.filter(barcode__in=codes).values_list("barcode", "sku")
        ),
    )


def _named(
    rows: QuerySet[Product], lines: Sequence[Line], column: str
) -> list[Product]:
    names = {line.cells.get(column, "").lower() for line in lines} - {""}
    return list(rows.annotate(small=Lower("name")).filter(small__in=names))


def _checked(line: Line, known: _Known) -> Checked:
    sku = line.cells.get("sku", "")
    row = Checked(line, sku)
    if not SKU.fullmatch(sku.upper()):
        row.refuse("sku", "Hanya huruf, angka, titik dan garis; paling panjang 40.")
        return row
    row.variant = known.variants.get(sku.upper())
    _read_values(row)
    _find_color_and_size(row, known)
    if row.variant is None:
        _place_new(row, known)
    else:
        _compare_identity(row)
    _check_barcode(row, known)
    _check_compare_price(row)
    return row


def _read_values(row: Checked) -> None:
    for column in COLUMNS.values():
        text = row.line.cells.get(column.name, "")
        if not column.field or not text:
            continue
        if text == CLEAR and column.field in CLEARABLE:
            row.values[column.field] = None
            continue
        try:
            row.values[column.field] = FIELDS[column.field].read(text)
        except ValueError as problem:
            row.refuse(column.name, str(problem))
    barcode = row.line.cells.get("barcode", "")
    if barcode:
        row.values["barcode"] = barcode


def _find_color_and_size(row: Checked, known: _Known) -> None:
    color, size = row.line.cells.get("warna", ""), row.line.cells.get("ukuran", "")
    row.color, row.size = known.colors.get(color.lower()), known.sizes.get(size.lower())
    if color and row.color is None:
        row.refuse("warna", f'Warna "{color[:40]}" belum ada. Tambahkan dulu di Warna.')
    if size and row.size is None:
        row.refuse("ukuran", f'Ukuran "{size[:20]}" belum ada. Tambahkan di Ukuran.')


def _place_new(row: Checked, known: _Known) -> None:
    """Find where a new SKU belongs; a product not there yet needs a category."""
    for column in NEEDED:
        if not row.line.cells.get(column, ""):
            row.refuse(column, "Wajib diisi untuk SKU baru.")
    found = known.products.get(row.name.lower(), [])
    if len(found) > 1:
        row.refuse("produk", "Ada beberapa produk bernama ini; ubah dulu namanya.")
    elif found:
        row.product = found[0]
        _refuse_taken(row, known)
    elif row.name:
        _place_new_product(row, known)


def _place_new_product(row: Checked, known: _Known) -> None:
    category = row.line.cells.get("kategori", "")
    row.category = known.categories.get(category.lower())
    if len(row.name) > 120:
        row.refuse("produk", "Nama produk paling panjang 120 huruf.")
    if not category:
        row.refuse("kategori", "Wajib diisi untuk produk baru.")
    elif row.category is None:
        row.refuse("kategori", f'Kategori "{category[:40]}" belum ada.')


def _refuse_taken(row: Checked, known: _Known) -> None:
    if row.product and row.color and row.size:
        other = known.cells.get((row.product.pk, row.color.pk, row.size.pk))
        if other:
            row.refuse("ukuran", f"Warna dan ukuran ini sudah ada sebagai {other}.")


def _compare_identity(row: Checked) -> None:
    """Refuse a row that means another article than the one its SKU stands for."""
    variant = row.variant
    if variant is None:
        return
    row.product = variant.product
    if row.name and row.name.lower() != variant.product.name.lower():
        row.refuse("produk", f'SKU ini milik produk "{variant.product.name}".')
    if row.color and row.color.pk != variant.color_id:
        row.refuse("warna", f'SKU ini berwarna "{variant.color.name}".')
    if row.size and row.size.pk != variant.size_id:
        row.refuse("ukuran", f'SKU ini berukuran "{variant.size.name}".')


def _check_barcode(row: Checked, known: _Known) -> None:
    code = row.values.get("barcode", "")
    if not code:
        return
    if not 4 <= len(code) <= 48 or not BARCODE_LETTERS.issuperset(code):
        row.refuse("barcode", "4 sampai 48 huruf atau angka.")
    elif known.barcodes.get(code, row.sku).upper() != row.sku.upper():
        row.refuse("barcode", f"Barcode ini milik {known.barcodes[code]}.")


def _check_compare_price(row: Checked) -> None:
    price = _value(row, "price")
    compare = _value(row, "compare_at_price")
    if price and compare and compare < price:
        row.refuse("harga_coret", "Harga coret di bawah harga jual.")


def _value(row: Checked, name: str) -> Any:
    """Return what the field will hold."""
    if name in row.values:
        return row.values[name]
    return changes.value_of(row.variant, name) if row.variant else None


def _cell_of(row: Checked) -> tuple[str, int, int] | None:
    if row.variant or not (row.name and row.color and row.size):
        return None
    return row.name.lower(), row.color.pk, row.size.pk


def _refuse_doubles(
    rows: Iterable[Checked],
    key: Callable[[Checked], Any],
    column: str,
    message: str,
) -> None:
    """Refuse every row of a group that may have one only."""
    times = Counter(key(row) for row in rows)
    for row in rows:
        found = key(row)
        if found and times[found] > 1:
            row.refuse(column, message.format(n=times[found]))
