"""What must hold of money that goes back."""

from karima.invariants import Invariant

# Midtrans's word on the transaction follows its acceptance of a refund by seconds.
NEWS_LIMIT = "30 minutes"
SEND_LIMIT = "30 minutes"

REFUND_INVARIANTS = (
    Invariant(
        name="refunds_are_recorded",
        says="Midtrans has given back of a payment what the shop's refunds say.",
        # A dispute has its own issue, and what no refund explains has one too.
        sql=f"""
            SELECT paid.transaction_id
              FROM payments_gatewaytransaction paid
              LEFT JOIN payments_refund refund
                     ON refund.transaction_id = paid.id
                    AND refund.kind IN ('gateway', 'dashboard')
                    AND refund.state IN ('accepted', 'confirmed')
             WHERE paid.status NOT IN ('chargeback', 'partial_chargeback')
               AND NOT EXISTS (
                   SELECT 1 FROM payments_paymentissue issue
                    WHERE issue.kind = 'refund_differs'
                      AND issue.subject = paid.transaction_id)
             GROUP BY paid.id
            HAVING paid.refunded_total <> coalesce(sum(refund.amount), 0)
               AND coalesce(max(refund.accepted_at), '-infinity')
                   < now() - interval '{NEWS_LIMIT}'
        """,  # noqa: S608 a constant of ours
    ),
    Invariant(
        name="transfers_are_recorded",
        says="What went back by bank or as a voided card is the sum of its refunds.",
        sql="""
            SELECT paid.transaction_id
              FROM payments_gatewaytransaction paid
              LEFT JOIN payments_refund refund
                     ON refund.transaction_id = paid.id
                    AND refund.kind IN ('manual', 'void')
                    AND refund.state = 'confirmed'
             GROUP BY paid.id
            HAVING paid.returned_total <> coalesce(sum(refund.amount), 0)
        """,
    ),
    Invariant(
        name="refund_claims_add_up",
        says="What refunds hold of a payment is the sum of those that are alive.",
        sql="""
            SELECT paid.transaction_id
              FROM payments_gatewaytransaction paid
              LEFT JOIN payments_refund refund
                     ON refund.transaction_id = paid.id
                    AND refund.kind <> 'dashboard'
                    AND refund.state IN ('waiting', 'requested', 'accepted',
                                         'confirmed')
             GROUP BY paid.id
            HAVING paid.refund_claimed <> coalesce(sum(refund.amount), 0)
        """,
    ),
    Invariant(
        name="ended_order_keeps_no_money",
        says="The money of an ended order is going back, or is before the staff.",
        sql="""
            SELECT o.number
              FROM orders_order o
             WHERE o.status IN ('cancelled', 'expired')
               AND o.payment_status IN ('paid', 'partially_refunded')
               AND NOT EXISTS (
                   SELECT 1 FROM payments_paymentissue issue
                    WHERE issue.order_id = o.id)
               AND NOT EXISTS (
                   SELECT 1 FROM payments_refund refund
                    WHERE refund.order_id = o.id
                      AND refund.state IN ('waiting', 'requested', 'accepted',
                                           'confirmed'))
        """,
    ),
    Invariant(
        name="refunds_are_sent",
        says="No refund waits for half an hour to be sent to Midtrans.",
        sql=f"""
            SELECT refund_key FROM payments_refund
             WHERE state = 'requested' AND kind IN ('gateway', 'void')
               AND next_try_at < now() - interval '{SEND_LIMIT}'
        """,  # noqa: S608 a constant of ours
    ),
)
