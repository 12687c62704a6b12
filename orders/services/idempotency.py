"""Run a keyed request once, however often it is sent.

Protocol after draft-ietf-httpapi-idempotency-key-header-07: the first request claims
the key in a transaction of its own, does its work, and finishes the record in the
transaction of the work. Sent again, the same request gets the stored result.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from karima import metrics
from karima.errors import Conflict, Invalid, StoreError, Unprocessable
from orders.models import IdempotencyRecord, Order

# A runner silent for this long is taken for dead: above the proxy's 30 s time-out no
# client is waiting for it any more.
TAKEOVER_AFTER = timedelta(seconds=30)
KEPT_FOR = timedelta(hours=72)

MIN_KEY_LENGTH = 16
MAX_KEY_LENGTH = 255


class IdempotencyKeyRequired(Invalid):
    code = "idempotency_key_required"
    title = "Idempotency-Key required"
    detail = (
        "Sertakan header Idempotency-Key: 16 sampai 255 karakter, unik per permintaan."
    )


class IdempotencyKeyReused(Unprocessable):
    code = "idempotency_key_reused"
    title = "Idempotency-Key reused"
    detail = "Idempotency-Key ini sudah dipakai untuk permintaan yang berbeda."


class IdempotencyInProgress(Conflict):
    code = "idempotency_in_progress"
    title = "Request in progress"
    detail = "Permintaan yang sama sedang diproses. Coba lagi sebentar."


class StoredRefusal(StoreError):
    """The refusal that the first run of this request ended with."""

    def __init__(self, refusal: Mapping[str, Any]) -> None:
        self.status = refusal["status"]
        self.code = refusal["code"]
        self.title = refusal["title"]
        super().__init__(
            refusal["detail"],
            errors=refusal["errors"],
            headers={"Idempotency-Replayed": "true"},
            **refusal["extra"],
        )


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request as far as it counts for being the same: who, what, and its key."""

    scope: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run a keyed request, or the order that an earlier run made."""

    record_id: int
    attempt: int
    order_id: Any = None

    @property
    def is_finished(self) -> bool:
        return self.order_id is not None


def keyed_request(header: str, *, scope: str, body: Mapping[str, Any]) -> KeyedRequest:
    """Return the request's identity from its `Idempotency-Key` header and body.

    The key may stand in quotes, as the draft writes it. Raises
    `IdempotencyKeyRequired` when it is missing, too short, too long or not visible
    ASCII.
    """
    key = header.strip().strip('"')
    visible = all(33 <= ord(character) <= 126 for character in key)
    if not (MIN_KEY_LENGTH <= len(key) <= MAX_KEY_LENGTH and visible):
        raise IdempotencyKeyRequired()
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
    fingerprint = hashlib.sha256(f"{scope}\n{canonical}".encode()).hexdigest()
    return KeyedRequest(scope=scope, key=key, fingerprint=fingerprint)


def claim(request: KeyedRequest) -> Claim:
    """Claim the key, in a transaction of its own.

    Raises `IdempotencyKeyReused` for another request under the same key,
    `IdempotencyInProgress` while the first is running, and `StoredRefusal` when the
    first run was refused.
    """
    now = timezone.now()
    with transaction.atomic(durable=True):
        record, created = IdempotencyRecord.objects.get_or_create(
            scope=request.scope,
            key=request.key,
            defaults={
                "fingerprint": request.fingerprint,
                "state": IdempotencyRecord.State.STARTED,
                "locked_at": now,
            },
        )
        if created:
            metrics.idempotency_key_met("new")
            return Claim(record_id=record.pk, attempt=record.attempt)
        locked = IdempotencyRecord.objects.select_for_update().filter(pk=record.pk)
        found = locked.first()
        if found is None:
            # The first run gave the key up while this one waited for the lock.
            metrics.idempotency_key_met("in_progress")
            raise IdempotencyInProgress(retry_after_seconds=1)
        return _claim_again(found, request)


def _claim_again(record: IdempotencyRecord, request: KeyedRequest) -> Claim:
    if record.fingerprint != request.fingerprint:
        metrics.idempotency_key_met("reused")
        raise IdempotencyKeyReused()
    if record.refusal is not None:
        metrics.idempotency_key_met("replayed")
        raise StoredRefusal(record.refusal)
    if record.order_id is not None:
        metrics.idempotency_key_met("replayed")
        return Claim(
            record_id=record.pk, attempt=record.attempt, order_id=record.order_id
        )
    now = timezone.now()
    if record.locked_at > now - TAKEOVER_AFTER:
        metrics.idempotency_key_met("in_progress")
        raise IdempotencyInProgress(retry_after_seconds=1)
    metrics.idempotency_key_met("taken_over")
    record.attempt += 1
    record.locked_at = now
    record.save(update_fields=["attempt", "locked_at"])
    return Claim(record_id=record.pk, attempt=record.attempt)


def finish(claimed: Claim, *, order: Order) -> None:
    """Store the result. Must run in the transaction of the work it belongs to.

    Raises `IdempotencyInProgress`, which undoes that work, when another runner has
    taken the request over meanwhile.
    """
    _close(claimed, order=order)


def finish_refused(claimed: Claim, *, error: StoreError) -> None:
    """Store a refusal, so that the same request gets the same answer."""
    _close(
        claimed,
        refusal={
            "status": error.status,
            "code": error.code,
            "title": error.title,
            "detail": error.detail,
            "errors": error.errors,
            "extra": error.extra,
        },
    )


def _close(claimed: Claim, **result: Any) -> None:
    closed = IdempotencyRecord.objects.filter(
        pk=claimed.record_id,
        attempt=claimed.attempt,
        state=IdempotencyRecord.State.STARTED,
    ).update(state=IdempotencyRecord.State.DONE, **result)
    if not closed:
        raise IdempotencyInProgress(retry_after_seconds=1)


def give_up(claimed: Claim) -> None:
    """Free the key after a failure that is the shop's own, so that a retry runs."""
    IdempotencyRecord.objects.filter(
        pk=claimed.record_id,
        attempt=claimed.attempt,
        state=IdempotencyRecord.State.STARTED,
    ).delete()


def forget_old() -> int:
    """Delete the records whose answer is no longer kept; return how many."""
    deleted, _ = IdempotencyRecord.objects.filter(
        created_at__lt=timezone.now() - KEPT_FOR
    ).delete()
    return deleted
