"""Compare the books with Midtrans, payment by payment, once a night.

Open payments are polled all day. This looks at all that moved, the paid and refunded
ones too: news that never came, and states that only one side has.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from karima.errors import StoreError
from payments.clients import midtrans_notification
from payments.models import GatewayTransaction, PaymentIssue
from payments.services import confirmation, reconciliation, states
from payments.services.issues import raise_issue

logger = logging.getLogger(__name__)

MOVED_WITHIN = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How many transactions Midtrans was asked about, and what came of it.

    `caught_up` had news for the shop, `different` are before the staff, `unanswered`
    could not be asked.
    """

    asked: int
    caught_up: int
    different: int
    unanswered: int


def compare_recent() -> Comparison:
    """Ask about every transaction that moved within 48 hours, by its own id.

    Opens its own transactions; safe to repeat. One without an answer does not hold up
    the others. Raises `GatewayMisconfigured`.
    """
    moved = GatewayTransaction.objects.filter(
        updated_at__gte=timezone.now() - MOVED_WITHIN
    ).select_related("attempt__order")
    results = {"same": 0, "caught_up": 0, "different": 0, "unanswered": 0}
    for found in moved.order_by("pk"):
        try:
            results[_compare(found)] += 1
        except StoreError:
            results["unanswered"] += 1
    asked = sum(results.values())
    del results["same"]
    done = Comparison(asked=asked, **results)
    logger.info("payments_compared", extra={"count": asked})
    return done


def _compare(found: GatewayTransaction) -> str:
    attempt, before = found.attempt, _books(found)
    answer = confirmation.ask(attempt, identifier=found.transaction_id)
    if answer is None:
        _alert(found, "tidak dikenal")
        return "different"
    report = midtrans_notification.report(answer)
    reconciliation.apply_answer(attempt, answer)
    found.refresh_from_db()
    status = states.effective_status(report.status, report.fraud_status)
    matches = confirmation.matches(report, attempt)
    if not matches or status is None or states.RANKS[status] < found.rank:
        _alert(found, report.status)
        return "different"
    return "same" if _books(found) == before else "caught_up"


def _books(found: GatewayTransaction) -> tuple[str, int]:
    return found.status, found.refunded_total


def _alert(found: GatewayTransaction, said: str) -> None:
    raise_issue(
        PaymentIssue.Kind.MISMATCH,
        subject=f"{found.transaction_id} {said}",
        detail=f"Di toko {found.status}, di Midtrans {said}. Bandingkan keduanya.",
        order=found.attempt.order,
    )
