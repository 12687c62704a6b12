"""What a customer agreed to: written down each time, and looked up before use."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from accounts.models import Consent, User
from accounts.services.customers import lock_active

Purpose = Consent.Purpose

# The version is kept with each answer; a new text needs a new version.
MARKETING_TEXT_VERSION = "2026-11"
TEXTS: Mapping[str, str] = {
    Purpose.TERMS: "Saya menyetujui syarat dan ketentuan Karima Store.",
    Purpose.MARKETING_EMAIL: (
        "Saya bersedia menerima kabar produk dan promosi lewat e-mail. Persetujuan ini "
        "dapat saya tarik kapan saja."
    ),
    Purpose.MARKETING_WHATSAPP: (
        "Saya bersedia menerima kabar produk dan promosi lewat WhatsApp. Persetujuan "
        "ini dapat saya tarik kapan saja."
    ),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a customer stands to one purpose now; `history` has the newest first."""

    purpose: str
    text: str
    text_version: str
    history: list[Consent]

    @property
    def granted(self) -> bool:
        """Say whether the newest answer was yes; no answer is no."""
        return bool(self.history) and self.history[0].granted


def text_version(purpose: str) -> str:
    """Return the version of the text that a customer is shown for a purpose now."""
    return (
        settings.TERMS_VERSION if purpose == Purpose.TERMS else MARKETING_TEXT_VERSION
    )


def standings(customer: User) -> list[Standing]:
    """Return how the customer stands to every purpose."""
    rows = list(Consent.objects.filter(customer=customer).order_by("-id"))
    return [
        Standing(
            purpose=purpose,
            text=TEXTS[purpose],
            text_version=text_version(purpose),
            history=[row for row in rows if row.purpose == purpose],
        )
        for purpose in Purpose.values
    ]


def is_granted(customer: User, *, purpose: str) -> bool:
    """Say whether the customer agrees now. Ask at the moment of use, never earlier."""
    newest = (
        Consent.objects.filter(customer=customer, purpose=purpose)
        .order_by("-id")
        .values_list("granted", flat=True)
        .first()
    )
    return bool(newest)


def accept_terms(customer: User, *, ip: str) -> None:
    """Note that the customer accepts the terms that hold now.

    Must run in the transaction that makes the order.
    """
    _record(customer, purpose=Purpose.TERMS, source=Consent.Source.CHECKOUT, ip=ip)


def answer(customer: User, *, purpose: str, granted: bool, ip: str) -> None:
    """Note that the customer agrees to a purpose, or takes it back; at once in force.

    The same answer to the same text again is not noted twice. Opens its own
    transaction. Raises `AccountInactive`.
    """
    with transaction.atomic(durable=True):
        lock_active(customer)
        newest = Consent.objects.filter(customer=customer, purpose=purpose).first()
        if newest and _says(newest) == (granted, text_version(purpose)):
            return
        _record(customer, purpose=purpose, granted=granted, ip=ip)


def _says(consent: Consent) -> tuple[bool, str]:
    return consent.granted, consent.text_version


def _record(
    customer: User,
    *,
    purpose: str,
    granted: bool = True,
    source: str = Consent.Source.ACCOUNT,
    ip: str,
) -> None:
    Consent.objects.create(
        customer=customer,
        purpose=purpose,
        granted=granted,
        source=source,
        text_version=text_version(purpose),
        ip=ip or None,
    )
