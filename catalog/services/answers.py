"""Remember answers of the public catalogue until it changes.

Each answer is kept under the catalogue's version, which PostgreSQL raises in the
transaction of a change, and never beyond the next moment at which something public
changes by plan. A process asks for the version once a second; that is how old an answer
may be. Redis shares the answers among processes and may be away: then each builds its
own.
"""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection
from django.utils import timezone
from redis.exceptions import RedisError

from catalog.models import CatalogVersion
from karima import redis

VERSION_SECONDS = 1.0
SHARED_SECONDS = 60
# What one process keeps at most; then it begins anew.
MAX_BYTES = 16 * 1024**2
ETAG_LENGTH = 34

_CURRENT = """
SELECT COALESCE(MAX(version), 0), COALESCE(MAX(transaction), 0),
       LEAST(
           (SELECT MIN(published_at) FROM catalog_product
             WHERE status = 'active' AND published_at > %(now)s),
           (SELECT MIN(starts_at) FROM catalog_collection
             WHERE is_active AND starts_at > %(now)s),
           (SELECT MIN(ends_at) FROM catalog_collection
             WHERE is_active AND ends_at > %(now)s),
           (SELECT MIN(starts_at) FROM catalog_flashsale
             WHERE is_published AND starts_at > %(now)s),
           (SELECT MIN(ends_at) FROM catalog_flashsale
             WHERE is_published AND ends_at > %(now)s),
           (SELECT MIN(starts_at) FROM catalog_productdocument
             WHERE starts_at > %(now)s)
       )
  FROM catalog_catalogversion
"""


class Version(NamedTuple):
    """The catalogue as it is until it changes by plan, or for ever if `until` is None.

    The transaction tells apart what a restored database counts again.
    """

    number: int
    transaction: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A body as it is sent, with its strong entity tag (RFC 9110, section 8.8.3)."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the answer to a request is kept."""

    version: Version
    key: str


@dataclass(slots=True)
class _Memory:
    """What this process remembers, all of one version."""

    version: Version | None = None
    asked_at: float = 0.0
    answers: dict[str, Answer] = field(default_factory=dict)
    size_bytes: int = 0


_memory = _Memory()
_lock = threading.Lock()


def place(key: str) -> Place | None:
    """Return where the answer to `key` is kept; None inside a transaction.

    A transaction sees what nobody else may see yet. Ask before reading what the answer
    is built from: a change in between then finds the answer under an older version.
    """
    return None if connection.in_atomic_block else Place(current(), key)


def confirmed(place: Place | None) -> Place | None:
    """Return the place if the database that is being read shows its version.

    A replica may be behind: what it says must not be kept as the newer version.
    """
    shown = CatalogVersion.objects.all()
    if place is None or shown.db == DEFAULT_DB_ALIAS:
        return place
    number = shown.values_list("version", flat=True).first() or 0
    return place if number == place.version.number else None


def recall(place: Place | None) -> Answer | None:
    """Return the answer that is kept there, from this process or from Redis."""
    if place is None:
        return None
    found = _memory.answers.get(place.key) if place.version == _memory.version else None
    return found or _shared(place)


def keep(place: Place | None, body: bytes) -> Answer:
    """Return the body with its tag, and keep it there."""
    answer = Answer(body, f'"{blake2b(body, digest_size=16).hexdigest()}"')
    if place is not None:
        _remember(place, answer)
        _share(place, answer)
    return answer


def current() -> Version:
    """Return the catalogue's version, as it was at most a second ago.

    One query at most; exact at the moments of planned change.
    """
    known, now = _memory.version, timezone.now()
    fresh = time.monotonic() - _memory.asked_at < VERSION_SECONDS
    if known and fresh and (known.until is None or now < known.until):
        return known
    asked_at = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(_CURRENT, {"now": now})
        version = Version(*cursor.fetchone())
    with _lock:
        if version != _memory.version:
            _memory.answers, _memory.size_bytes = {}, 0
        _memory.version, _memory.asked_at = version, asked_at
    return version


def forget() -> None:
    """Forget all that this process remembers."""
    with _lock:
        _memory.version, _memory.answers, _memory.size_bytes = None, {}, 0


def _remember(place: Place, answer: Answer) -> None:
    with _lock:
        if place.version != _memory.version:
            return
        if _memory.size_bytes + len(answer.body) > MAX_BYTES:
            _memory.answers, _memory.size_bytes = {}, 0
        _memory.answers[place.key] = answer
        _memory.size_bytes += len(answer.body)


def _shared(place: Place) -> Answer | None:
    client = redis.client()
    if client is None:
        return None
    try:
        kept = client.get(_name(place))
    except RedisError:
        return None
    if not isinstance(kept, bytes):
        return None
    answer = Answer(kept[ETAG_LENGTH:], kept[:ETAG_LENGTH].decode())
    _remember(place, answer)
    return answer


def _share(place: Place, answer: Answer) -> None:
    client = redis.client()
    if client is None:
        return
    try:
        client.set(_name(place), answer.etag.encode() + answer.body, ex=SHARED_SECONDS)
    except RedisError:
        return


def _name(place: Place) -> str:
    number, transaction, until = place.version
    digest = blake2b(place.key.encode(), digest_size=16).hexdigest()
    end = int(until.timestamp() * 1000) if until else 0
    return f"karima:answer:{number}:{transaction}:{end}:{digest}"
