"""The fields of a variant that tables and files change: how each is read and shown."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from catalog.services.stock import MAX_QUANTITY
from karima.money import format_rupiah, parse_rupiah

# Above any price of the shop, far below what the column holds.
MAX_RUPIAH = 1_000_000_000
MAX_GRAMS = 100_000
YES = frozenset({"ya", "y", "1", "true", "on", "aktif"})
NO = frozenset({"tidak", "t", "n", "0", "false", "", "nonaktif"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`read` makes a value of what was typed; it raises ValueError with a reason."""

    name: str
    label: str
    read: Callable[[str], Any]
    show: Callable[[Any], str]


def _price(typed: str) -> int:
    try:
        amount = parse_rupiah(typed)
    except ValueError:
        message = "Tulis dalam rupiah utuh, misalnya 150000 atau 150.000."
        raise ValueError(message) from None
    if not 0 < amount <= MAX_RUPIAH:
        raise ValueError("Harus lebih dari nol dan paling banyak Rp 1.000.000.000.")
    return amount


def _optional_price(typed: str) -> int | None:
    return _price(typed) if typed.strip() else None


def _whole(typed: str, *, least: int, most: int, unit: str) -> int:
    ceiling = f"{most:,}".replace(",", ".")
    message = f"Tulis angka bulat dalam {unit}, {least} sampai {ceiling}."
    try:
        number = parse_rupiah(typed)
    except ValueError:
        raise ValueError(message) from None
    if "rp" in typed.lower() or not least <= number <= most:
        raise ValueError(message)
    return number


def _grams(typed: str) -> int:
    return _whole(typed, least=1, most=MAX_GRAMS, unit="gram")


def _pieces(typed: str) -> int:
    return _whole(typed, least=0, most=MAX_QUANTITY, unit="potong")


def _yes_or_no(typed: str) -> bool:
    word = typed.strip().lower()
    if word not in YES | NO:
        raise ValueError("Tulis ya atau tidak.")
    return word in YES


def _shown_price(amount: int | None) -> str:
    return "-" if amount is None else format_rupiah(amount)


def _shown_number(number: int | None) -> str:
    return "-" if number is None else f"{number:,}".replace(",", ".")


def _shown_text(text: str | None) -> str:
    return text or "-"


def _shown_yes(value: bool | None) -> str:
    return "ya" if value else "tidak"


FIELDS = {
    field.name: field
    for field in (
        Field(name="price", label="Harga", read=_price, show=_shown_price),
        Field(
            name="compare_at_price",
            label="Harga coret",
            read=_optional_price,
            show=_shown_price,
        ),
        Field(name="cost", label="HPP", read=_optional_price, show=_shown_price),
        Field(name="weight_grams", label="Berat (g)", read=_grams, show=_shown_number),
        Field(name="on_hand", label="Stok", read=_pieces, show=_shown_number),
        Field(name="barcode", label="Barcode", read=str.strip, show=_shown_text),
        Field(name="is_active", label="Dijual", read=_yes_or_no, show=_shown_yes),
    )
}
