"""Keys of programs: made once, shown once, good for some verbs and some time."""

import hashlib
import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.services import staff_audit
from accounts.services.staff_audit import Action, Person
from karima.errors import Conflict, Forbidden, Invalid

logger = logging.getLogger(__name__)

# What a key may be good for, in the words of the page that makes it.
SCOPES = {
    "catalog:write": "Produk, SKU, harga, dan kategori: menambah dan mengubah",
    "media:write": "Foto produk: menambah, mengubah, dan menghapus",
    "stock:read": "Stok: membaca",
    "stock:write": "Stok: barang masuk dan hasil hitung",
    "orders:ship": "Pesanan: kemas, kirim, diterima, selesai, retur",
    "orders:refund": "Pesanan: mengembalikan uang",
    "orders:cancel": "Pesanan: membatalkan (bersama izin kirim atau uang kembali)",
}
LONGEST_LIFE = timedelta(days=366)
USE_IS_NOTED_EVERY = timedelta(minutes=1)
# Ours have 56 characters.
LONGEST_KEY = 100


class ScopeMissing(Forbidden):
    """The key is good, but not for this."""

    code = "scope_missing"
    title = "Scope missing"
    detail = "Kunci API ini tidak memiliki izin untuk tindakan tersebut."


class ScopesInvalid(Invalid):
    code = "scopes_invalid"
    title = "Scopes invalid"
    detail = "Pilih paling sedikit satu izin yang dikenal."


class ExpiryInvalid(Invalid):
    code = "expiry_invalid"
    title = "Expiry invalid"
    detail = "Kunci API berlaku paling lama 366 hari, dan berakhir di masa depan."


class KeyRevoked(Conflict):
    code = "api_key_revoked"
    title = "Key revoked"
    detail = "Kunci API ini sudah dicabut."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key just made. `secret` is known here and to its reader only."""

    row: ApiKey
    secret: str


def create(
    *, name: str, scopes: Iterable[str], expires_at: datetime, actor: User
) -> NewKey:
    """Make a key for a program, and the user who stands for it.

    Opens its own transaction. Raises `ScopesInvalid` and `ExpiryInvalid`.
    """
    wanted = sorted(set(scopes))
    if not wanted or set(wanted) - set(SCOPES):
        raise ScopesInvalid
    now = timezone.now()
    if not now < expires_at <= now + LONGEST_LIFE:
        raise ExpiryInvalid
    prefix = f"krm_{secrets.token_hex(4)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    with transaction.atomic(durable=True):
        row = ApiKey.objects.create(
            program=_program(name, prefix),
            name=name,
            prefix=prefix,
            secret_hash=_hash(secret),
            scopes=wanted,
            created_by=actor,
            expires_at=expires_at,
        )
        _record(row, actor=actor, what=f"kunci API dibuat: {', '.join(wanted)}")
    logger.warning("api_key_made", extra={"user_id": str(row.program_id)})
    return NewKey(row=row, secret=secret)


def revoke(key: ApiKey, *, actor: User) -> None:
    """End a key at once. Opens its own transaction. Raises `KeyRevoked`."""
    with transaction.atomic(durable=True):
        row = ApiKey.objects.select_for_update().get(pk=key.pk)
        if row.revoked_at:
            raise KeyRevoked
        row.revoked_at, row.revoked_by = timezone.now(), actor
        row.save(update_fields=["revoked_at", "revoked_by"])
        _record(row, actor=actor, what="kunci API dicabut")
    logger.warning("api_key_revoked", extra={"user_id": str(row.program_id)})


def find(secret: str) -> ApiKey | None:
    """Return the key that this is, if it still holds, and note that it was used.

    It is looked up by its hash: 256 random bits cannot be guessed, nor approached by
    the time that an index takes.
    """
    if not secret or len(secret) > LONGEST_KEY:
        return None
    now = timezone.now()
    row = (
        ApiKey.objects.select_related("program")
        .filter(
            secret_hash=_hash(secret),
            revoked_at=None,
            expires_at__gt=now,
            program__is_active=True,
        )
        .first()
    )
    if row is not None:
        _note_use(row, now)
    return row


def _note_use(row: ApiKey, now: datetime) -> None:
    stale = now - USE_IS_NOTED_EVERY
    if row.last_used_at is not None and row.last_used_at > stale:
        return
    unnoted = Q(last_used_at=None) | Q(last_used_at__lte=stale)
    try:
        with transaction.atomic():
            ApiKey.objects.filter(unnoted, pk=row.pk).update(last_used_at=now)
    except DatabaseError:
        # A database that only reads for the moment still answers what programs ask.
        logger.warning("api_key_use_not_noted", exc_info=True)


def check_scope(key: ApiKey, scope: str) -> None:
    """Refuse what the key was not made for. Raises `ScopeMissing`, naming the scope."""
    if scope not in key.scopes:
        raise ScopeMissing(scope=scope)


def speaks_for(program: User, person: User) -> bool:
    """Tell whether the person made the key of this program, and so could have asked.

    Where two people are wanted, they are one.
    """
    return ApiKey.objects.filter(program=program, created_by=person).exists()


def _program(name: str, prefix: str) -> User:
    """Return the user of a new key: no customer, and without any right or account."""
    return User.objects.create(
        username=f"api-key:{prefix}",
        password=make_password(None),
        full_name=f"Program {name}",
        is_staff=True,
    )


def _record(row: ApiKey, *, actor: User, what: str) -> None:
    person = Person(email=actor.email, user=actor)
    trace = staff_audit.Trace(object=str(row))
    staff_audit.record(Action.WRITE, person=person, trace=trace, reason=what)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
