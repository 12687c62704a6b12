"""What must hold of stock and prices."""

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
    Invariant(
        name="prices_are_their_history",
        says="A price that was ever changed is what its latest change says.",
        sql="""
            SELECT variant.sku
              FROM catalog_variant variant
              JOIN LATERAL (
                   SELECT after FROM catalog_fieldchange
                    WHERE variant_id = variant.id AND field = 'price'
                    ORDER BY id DESC LIMIT 1
                   ) latest ON TRUE
             WHERE latest.after IS DISTINCT FROM to_jsonb(variant.price)
        """,
    ),
    Invariant(
        name="flash_sales_are_their_takings",
        says="What is sold of a flash sale's quota is what orders took and hold.",
        sql="""
            SELECT 'flash sale item ' || item.id
              FROM catalog_flashsaleitem item
              LEFT JOIN (
                   SELECT item_id, sum(quantity) AS quantity
                     FROM catalog_flashsaletaking
                    WHERE released_at IS NULL GROUP BY item_id
                   ) held ON held.item_id = item.id
             WHERE item.sold <> coalesce(held.quantity, 0)
        """,
    ),
    Invariant(
        name="flash_sale_limits_are_counted",
        says="What a customer has of a flash sale is what their orders took and hold.",
        sql="""
            SELECT 'flash sale ' || coalesce(buyer.sale_id, held.sale_id)
              FROM (SELECT * FROM catalog_flashsalebuyer
                     WHERE starts_with(buyer, 'customer:')) buyer
              FULL JOIN (
                   SELECT item.sale_id, variant.product_id, customer_key AS buyer,
                          sum(taking.quantity) AS quantity
                     FROM catalog_flashsaletaking taking
                     JOIN catalog_flashsaleitem item ON item.id = taking.item_id
                     JOIN catalog_variant variant ON variant.id = item.variant_id
                    WHERE released_at IS NULL AND customer_key <> ''
                    GROUP BY 1, 2, 3
                   ) held USING (sale_id, product_id, buyer)
             WHERE coalesce(buyer.quantity, 0) <> coalesce(held.quantity, 0)
        """,
    ),
    Invariant(
        name="product_has_one_primary_picture",
        says="A product that has pictures has exactly one that is its primary.",
        sql="""
            SELECT product.slug
              FROM catalog_productimage image
              JOIN catalog_product product ON product.id = image.product_id
             GROUP BY product.id
            HAVING count(*) FILTER (WHERE image.is_primary) <> 1
        """,
    ),
)
