"""Back-in-stock alerts: asked for once, due once, ended by whoever holds the token."""

import hashlib
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from catalog.models import Stock, StockAlert, Variant
from catalog.services.products import buyable_variants
from karima.errors import Conflict, NotFound

State = StockAlert.State

# Kept with each alert: what its contact agreed to. A new text needs a new version.
TEXT = (
    "Kirimi saya satu pesan bila barang ini tersedia lagi. Saya dapat menghentikannya "
    "lewat tautan di pesan itu."
)
TEXT_VERSION = "2026-11"
SALT = "catalog.stock_alerts"


@dataclass(frozen=True, slots=True)
class Contact:
    """Where the message goes: an e-mail address, or a telephone number in E.164."""

    email: str = ""
    phone: str = ""


class AlertVariantNotFound(NotFound):
    code = "variant_not_found"
    title = "Variant not found"
    detail = "Produk tidak ditemukan atau sudah tidak dijual."


class StillInStock(Conflict):
    code = "still_in_stock"
    title = "Still in stock"
    detail = "Barang ini masih tersedia dan dapat langsung dipesan."


class AlertNotFound(NotFound):
    code = "stock_alert_not_found"
    title = "Alert not found"
    detail = "Permintaan kabar ini tidak ditemukan atau sudah selesai."


def ask(*, variant_id: int, contact: Contact, customer: User | None) -> str:
    """Have the contact told when a variant is back; return the token that ends it.

    A repeat changes nothing and answers alike, with a token that ends nothing: an
    answer must not tell who waits for what. Opens its own transaction.
    Raises `AlertVariantNotFound` and `StillInStock`.
    """
    variant = buyable_variants().filter(pk=variant_id).first()
    if variant is None:
        raise AlertVariantNotFound()
    token = secrets.token_urlsafe(32)
    with transaction.atomic(durable=True):
        # Whoever brings the variant back waits, and then finds this alert.
        balance = Stock.objects.select_for_update().filter(pk=variant_id).first()
        if balance and balance.available > 0:
            raise StillInStock()
        with suppress(IntegrityError), transaction.atomic():
            _open(variant, contact, customer=customer, token=token)
    return token


def signed_token(alert: StockAlert) -> str:
    """Return what the message of an alert carries, to end what its contact asked for.

    Only a hash is kept of the token that was given, so this one is made anew.
    """
    return signing.dumps(str(alert.pk), salt=SALT)


def end(token: str) -> None:
    """End the alert that this token was given for. Raises `AlertNotFound`.

    The token out of a message ends all that its contact waits for, and may be repeated.
    """
    told = _alert_of(token)
    if told is not None:
        theirs = StockAlert.objects.filter(email__iexact=told.email, phone=told.phone)
        theirs.update(state=State.ENDED)
        return
    found = StockAlert.objects.filter(token_hash=_hash(token)).exclude(
        state=State.ENDED
    )
    if not found.update(state=State.ENDED):
        raise AlertNotFound()


def came_back(variant_ids: Iterable[int]) -> None:
    """Make due what waits for these variants, each alert once.

    Called by `stock` in the transaction that brings them back.
    """
    waiting = StockAlert.objects.filter(
        variant__in=list(variant_ids), state=State.OPEN
    ).order_by()
    waiting.update(state=State.DUE, due_at=timezone.now())


def forget(customer: User) -> None:
    """Delete the alerts of a person who is being erased; safe to repeat."""
    own = Q(customer=customer)
    if customer.email:
        own |= Q(email__iexact=customer.email)
    if customer.phone:
        own |= Q(phone=customer.phone)
    StockAlert.objects.filter(own).delete()


def _open(
    variant: Variant, contact: Contact, *, customer: User | None, token: str
) -> None:
    StockAlert.objects.create(
        variant=variant,
        customer=customer,
        email=contact.email,
        phone=contact.phone,
        token_hash=_hash(token),
        text_version=TEXT_VERSION,
    )


def _alert_of(token: str) -> StockAlert | None:
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return StockAlert.objects.filter(pk=pk).first()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
