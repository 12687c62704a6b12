"""Give customers a copy of all that the shop holds about them."""

import tempfile
from dataclasses import asdict
from datetime import timedelta
from typing import IO
from uuid import UUID

from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.utils import timezone

from accounts.clients import kratos_admin
from accounts.models import PrivacyRequest, User
from accounts.services import erasure, privacy_requests
from karima.errors import Conflict, NotFound
from payments.services import privacy_archive, privacy_jobs
from payments.services.privacy_sections import SECTIONS, Row

State = PrivacyRequest.State

AVAILABLE_FOR = timedelta(days=7)


class ExportNotReady(Conflict):
    code = "export_not_ready"
    title = "Export not ready"
    detail = "Salinan data Anda masih disiapkan."


class ExportExpired(NotFound):
    code = "export_expired"
    title = "Export expired"
    detail = "Salinan data ini sudah dihapus. Silakan minta yang baru."


def request_export(customer: User) -> PrivacyRequest:
    """Have a copy of the customer's data made.

    Opens its own transaction, which holds the job too. Raises `PrivacyRequestOpen`.
    """
    with transaction.atomic(durable=True):
        request = privacy_requests.open_request(
            customer, kind=PrivacyRequest.Kind.EXPORT
        )
        privacy_jobs.put_into_queue(request)
    return request


def find_export(customer: User, *, request_id: UUID) -> PrivacyRequest:
    """Return the customer's own request. Raises `PrivacyRequestNotFound`."""
    return privacy_requests.find(
        customer, kind=PrivacyRequest.Kind.EXPORT, request_id=request_id
    )


def build_export(request_id: UUID) -> None:
    """Make the copy and keep it for its customer; safe to repeat."""
    request = privacy_requests.begin(request_id)
    if request is None:
        return
    data = _gather(request)
    with tempfile.TemporaryFile() as archive:
        privacy_archive.write(archive, data, made_at=timezone.now())
        archive.seek(0)
        _storage().save(_name(request), File(archive))
    if not privacy_requests.finish(request, available_for=AVAILABLE_FOR):
        # Another try was first, or the customer is being erased.
        _delete_unless_kept(request)


def open_export(customer: User, *, request_id: UUID) -> IO[bytes]:
    """Return the customer's copy, opened.

    Raises `PrivacyRequestNotFound`, `ExportNotReady` and `ExportExpired`.
    """
    request = find_export(customer, request_id=request_id)
    if request.state in privacy_requests.OPEN:
        raise ExportNotReady()
    ends = request.available_until
    if request.state != State.DONE or ends is None or ends <= timezone.now():
        raise ExportExpired()
    try:
        return _storage().open(_name(request))
    except FileNotFoundError:
        raise ExportExpired() from None


def delete_expired() -> int:
    """Delete the copies whose time is up; return how many."""
    expired = list(privacy_requests.expired_copies())
    for request in expired:
        _storage().delete(_name(request))
        PrivacyRequest.objects.filter(pk=request.pk).update(state=State.EXPIRED)
    return len(expired)


def delete_exports(customer: User) -> None:
    """Delete all copies of a customer, finished or not; none is made any more."""
    for request in erasure.call_off_exports(customer):
        _storage().delete(_name(request))


def _gather(request: PrivacyRequest) -> dict[str, list[Row]]:
    data: dict[str, list[Row]] = {}
    for position, section in enumerate(SECTIONS):
        percent = 100 * position // len(SECTIONS)
        privacy_requests.start_step(request, step=section.name, percent=percent)
        data[section.name] = section.of(request.customer)
    data["sessions"] = _sessions(request.customer)
    return data


def _sessions(customer: User) -> list[Row]:
    """Return what Kratos keeps of the devices. Raises `KratosUnavailable`."""
    if customer.kratos_identity_id is None:
        return []
    known = kratos_admin.list_sessions(customer.kratos_identity_id)
    return [asdict(session) for session in known]


def _delete_unless_kept(request: PrivacyRequest) -> None:
    kept = PrivacyRequest.objects.filter(pk=request.pk, state=State.DONE)
    if not kept.exists():
        _storage().delete(_name(request))


def _storage() -> Storage:
    """Return the files that no URL leads to."""
    return storages["private"]


def _name(request: PrivacyRequest) -> str:
    # One name for each request: what a try that died left behind is overwritten.
    return f"exports/{request.pk}.zip"
