"""What a product repeats of its variants and options, for lists and the search."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

# Weights: A the name and the SKUs, B what it is, C its colors, D the description. Each
# text is read twice: as it is, and by its Indonesian stems, since the stemmer treats
# alike words unequally. A SKU is one word, whole: its parts mean nothing.
# An offer is a variant at the price for everybody, that of a flash sale if one is on.
_SUMMARIZE = """
WITH offer AS (
    SELECT variant.id, variant.product_id, variant.sku, variant.color_id,
           variant.size_id, LEAST(variant.price, flash.price) AS price,
           COALESCE(variant.compare_at_price,
                    CASE WHEN flash.price < variant.price THEN variant.price END)
           AS compare_at_price
      FROM catalog_variant variant
      LEFT JOIN (catalog_flashsaleitem flash
                 JOIN catalog_flashsale sale
                   ON sale.id = flash.sale_id AND sale.is_published)
             ON flash.variant_id = variant.id AND flash.sold < flash.quota
            AND flash.starts_at <= %(at)s AND flash.ends_at > %(at)s
     WHERE variant.product_id = ANY(%(ids)s) AND variant.is_active
), summary AS (
    SELECT product.id,
           MIN(variant.price) AS price_min,
           MAX(variant.price) AS price_max,
           COALESCE(MAX((variant.compare_at_price - variant.price) * 100
                        / variant.compare_at_price), 0) AS discount_percent,
           COALESCE(BOOL_OR(stock.on_hand > stock.reserved), FALSE) AS in_stock,
           COALESCE(ARRAY_AGG(DISTINCT variant.color_id)
                    FILTER (WHERE variant.id IS NOT NULL), '{}') AS color_ids,
           COALESCE(ARRAY_AGG(DISTINCT variant.size_id)
                    FILTER (WHERE variant.id IS NOT NULL), '{}') AS size_ids,
           LOWER(CONCAT_WS(' ', product.name,
                           STRING_AGG(variant.sku, ' ' ORDER BY variant.sku),
                           material.name, product.description)) AS search_text,
           COALESCE(ARRAY_AGG(DISTINCT LOWER(variant.sku))
                    FILTER (WHERE variant.id IS NOT NULL), '{}') AS skus,
           STRING_AGG(DISTINCT color.name || ' ' || color.family, ' ') AS colors,
           CONCAT_WS(' ', product.brand, material.name, category.name) AS kind,
           product.name, product.description,
           ARRAY_REMOVE(
               ARRAY(SELECT 'category:' || above.id FROM catalog_category above
                      WHERE STARTS_WITH(category.path, above.path))
               || COALESCE(
                      ARRAY_AGG(DISTINCT 'color:' || REPLACE(color.family, ' ', '-'))
                      FILTER (WHERE color.id IS NOT NULL), '{}')
               || COALESCE(ARRAY_AGG(DISTINCT 'shade:' || color.id)
                           FILTER (WHERE color.id IS NOT NULL), '{}')
               || COALESCE(ARRAY_AGG(DISTINCT 'size:' || variant.size_id)
                           FILTER (WHERE variant.id IS NOT NULL), '{}')
               || ARRAY['material:' || material.family, 'fabric:' || material.id,
                        'brand:' || LOWER(NULLIF(product.brand, '')),
                        'opacity:' || NULLIF(product.opacity, ''),
                        'lining:' || NULLIF(product.lining, ''),
                        'stretch:' || NULLIF(product.stretch, ''),
                        'sleeve:' || NULLIF(product.sleeve, ''),
                        'cut:' || NULLIF(product.cut, ''),
                        'motif:' || NULLIF(product.motif, ''),
                        CASE WHEN product.is_busui_friendly THEN 'busui:true' END,
                        CASE WHEN product.is_wudhu_friendly THEN 'wudhu:true' END,
                        CASE WHEN product.is_featured THEN 'featured:true' END,
                        CASE WHEN BOOL_OR(stock.on_hand > stock.reserved)
                             THEN 'in_stock:true' END,
                        CASE WHEN BOOL_OR(variant.compare_at_price > variant.price)
                             THEN 'on_sale:true' END],
               NULL) AS filter_terms
      FROM catalog_product product
      JOIN catalog_category category ON category.id = product.category_id
      LEFT JOIN offer variant ON variant.product_id = product.id
      LEFT JOIN catalog_color color ON color.id = variant.color_id
      LEFT JOIN catalog_stock stock ON stock.variant_id = variant.id
      LEFT JOIN catalog_material material ON material.id = product.material_id
     WHERE product.id = ANY(%(ids)s)
     GROUP BY product.id, material.id, category.id
), words AS (
    SELECT id,
           SETWEIGHT(TO_TSVECTOR('simple', name)
                     || TO_TSVECTOR('indonesian', name), 'A')
           || ARRAY_TO_TSVECTOR(skus)
           || SETWEIGHT(TO_TSVECTOR('simple', kind)
                        || TO_TSVECTOR('indonesian', kind), 'B')
           || SETWEIGHT(TO_TSVECTOR('simple', COALESCE(colors, '')), 'C')
           || SETWEIGHT(TO_TSVECTOR('simple', description)
                        || TO_TSVECTOR('indonesian', description), 'D')
           AS search_vector
      FROM summary
), changed AS (
    UPDATE catalog_product product
       SET price_min = summary.price_min, price_max = summary.price_max,
           discount_percent = summary.discount_percent, in_stock = summary.in_stock,
           color_ids = summary.color_ids, size_ids = summary.size_ids,
           search_text = summary.search_text, search_vector = words.search_vector,
           filter_terms = summary.filter_terms
      FROM summary JOIN words USING (id)
     WHERE product.id = summary.id
       AND (product.price_min, product.price_max, product.discount_percent,
            product.in_stock, product.color_ids, product.size_ids,
            product.search_text, product.search_vector, product.filter_terms)
           IS DISTINCT FROM
           (summary.price_min, summary.price_max, summary.discount_percent,
            summary.in_stock, summary.color_ids, summary.size_ids,
            summary.search_text, words.search_vector, summary.filter_terms)
    RETURNING product.id
), said AS (
    SELECT lexeme AS word, BOOL_OR(is_name) AS is_name
      FROM changed JOIN summary USING (id)
      CROSS JOIN LATERAL (
          SELECT lexeme, TRUE AS is_name
            FROM UNNEST(TO_TSVECTOR('simple', CONCAT_WS(' ', name, kind, colors)))
           UNION ALL
          SELECT lexeme, FALSE FROM UNNEST(TO_TSVECTOR('simple', description))
      ) AS lexemes
     WHERE lexeme ~ '^[[:alpha:]]{3,40}$'
     GROUP BY lexeme
), learnt AS (
    INSERT INTO catalog_searchword AS known (word, is_name)
    SELECT word, is_name FROM said
     WHERE NOT EXISTS (SELECT FROM catalog_searchword known
                        WHERE known.word = said.word
                          AND known.is_name >= said.is_name)
     ORDER BY word COLLATE "C"
    ON CONFLICT (word) DO UPDATE SET is_name = TRUE WHERE EXCLUDED.is_name
)
SELECT id FROM changed
"""

_FORGET = """
DELETE FROM catalog_searchword known
 WHERE NOT EXISTS (SELECT FROM catalog_product
                    WHERE search_vector @@ QUOTE_LITERAL(known.word)::tsquery)
   AND NOT EXISTS (SELECT FROM catalog_searchsynonym synonym, UNNEST(words) AS phrase
                    WHERE known.word = ANY(STRING_TO_ARRAY(phrase, ' ')))
"""


def summarize(cursor: Any, product_ids: Sequence[int], *, at: datetime) -> set[int]:
    """Bring the summaries of these products up to date; return whose were not.

    They say the prices of that moment.

    Words that the search did not know are learnt, in their order: two changes that
    learn the same ones at once wait for each other in one direction only.
    """
    cursor.execute(_SUMMARIZE, {"ids": product_ids, "at": at})
    return {product_id for (product_id,) in cursor.fetchall()}


def forget_words() -> None:
    """Forget the words that neither a product nor a synonym says."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET)
