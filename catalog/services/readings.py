"""What Prometheus reads of the stock."""

from karima.readings import Reading

READINGS = (
    Reading(
        name="karima_stock_variants",
        help="Variants on sale by what is left; few is the threshold or less",
        labels=("left",),
        sql="""
            SELECT CASE WHEN coalesce(on_hand - reserved, 0) <= 0 THEN 'none'
                        WHEN on_hand - reserved <= low_stock_threshold THEN 'few'
                        ELSE 'enough' END,
                   count(*)
              FROM catalog_variant variant
              LEFT JOIN catalog_stock stock ON stock.variant_id = variant.id
             WHERE variant.is_active
             GROUP BY 1
        """,
    ),
)
