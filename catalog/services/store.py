"""The settings of the shop: contacts, banners, holidays, days to return goods."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from catalog.models import Banner, Store
from karima.errors import Invalid
from karima.ids import WIB
from karima.phone import normalize_phone

USUAL_NOTE = "Kami sedang libur. Pesanan tetap diterima dan dikirim mulai {day}."
MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli"),
    *("Agustus", "September", "Oktober", "November", "Desember"),
)


class InvalidStore(Invalid):
    code = "invalid_store"
    title = "Invalid store settings"
    detail = "Pengaturan toko belum benar."


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """The shop takes orders and sends nothing before `ships_again_on`."""

    starts_on: date
    ships_again_on: date
    note: str


def current() -> Store:
    """Return the settings; those that a new shop has before anybody saved any."""
    return Store.objects.first() or Store(pk=1)


def save(store: Store) -> None:
    """Store the settings, telephone numbers as E.164. Opens its own transaction.

    Raises InvalidStore for a number that no subscriber has, and for a holiday with
    one day only of the two, or that ends before it starts.
    """
    store.pk = 1
    for name, label in (("phone", "telepon"), ("whatsapp", "WhatsApp")):
        _normalize(store, name, label)
    starts, ends = store.holiday_starts_on, store.ships_again_on
    if (starts is None) != (ends is None) or (starts and ends and ends <= starts):
        raise InvalidStore("Isi kedua tanggal libur; kirim lagi sesudah mulai libur.")
    with transaction.atomic():
        store.save()


def holiday(store: Store, *, at: datetime) -> Holiday | None:
    """Return the holiday if the day of that moment, in WIB, is one."""
    starts, ends = store.holiday_starts_on, store.ships_again_on
    if starts is None or ends is None:
        return None
    if not starts <= timezone.localdate(at, WIB) < ends:
        return None
    note = store.holiday_note or USUAL_NOTE.format(day=_written(ends))
    return Holiday(starts_on=starts, ships_again_on=ends, note=note)


def banners(*, at: datetime) -> list[Banner]:
    """Return the banners that are shown at that moment, in order."""
    started = Q(starts_at__isnull=True) | Q(starts_at__lte=at)
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    return list(Banner.objects.filter(started, running, is_active=True))


def _normalize(store: Store, name: str, label: str) -> None:
    typed = getattr(store, name).strip()
    try:
        setattr(store, name, normalize_phone(typed) if typed else "")
    except ValueError:
        raise InvalidStore(f"Nomor {label} tidak dikenali.") from None


def _written(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
