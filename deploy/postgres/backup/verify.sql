-- What must hold in a restored copy of the shop: one row for each thing that does not.
-- `manage.py check_invariants` knows more; this needs no more than psql.
SELECT 'stock of variant ' || s.variant_id || ' is not the sum of its movements' AS fault
FROM catalog_stock s
LEFT JOIN (
    SELECT variant_id, sum(delta_on_hand) AS on_hand, sum(delta_reserved) AS reserved
    FROM catalog_stockmovement GROUP BY 1
) m USING (variant_id)
WHERE s.on_hand <> coalesce(m.on_hand, 0) OR s.reserved <> coalesce(m.reserved, 0)
UNION ALL
SELECT 'order ' || o.number || ' is not the sum of its lines'
FROM orders_order o
LEFT JOIN (SELECT order_id, sum(total) AS total FROM orders_orderline GROUP BY 1) l
    ON l.order_id = o.id
WHERE o.items_total <> coalesce(l.total, 0)
   OR o.grand_total <> o.items_total - o.discount_total + o.shipping_cost
UNION ALL
SELECT 'order ' || o.number || ' has no event that placed it'
FROM orders_order o
WHERE NOT EXISTS (
    SELECT FROM orders_orderevent e WHERE e.order_id = o.id AND e.kind = 'placed'
)
ORDER BY 1
