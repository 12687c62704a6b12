"""What must hold of money."""

from karima.invariants import Invariant
from payments.services.refund_invariants import REFUND_INVARIANTS

# The worker tries both every minute; only an outage of Midtrans makes them wait.
INBOX_LIMIT = "30 minutes"
JOB_LIMIT = "30 minutes"

INVARIANTS = (
    Invariant(
        name="paid_order_has_its_money",
        says="Of a paid order the shop holds at least its total, of one attempt.",
        sql="""
            SELECT o.number
              FROM orders_order o
             WHERE o.payment_status = 'paid' AND NOT EXISTS (
                   SELECT 1
                     FROM payments_paymentattempt attempt
                     JOIN payments_gatewaytransaction held
                       ON held.attempt_id = attempt.id
                    WHERE attempt.order_id = o.id
                      AND held.status IN ('capture', 'settlement')
                      AND held.gross_amount = o.grand_total)
        """,
    ),
    Invariant(
        name="refunded_order_was_refunded",
        says="Of an order that counts as refunded, money went back.",
        sql="""
            SELECT o.number
              FROM orders_order o
             WHERE o.payment_status IN ('refunded', 'partially_refunded')
               AND NOT EXISTS (
                   SELECT 1
                     FROM payments_paymentattempt attempt
                     JOIN payments_gatewaytransaction given
                       ON given.attempt_id = attempt.id
                    WHERE attempt.order_id = o.id
                      AND (given.returned_total > 0
                           OR given.status IN ('refund', 'partial_refund')
                           AND given.refunded_total > 0))
        """,
    ),
    Invariant(
        name="money_moves_its_order",
        says="No order waits for payment while the shop holds its money.",
        sql="""
            SELECT DISTINCT o.number
              FROM orders_order o
              JOIN payments_paymentattempt attempt ON attempt.order_id = o.id
              JOIN payments_gatewaytransaction held ON held.attempt_id = attempt.id
             WHERE o.status = 'pending' AND held.status IN ('capture', 'settlement')
        """,
    ),
    Invariant(
        name="paid_order_was_confirmed",
        says="No order counts as paid without word of Midtrans that was applied.",
        sql="""
            SELECT o.number
              FROM orders_order o
             WHERE o.paid_at IS NOT NULL AND NOT EXISTS (
                   SELECT 1
                     FROM payments_paymentattempt attempt
                     JOIN payments_gatewayevent event
                       ON event.provider_order_id = attempt.provider_order_id
                    WHERE attempt.order_id = o.id AND event.outcome = 'applied')
        """,
    ),
    Invariant(
        name="money_has_an_order",
        says="Nobody has paid for an order that the shop does not know.",
        # Until somebody of the staff has resolved it.
        sql="""
            SELECT subject FROM payments_paymentissue
             WHERE kind = 'unknown_order' AND resolved_at IS NULL
        """,
    ),
    Invariant(
        name="order_is_paid_once",
        says="An order paid twice is before the staff, or its money is going back.",
        sql="""
            SELECT o.number
              FROM orders_order o
              JOIN payments_paymentattempt attempt ON attempt.order_id = o.id
              JOIN payments_gatewaytransaction held ON held.attempt_id = attempt.id
             WHERE held.status IN ('capture', 'settlement', 'partial_refund')
             GROUP BY o.id
            HAVING count(*) > 1 AND NOT EXISTS (
                   SELECT 1 FROM payments_paymentissue issue
                    WHERE issue.order_id = o.id
                      AND issue.kind IN ('double_payment', 'late_payment'))
               AND NOT EXISTS (
                   SELECT 1 FROM payments_refund refund
                    WHERE refund.order_id = o.id
                      AND refund.state IN ('waiting', 'requested', 'accepted',
                                           'confirmed'))
        """,
    ),
    Invariant(
        name="refund_is_within_payment",
        says="No more is given back of a payment than was taken.",
        sql="""
            SELECT transaction_id FROM payments_gatewaytransaction
             WHERE refunded_total + returned_total NOT BETWEEN 0 AND gross_amount
                OR refund_claimed NOT BETWEEN 0 AND gross_amount
        """,
    ),
    *REFUND_INVARIANTS,
    Invariant(
        name="notifications_are_finished",
        says="No notification of Midtrans waits for more than half an hour.",
        sql=f"""
            SELECT 'event ' || id FROM payments_gatewayevent
             WHERE outcome = 'received' AND source = 'notification'
               AND received_at < now() - interval '{INBOX_LIMIT}'
        """,  # noqa: S608 a constant of ours
    ),
    Invariant(
        name="jobs_are_done",
        says="No job is due for more than half an hour.",
        sql=f"""
            SELECT job.task_name || ' ' || job.id
              FROM procrastinate_jobs job
              LEFT JOIN procrastinate_events event
                     ON event.job_id = job.id AND event.type = 'deferred'
             WHERE job.status = 'todo'
               AND coalesce(job.scheduled_at, event.at) < now() - interval '{JOB_LIMIT}'
        """,  # noqa: S608 a constant of ours
    ),
)
