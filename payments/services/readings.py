"""What Prometheus reads of money. Transactions, events and issues are never deleted."""

from karima.readings import Reading

READINGS = (
    Reading(
        name="karima_payments",
        help="Payment attempts by state",
        labels=("state",),
        sql="SELECT state, count(*) FROM payments_paymentattempt GROUP BY 1",
    ),
    Reading(
        name="karima_payment_unknown_oldest_seconds",
        help="Age of the oldest attempt without an answer of Midtrans, its order alive",
        sql="""
            SELECT coalesce(extract(epoch FROM now() - min(attempt.created_at)), 0)
              FROM payments_paymentattempt attempt
              JOIN orders_order o ON o.id = attempt.order_id
             WHERE attempt.state = 'creating' AND o.status = 'pending'
        """,
    ),
    Reading(
        name="karima_payments_open",
        help="Attempts younger than a day that customers may be paying now",
        sql="""
            SELECT count(*) FROM payments_paymentattempt
             WHERE state = 'open' AND created_at > now() - interval '1 day'
        """,
    ),
    Reading(
        name="karima_webhook_inbox_oldest_seconds",
        help="Age of the oldest notification that is not finished",
        sql="""
            SELECT coalesce(extract(epoch FROM now() - min(received_at)), 0)
              FROM payments_gatewayevent
             WHERE outcome = 'received' AND source = 'notification'
        """,
    ),
    Reading(
        name="karima_webhook_last_received_timestamp_seconds",
        help="When Midtrans last notified; absent until it has",
        sql="""
            SELECT extract(epoch FROM max(received_at)) FROM payments_gatewayevent
             WHERE source = 'notification'
        """,
    ),
    Reading(
        name="karima_gateway_events_total",
        help="What Midtrans told, by how it was told and what was made of it",
        labels=("source", "outcome"),
        # What waits is no outcome yet and would make the count fall.
        sql="""
            SELECT source, outcome, count(*) FROM payments_gatewayevent
             WHERE outcome <> 'received' GROUP BY 1, 2
        """,
    ),
    Reading(
        name="karima_payment_issues_total",
        help="What was put before the staff, by kind",
        labels=("kind",),
        sql="SELECT kind, count(*) FROM payments_paymentissue GROUP BY 1",
    ),
    Reading(
        name="karima_payment_issues_open",
        help="What waits for the staff, by kind",
        labels=("kind",),
        sql="""
            SELECT kind, count(*) FROM payments_paymentissue
             WHERE resolved_at IS NULL GROUP BY 1
        """,
    ),
    Reading(
        name="karima_late_payments_total",
        help="Payments for orders that had ended",
        sql="SELECT count(*) FROM payments_paymentissue WHERE kind = 'late_payment'",
    ),
    Reading(
        name="karima_refunds_total",
        help="Payments given back, in part or in full",
        sql="""
            SELECT count(*) FROM payments_gatewaytransaction WHERE refunded_total > 0
        """,
    ),
    Reading(
        name="karima_refunded_rupiah_total",
        help="Rupiah given back",
        sql="SELECT coalesce(sum(refunded_total), 0) FROM payments_gatewaytransaction",
    ),
    Reading(
        name="karima_payments_by_method_total",
        help="Payments that brought money, by method",
        labels=("method",),
        sql="""
            SELECT payment_type, count(*) FROM payments_gatewaytransaction
             WHERE paid_at IS NOT NULL AND payment_type <> '' GROUP BY 1
        """,
    ),
)
