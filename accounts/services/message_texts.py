"""The events that the shop writes about: their texts, and the names these may use.

A text is not a program: `{{ name }}` is replaced by its value and nothing else is
special, so that whoever edits a text can reach nothing but what the event offers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from accounts.models import MessageTemplate, User
from karima.errors import Invalid

PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
SUBJECT_LENGTH = 254


@dataclass(frozen=True, slots=True)
class Text:
    """Subject and body of a message, with places or filled in."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Event:
    """What has happened: `names` are what a text may use, each with an example."""

    title: str
    names: Mapping[str, str]
    text: Text


class TemplateNamesUnknown(Invalid):
    code = "template_names_unknown"
    title = "Unknown names"


ORDER_NAMES = {
    "nama": "Aisyah Putri",
    "nomor": "KRM-261125-7K2M9Q",
    "total": "Rp 350.000",
    "tautan": "https://toko.example/orders/KRM-261125-7K2M9Q",
}
OPENING = "Assalamu'alaikum {{ nama }},\n\n"
CLOSING = "\n\nRincian pesanan: {{ tautan }}\n\nTerima kasih,\nKarima Store"


def _order_event(title: str, subject: str, told: str, **more: str) -> Event:
    text = Text(subject, f"{OPENING}{told}{CLOSING}")
    return Event(title, {**ORDER_NAMES, **more}, text)


EVENTS: Mapping[str, Event] = {
    "order_placed": _order_event(
        "Pesanan dibuat",
        "Pesanan {{ nomor }} kami terima",
        "Pesanan {{ nomor }} sebesar {{ total }} sudah kami terima. Mohon selesaikan "
        "pembayarannya sebelum {{ batas_bayar }}.",
        batas_bayar="25-11-2026 14:00 WIB",
    ),
    "order_paid": _order_event(
        "Pembayaran diterima",
        "Pembayaran pesanan {{ nomor }} kami terima",
        "Pembayaran pesanan {{ nomor }} sebesar {{ total }} sudah kami terima. Barang "
        "segera kami siapkan.",
    ),
    "order_shipped": _order_event(
        "Pesanan dikirim",
        "Pesanan {{ nomor }} sedang dikirim",
        "Pesanan {{ nomor }} sudah kami serahkan kepada {{ kurir }} dengan nomor resi "
        "{{ resi }}.",
        kurir="JNE",
        resi="JNE0012345678",
    ),
    "order_delivered": _order_event(
        "Pesanan diterima",
        "Pesanan {{ nomor }} sudah sampai",
        "Pesanan {{ nomor }} tercatat sudah sampai. Semoga berkenan. Bila ada yang "
        "kurang, silakan balas e-mail ini.",
    ),
    "order_cancelled": _order_event(
        "Pesanan dibatalkan",
        "Pesanan {{ nomor }} dibatalkan",
        "Pesanan {{ nomor }} telah dibatalkan. Bila sudah dibayar, dananya kami "
        "kembalikan dan kami kabari lagi.",
    ),
    "order_expired": _order_event(
        "Pesanan kedaluwarsa",
        "Batas pembayaran pesanan {{ nomor }} terlewati",
        "Pesanan {{ nomor }} berakhir karena belum dibayar sampai batas waktunya. "
        "Silakan memesan kembali bila masih berminat.",
    ),
    "order_refunded": _order_event(
        "Dana dikembalikan",
        "Dana pesanan {{ nomor }} dikembalikan",
        "Dana sebesar {{ jumlah }} untuk pesanan {{ nomor }} sudah kami kembalikan. "
        "Bank dapat memerlukan beberapa hari kerja sampai dananya terlihat.",
        jumlah="Rp 350.000",
    ),
    "back_in_stock": Event(
        "Stok kembali",
        {
            "produk": "Gamis Safiya",
            "varian": "Dusty Rose, M",
            "tautan": "https://toko.example/produk/gamis-safiya",
            "tautan_berhenti": "https://toko.example/kabar-stok/berhenti?token=...",
        },
        Text(
            "{{ produk }} tersedia lagi",
            "Assalamu'alaikum,\n\n{{ produk }} ({{ varian }}) yang Anda tunggu sudah "
            "tersedia lagi: {{ tautan }}\n\nStoknya terbatas dan tidak kami simpankan."
            "\n\nAnda menerima pesan ini satu kali karena memintanya di toko kami. "
            "Untuk menghentikan kabar stok lainnya: {{ tautan_berhenti }}"
            "\n\nTerima kasih,\nKarima Store",
        ),
    ),
    "low_stock": Event(
        "Ringkasan stok menipis (staf)",
        {
            "tanggal": "25-11-2026",
            "jumlah": "2",
            "daftar": "- GMS-SFY-DR-M: sisa 2\n- KRD-ALY-BK: sisa 1",
        },
        Text(
            "{{ jumlah }} barang menipis, {{ tanggal }}",
            "Barang yang stoknya menipis pada {{ tanggal }}:\n\n{{ daftar }}\n\n"
            "Lihat Stok di meja kerja toko.",
        ),
    ),
}


def text_of(event: str) -> Text:
    """Return the staff's text of an event, or the shop's own. Raises `KeyError`."""
    default = EVENTS[event].text
    row = MessageTemplate.objects.filter(pk=event).first()
    return Text(row.subject, row.body) if row else default


def fill(text: Text, values: Mapping[str, str]) -> Text:
    """Return the text with its places filled; a value's own braces stay as they are."""

    def value(place: re.Match[str]) -> str:
        return values.get(place.group(1), "")

    # White space as single spaces: a value must not add a header to the mail.
    subject = " ".join(PLACE.sub(value, text.subject).split())[:SUBJECT_LENGTH]
    return Text(subject, PLACE.sub(value, text.body))


def example(event: str, text: Text) -> Text:
    """Return how the text would read, with made-up values."""
    return fill(text, EVENTS[event].names)


def check(event: str, text: Text) -> None:
    """Raise `TemplateNamesUnknown` for a place that the event has no value for."""
    known = EVENTS[event].names
    named = PLACE.findall(f"{text.subject}\n{text.body}")
    unknown = sorted({name for name in named if name not in known})
    left = PLACE.sub("", f"{text.subject}\n{text.body}")
    if unknown:
        wrong = ", ".join("{{ " + name + " }}" for name in unknown)
        raise TemplateNamesUnknown(f"Nama ini tidak dikenal di sini: {wrong}.")
    if "{{" in left or "}}" in left:
        raise TemplateNamesUnknown("Ada kurung {{ atau }} yang tidak berpasangan.")


def change(event: str, text: Text, *, actor: User) -> None:
    """Write the staff's text of an event. Raises `TemplateNamesUnknown`."""
    check(event, text)
    MessageTemplate.objects.update_or_create(
        event=event,
        defaults={"subject": text.subject, "body": text.body, "updated_by": actor},
    )


def restore(event: str) -> None:
    """Go back to the shop's own text of an event."""
    MessageTemplate.objects.filter(pk=event).delete()
