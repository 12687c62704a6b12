"""Write a copy of a customer's data as one ZIP: for machines, tables, and people."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder

from karima.wib import wib
from payments.services.privacy_sections import SECTIONS, Row

# Excel takes a text file for UTF-8 only with this at its beginning.
BYTE_ORDER_MARK = "\ufeff"
# A spreadsheet runs what begins like this; an apostrophe makes it a text again.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

ORDER_COLUMNS: Mapping[str, str] = {
    "number": "Nomor",
    "placed_at": "Waktu pesan (WIB)",
    "status": "Status",
    "payment_status": "Pembayaran",
    "items_total": "Barang (Rp)",
    "discount_total": "Diskon (Rp)",
    "shipping_cost": "Ongkir (Rp)",
    "grand_total": "Total (Rp)",
    "receiver_name": "Penerima",
    "receiver_phone": "Telepon",
    "address_detail": "Alamat",
    "subdistrict": "Kelurahan/Desa",
    "district": "Kecamatan",
    "city": "Kabupaten/Kota",
    "province": "Provinsi",
    "postal_code": "Kode pos",
    "notes": "Catatan",
}

README = """Salinan data Anda di Karima Store
Dibuat: {made_at}

Berkas di dalam arsip ini:

data.json    Semua data Anda, lengkap, untuk dibaca program.
orders.csv   Pesanan Anda sebagai tabel, untuk dibuka dengan Excel atau sejenisnya.
README.txt   Penjelasan ini.

Isi data.json:

{sections}

Waktu di data.json ditulis dalam UTC (WIB dikurangi 7 jam). Jumlah uang dalam rupiah.

Data masuk (kata sandi, verifikasi dua langkah) disimpan oleh layanan masuk kami dan
tidak dapat dibaca oleh toko, sehingga tidak ada di sini. Midtrans menyimpan data
pembayaran Anda menurut ketentuannya sendiri.

Dasar hukum: Undang-Undang Nomor 27 Tahun 2022 tentang Pelindungan Data Pribadi.
Simpan arsip ini baik-baik: isinya data pribadi Anda.
"""


def write(
    target: IO[bytes], data: Mapping[str, Sequence[Row]], *, made_at: datetime
) -> None:
    """Write the archive of these sections, by name, into a file that is open."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", _json(data))
        archive.writestr("orders.csv", _csv(data["orders"]))
        archive.writestr("README.txt", _readme(data, made_at))


def _json(data: Mapping[str, Sequence[Row]]) -> str:
    return json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def _csv(orders: Sequence[Row]) -> str:
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text)
    writer.writerow(ORDER_COLUMNS.values())
    writer.writerows(_cells(order) for order in orders)
    return text.getvalue()


def _cells(order: Row) -> Iterator[str]:
    for name in ORDER_COLUMNS:
        yield _cell(order[name])


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return wib(value)
    text = str(value)
    is_formula = isinstance(value, str) and text.startswith(FORMULA_SIGNS)
    return f"'{text}" if is_formula else text


def _readme(data: Mapping[str, Sequence[Row]], made_at: datetime) -> str:
    lines = [
        f"- {section.name}: {section.title} ({len(data[section.name])})"
        for section in SECTIONS
    ]
    lines.append(f"- sessions: Perangkat tempat Anda masuk ({len(data['sessions'])})")
    return README.format(made_at=wib(made_at), sections="\n".join(lines))
