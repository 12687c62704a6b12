"""What must hold of orders, their stock and their history."""

from karima.invariants import Invariant
from orders.models import Order
from orders.services.transitions import MOVES

Status = Order.Status

# The goods of these lie in the shop and are promised to their buyers.
RESERVING = (Status.PENDING, Status.CONFIRMED, Status.PROCESSING)
# Stock is held so long for a payment made in the last second; then somebody must look.
EXPIRY_LIMIT = "30 minutes"
KEY_LIMIT = "10 minutes"

RESERVED_IS_ORDERS = Invariant(
    name="stock_reserved_is_orders",
    says="What is reserved of a variant is what unshipped orders hold of it.",
    sql="""
        SELECT variant.sku
          FROM catalog_variant variant
          LEFT JOIN catalog_stock stock ON stock.variant_id = variant.id
          LEFT JOIN (
               SELECT line.variant_id, sum(line.quantity) AS quantity
                 FROM orders_orderline line
                 JOIN orders_order o ON o.id = line.order_id
                WHERE o.status = ANY(%(reserving)s)
                GROUP BY 1
               ) held ON held.variant_id = variant.id
         WHERE coalesce(stock.reserved, 0) <> coalesce(held.quantity, 0)
    """,
    parameters={"reserving": [str(status) for status in RESERVING]},
)

INVARIANTS = (
    RESERVED_IS_ORDERS,
    Invariant(
        name="flash_sales_are_held_by_living_orders",
        says="An order that ended unpaid holds nothing of a flash sale.",
        sql="""
            SELECT o.number
              FROM orders_order o
              JOIN catalog_flashsaletaking taking
                ON split_part(taking.reference, '/', 1) = o.number
               AND taking.released_at IS NULL
             WHERE o.status IN ('expired', 'cancelled')
        """,
    ),
    Invariant(
        name="order_total_is_its_lines",
        says="An order's total is its lines, less discount, plus shipping.",
        sql="""
            SELECT o.number
              FROM orders_order o
              LEFT JOIN orders_orderline line ON line.order_id = o.id
             GROUP BY o.id
            HAVING o.items_total <> coalesce(sum(line.total), 0)
                OR o.grand_total <> o.items_total - o.discount_total + o.shipping_cost
        """,
    ),
    Invariant(
        name="order_bundle_total_is_its_lines",
        says="The lines of a bundle share its price out without losing a rupiah.",
        sql="""
            SELECT o.number
              FROM orders_orderbundle bundle
              JOIN orders_order o ON o.id = bundle.order_id
              LEFT JOIN orders_orderline line ON line.bundle_id = bundle.id
             GROUP BY o.number, bundle.id
            HAVING bundle.total <> coalesce(sum(line.total), 0)
        """,
    ),
    Invariant(
        name="idempotency_keys_end",
        says="No keyed request is still running after ten minutes.",
        sql=f"""
            SELECT 'key ' || id FROM orders_idempotencyrecord
             WHERE state = 'started' AND locked_at < now() - interval '{KEY_LIMIT}'
        """,  # noqa: S608 a constant of ours
    ),
    Invariant(
        name="unpaid_orders_end",
        says="No unpaid order holds stock half an hour past its time.",
        # A card that a person has to judge is held on purpose.
        sql=f"""
            SELECT number FROM orders_order
             WHERE status = 'pending' AND payment_status <> 'challenge'
               AND expires_at < now() - interval '{EXPIRY_LIMIT}'
        """,  # noqa: S608 a constant of ours
    ),
    Invariant(
        name="order_history_is_legal",
        says="Every change of an order's status is an event, each a legal move.",
        sql="""
            SELECT o.number
              FROM orders_order o
              LEFT JOIN (
                   SELECT order_id, to_value, kind,
                          lag(to_value, 1, '') OVER story = from_value
                          AND CASE kind WHEN 'placed'
                                   THEN lag(kind) OVER story IS NULL
                                   ELSE from_value || '>' || to_value = ANY(%(moves)s)
                              END AS is_legal,
                          row_number() OVER (PARTITION BY order_id ORDER BY id DESC)
                          = 1 AS is_last
                     FROM orders_orderevent
                    WHERE kind IN ('placed', 'status')
                   WINDOW story AS (PARTITION BY order_id ORDER BY id)
                   ) event ON event.order_id = o.id
             GROUP BY o.id
            HAVING bool_and(event.is_legal) IS NOT TRUE
                OR max(event.to_value) FILTER (WHERE event.is_last)
                   IS DISTINCT FROM o.status
        """,
        parameters={
            "moves": [
                f"{before}>{after}" for before in MOVES for after in MOVES[before]
            ]
        },
    ),
)
