"""Take the person out of what the gateway told about their payments."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from payments.models import GatewayEvent, GatewayTransaction, PaymentAttempt, Refund

# All that the books need. The rest may be a card's digits, an account's number or a
# name, and the gateway adds members without notice.
KEPT_FIELDS = frozenset(
    {
        "order_id",
        "transaction_id",
        "transaction_status",
        "status_code",
        "fraud_status",
        "payment_type",
        "gross_amount",
        "currency",
        "merchant_id",
        "transaction_time",
        "settlement_time",
        "refund_amount",
    }
)
KEPT_OF_REFUNDS = frozenset(
    {"refund_chargeback_id", "refund_amount", "refund_key", "bank_confirmed_at"}
)
# Midtrans repeats a notification for hours; news of a dispute comes at any time.
NEWS_OF = timedelta(days=2)


def scrub(attempts: QuerySet[PaymentAttempt]) -> None:
    """Empty the means to pay, the instructions, and the rest of what was received.

    Amounts, times and states stay. Must run in a transaction.
    """
    transactions = GatewayTransaction.objects.filter(attempt__in=attempts)
    heard_of = Q(provider_order_id__in=attempts.values("provider_order_id")) | Q(
        transaction_id__in=transactions.values("transaction_id")
    )
    _scrub_events(GatewayEvent.objects.filter(heard_of))
    # Receipts of transfers stay: they are the books' evidence.
    refunds = Refund.objects.filter(transaction__in=transactions)
    refunds.update(bank_account="", reason="", failure="")
    transactions.exclude(instructions={}).update(instructions={})
    attempts.exclude(snap_token="").update(snap_token="", redirect_url="")


def scrub_late_news() -> None:
    """Do the same with what came in after an order's person was erased.

    Opens its own transaction; safe to run twice at once.
    """
    since = timezone.now() - NEWS_OF
    news = GatewayEvent.objects.filter(received_at__gte=since)
    with transaction.atomic(durable=True):
        scrub(
            PaymentAttempt.objects.filter(
                order__erased_at__isnull=False,
                provider_order_id__in=news.values("provider_order_id"),
            )
        )


def without_person(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a notification or answer only what the books need."""
    kept = {name: value for name, value in body.items() if name in KEPT_FIELDS}
    refunds = body.get("refunds")
    if isinstance(refunds, list):
        kept["refunds"] = [_kept_of(row) for row in refunds if isinstance(row, dict)]
    return kept


def _kept_of(refund: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in refund.items() if name in KEPT_OF_REFUNDS}


def _scrub_events(events: QuerySet[GatewayEvent]) -> None:
    for event in events.iterator():
        kept = without_person(event.body)
        if kept != event.body:
            event.body = kept
            event.save(update_fields=["body"])
