"""Which job works off which privacy request, and what becomes of those that stop."""

import logging
from uuid import UUID

from django.db import transaction

from accounts.models import PrivacyRequest
from accounts.services import privacy_requests
from karima.jobs import enqueue

logger = logging.getLogger(__name__)

JOBS = {
    PrivacyRequest.Kind.EXPORT: "payments.tasks.build_privacy_export",
    PrivacyRequest.Kind.ERASURE: "payments.tasks.erase_customer",
}


def put_into_queue(request: PrivacyRequest, *, delay_seconds: int = 0) -> None:
    """Have the worker work the request off. Must run in a transaction."""
    job = JOBS[PrivacyRequest.Kind(request.kind)]
    enqueue(job, delay_seconds=delay_seconds, request_id=str(request.pk))


def continue_overdue() -> int:
    """Go on with requests whose last try ended without an end; return how many.

    A worker may have been killed, or Kratos may not have answered. Opens its own
    transaction; safe to run twice at once.
    """
    with transaction.atomic(durable=True):
        found = privacy_requests.take_overdue()
        for request in found:
            if request.state == PrivacyRequest.State.FAILED:
                logger.error("privacy_request_failed", extra={"job": str(request.pk)})
            else:
                put_into_queue(request)
    return len(found)


def run_again(request_id: UUID) -> None:
    """Try a failed request anew, for the staff.

    Opens its own transaction. Raises `PrivacyRequestNotFailed`.
    """
    with transaction.atomic(durable=True):
        put_into_queue(privacy_requests.reopen(request_id))
