"""What must hold of the stock."""

from karima.invariants import Invariant

INVARIANTS = (
    # I1 and I2 of operations: a balance is the sum of its ledger.
    Invariant(
        name="stock_is_its_ledger",
        says="Every balance, on hand and reserved, is the sum of its movements.",
        sql="""
            SELECT variant.sku
              FROM catalog_variant variant
              LEFT JOIN catalog_stock stock ON stock.variant_id = variant.id
              LEFT JOIN (
                   SELECT variant_id, sum(delta_on_hand) AS on_hand,
                          sum(delta_reserved) AS reserved
                     FROM catalog_stockmovement GROUP BY variant_id
                   ) ledger ON ledger.variant_id = variant.id
             WHERE coalesce(stock.on_hand, 0) <> coalesce(ledger.on_hand, 0)
                OR coalesce(stock.reserved, 0) <> coalesce(ledger.reserved, 0)
        """,
    ),
    Invariant(
        name="stock_is_not_negative",
        says="Nothing is on hand below zero, and no more is reserved than is on hand.",
        sql="""
            SELECT variant.sku
              FROM catalog_stock stock
              JOIN catalog_variant variant ON variant.id = stock.variant_id
             WHERE NOT (stock.reserved BETWEEN 0 AND stock.on_hand)
        """,
    ),
)
