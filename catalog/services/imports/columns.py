"""The columns of a file of SKU, the same when it is sent and when it is fetched."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`field` is that of `services.cells`, if it is one; `aliases` are also read."""

    name: str
    field: str = ""
    aliases: tuple[str, ...] = ()
    permission: str = ""


COLUMNS = {
    column.name: column
    for column in (
        Column(name="sku"),
        Column(name="produk", aliases=("nama", "nama_produk")),
        Column(name="kategori"),
        Column(name="warna"),
        Column(name="ukuran"),
        Column(name="harga", field="price", aliases=("harga_jual",)),
        Column(name="harga_coret", field="compare_at_price"),
        Column(
            name="hpp",
            field="cost",
            aliases=("harga_pokok",),
            permission="catalog.view_cost",
        ),
        Column(name="berat_gram", field="weight_grams", aliases=("berat",)),
        Column(name="stok", field="on_hand", permission="catalog.adjust_stock"),
        Column(name="dijual", field="is_active", aliases=("aktif",)),
        Column(name="barcode"),
    )
}
NAMES = {
    alias: column.name
    for column in COLUMNS.values()
    for alias in (column.name, *column.aliases)
}
OF_FIELD = {column.field: column.name for column in COLUMNS.values() if column.field}
