"""What needs a person: raised once for each fact, and closed by somebody."""

import logging

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from karima.errors import Conflict
from orders.models import Order
from payments.models import PaymentIssue

logger = logging.getLogger(__name__)


class AlreadyResolved(Conflict):
    code = "already_resolved"
    title = "Already resolved"
    detail = "Masalah ini sudah diselesaikan."


def raise_issue(
    kind: PaymentIssue.Kind, *, subject: str, detail: str, order: Order | None = None
) -> None:
    """Put a fact before the staff; hearing of it again changes nothing."""
    _, created = PaymentIssue.objects.get_or_create(
        kind=kind,
        subject=subject[:80],
        defaults={"detail": detail[:300], "order": order},
    )
    if created:
        logger.warning("payment_issue_raised", extra={"reason": str(kind)})


def resolve(issue: PaymentIssue, *, actor: User, resolution: str) -> None:
    """Close an issue with what was done about it. Raises `AlreadyResolved`."""
    with transaction.atomic(durable=True):
        closed = PaymentIssue.objects.filter(pk=issue.pk, resolved_at=None).update(
            resolved_at=timezone.now(), resolved_by=actor, resolution=resolution[:300]
        )
        if not closed:
            raise AlreadyResolved()
