"""Ask the gateway, and decide whether what it says belongs to an attempt."""

from typing import Any

from django.conf import settings

from payments.clients import midtrans, midtrans_notification
from payments.clients.midtrans_notification import TransactionReport
from payments.models import PaymentAttempt


def matches(report: TransactionReport, attempt: PaymentAttempt) -> bool:
    """Tell whether amount, currency and merchant of a report are the attempt's."""
    merchant = settings.MIDTRANS_MERCHANT_ID
    return (
        report.amount == attempt.amount
        and report.currency == "IDR"
        and (not merchant or report.merchant_id in {"", merchant})
        and bool(report.transaction_id)
    )


def ask(attempt: PaymentAttempt, *, identifier: str) -> dict[str, Any] | None:
    """Return the gateway's status answer about the attempt, or None.

    None means that nothing is on record under this identifier, or that what is there
    belongs to another order. Raises the errors of `midtrans.get_status`.
    """
    body = midtrans.get_status(identifier)
    if body is None:
        return None
    report = midtrans_notification.report(body)
    # Some banks' methods put the transaction id into the order id.
    if report.order_id not in {attempt.provider_order_id, report.transaction_id}:
        return None
    return body
