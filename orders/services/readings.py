"""What Prometheus reads of orders. Events are append-only, so counts of them grow."""

from karima.readings import Reading

READINGS = (
    Reading(
        name="karima_orders_created_total",
        help="Orders placed",
        sql="SELECT count(*) FROM orders_orderevent WHERE kind = 'placed'",
    ),
    Reading(
        name="karima_orders_paid_total",
        help="Times that an order was accepted as paid",
        sql="""
            SELECT count(*) FROM orders_orderevent
             WHERE kind = 'status' AND to_value = 'confirmed'
        """,
    ),
    Reading(
        name="karima_order_value_rupiah_total",
        help="Rupiah of the orders that were accepted as paid",
        sql="""
            SELECT coalesce(sum(o.grand_total), 0)
              FROM orders_orderevent event JOIN orders_order o ON o.id = event.order_id
             WHERE event.kind = 'status' AND event.to_value = 'confirmed'
        """,
    ),
    Reading(
        name="karima_reservation_expired_total",
        help="Orders whose stock was released because nobody paid",
        sql="""
            SELECT count(*) FROM orders_orderevent
             WHERE kind = 'status' AND to_value = 'expired'
        """,
    ),
    Reading(
        name="karima_orders",
        help="Orders by status",
        labels=("status",),
        sql="SELECT status, count(*) FROM orders_order GROUP BY 1",
    ),
    Reading(
        name="karima_reservations_live",
        help="Pieces reserved for orders that have not left",
        sql="SELECT coalesce(sum(reserved), 0) FROM catalog_stock",
    ),
    Reading(
        name="karima_carts_used",
        help="Open carts touched in the last hour",
        sql="""
            SELECT count(*) FROM orders_cart
             WHERE state = 'open' AND updated_at > now() - interval '1 hour'
        """,
    ),
)
