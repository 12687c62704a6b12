"""The book of privacy requests: opened, worked off step by step, closed in time.

What the steps do is the business of the apps above. Each step is safe to repeat, so a
request whose worker died goes on where it stopped.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import PrivacyRequest, User
from karima.errors import Conflict, NotFound

Kind = PrivacyRequest.Kind
State = PrivacyRequest.State

# UU 27/2022 (PDP), article 32: a copy within three times 24 hours. Kept for both kinds.
ANSWER_WITHIN = timedelta(hours=72)
LEGAL_BASIS = {
    Kind.EXPORT: "UU 27/2022 Pasal 7 dan 32: akses dan salinan dalam 3x24 jam.",
    Kind.ERASURE: (
        "UU 27/2022 Pasal 8 dan 43: penghapusan. Catatan transaksi tanpa data pribadi "
        "disimpan 10 tahun: UU KUP Pasal 28 ayat (11), PP 80/2019 Pasal 25."
    ),
}

OPEN = (State.WAITING, State.RUNNING, State.FAILED)
UNDER_WAY = (State.WAITING, State.RUNNING)

# 5, 10, 20, 40 minutes, then hourly: some 20 hours, which leaves the staff two days.
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=1)
MOST_TRIES = 24


class PrivacyRequestOpen(Conflict):
    code = "privacy_request_open"
    title = "Request already open"
    detail = "Permintaan Anda sebelumnya masih diproses."


class PrivacyRequestNotFound(NotFound):
    code = "privacy_request_not_found"
    title = "Privacy request not found"
    detail = "Permintaan tidak ditemukan."


class PrivacyRequestNotFailed(Conflict):
    code = "privacy_request_not_failed"
    title = "Request has not failed"
    detail = "Hanya permintaan yang gagal dapat dijalankan lagi."


def open_request(
    customer: User, *, kind: PrivacyRequest.Kind, delay_seconds: int = 0
) -> PrivacyRequest:
    """Open a request of the customer, to be worked on after the delay.

    Must run in a transaction, which also puts its job into the queue. Raises
    `PrivacyRequestOpen`.
    """
    User.objects.select_for_update().get(pk=customer.pk)
    same = PrivacyRequest.objects.filter(customer=customer, kind=kind, state__in=OPEN)
    earlier = same.first()
    if earlier:
        raise PrivacyRequestOpen(id=str(earlier.pk))
    now = timezone.now()
    return PrivacyRequest.objects.create(
        customer=customer,
        kind=kind,
        next_try_at=now + timedelta(seconds=delay_seconds) + FIRST_WAIT,
        legal_basis=LEGAL_BASIS[kind],
        requested_at=now,
        due_at=now + ANSWER_WITHIN,
    )


def find(
    customer: User, *, kind: PrivacyRequest.Kind, request_id: UUID
) -> PrivacyRequest:
    """Return a request of the customer. Raises `PrivacyRequestNotFound`."""
    own = PrivacyRequest.objects.filter(customer=customer, kind=kind)
    found = own.filter(pk=request_id).first()
    if found is None:
        raise PrivacyRequestNotFound()
    return found


def begin(request_id: UUID) -> PrivacyRequest | None:
    """Count a try and return the request, or None when there is nothing left to do.

    When the work goes on if this try dies is set now, so a killed worker needs nobody
    to notice. Opens its own transaction.
    """
    with transaction.atomic(durable=True):
        request = _locked(request_id)
        if request is None or request.state not in UNDER_WAY:
            return None
        request.state = State.RUNNING
        request.tries += 1
        request.next_try_at = timezone.now() + _wait(request.tries)
        request.save(update_fields=["state", "tries", "next_try_at"])
    return request


def start_step(request: PrivacyRequest, *, step: str, percent: int) -> None:
    """Show what is being done now."""
    PrivacyRequest.objects.filter(pk=request.pk, state=State.RUNNING).update(
        step=step, percent=percent
    )


def finish_step(request: PrivacyRequest, *, step: str) -> None:
    """Write down that a step is done, so that no later try repeats it.

    Opens its own transaction.
    """
    with transaction.atomic(durable=True):
        row = PrivacyRequest.objects.select_for_update().get(pk=request.pk)
        row.finished_steps.setdefault(step, timezone.now().isoformat())
        row.save(update_fields=["finished_steps"])
    request.finished_steps = row.finished_steps


def finish(request: PrivacyRequest, *, available_for: timedelta | None = None) -> bool:
    """Close the request as answered; False when it was called off meanwhile.

    `available_for` is how long a copy may be fetched.
    """
    now = timezone.now()
    running = PrivacyRequest.objects.filter(pk=request.pk, state=State.RUNNING)
    return bool(
        running.update(
            state=State.DONE,
            step="",
            percent=100,
            finished_at=now,
            available_until=available_for and now + available_for,
        )
    )


def take_overdue() -> list[PrivacyRequest]:
    """Return the requests whose work must go on, each put off to its next time.

    One that was tried too often becomes failed instead. Must run in a transaction,
    which puts their jobs into the queue.
    """
    now = timezone.now()
    overdue = PrivacyRequest.objects.select_for_update(skip_locked=True).filter(
        state__in=UNDER_WAY, next_try_at__lte=now
    )
    found = list(overdue.order_by("next_try_at"))
    for request in found:
        if request.tries >= MOST_TRIES:
            request.state = State.FAILED
        request.next_try_at = now + FIRST_WAIT
    PrivacyRequest.objects.bulk_update(found, ["state", "next_try_at"])
    return found


def reopen(request_id: UUID) -> PrivacyRequest:
    """Let a failed request be tried anew.

    Must run in a transaction, which puts its job into the queue. Raises
    `PrivacyRequestNotFailed`.
    """
    request = _locked(request_id)
    if request is None or request.state != State.FAILED:
        raise PrivacyRequestNotFailed()
    request.state = State.RUNNING
    request.tries = 0
    request.next_try_at = timezone.now() + FIRST_WAIT
    request.save(update_fields=["state", "tries", "next_try_at"])
    return request


def expired_copies() -> QuerySet[PrivacyRequest]:
    """Return the answered requests whose copy is not kept any longer."""
    return PrivacyRequest.objects.filter(
        kind=Kind.EXPORT, state=State.DONE, available_until__lte=timezone.now()
    )


def _locked(request_id: UUID) -> PrivacyRequest | None:
    rows = PrivacyRequest.objects.select_for_update(of=("self",))
    return rows.select_related("customer").filter(pk=request_id).first()


def _wait(tries: int) -> timedelta:
    return min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
