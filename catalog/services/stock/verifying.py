"""The proof that every balance is the sum of its movements."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Difference:
    """A balance that is not the sum of its movements."""

    variant_id: int
    sku: str
    on_hand: int
    reserved: int
    ledger_on_hand: int
    ledger_reserved: int


_DIFFERENCES = """
SELECT variant.id, variant.sku,
       COALESCE(stock.on_hand, 0), COALESCE(stock.reserved, 0),
       COALESCE(ledger.on_hand, 0), COALESCE(ledger.reserved, 0)
  FROM catalog_variant variant
  LEFT JOIN catalog_stock stock ON stock.variant_id = variant.id
  LEFT JOIN (
       SELECT variant_id, SUM(delta_on_hand) AS on_hand,
              SUM(delta_reserved) AS reserved
         FROM catalog_stockmovement GROUP BY variant_id
       ) ledger ON ledger.variant_id = variant.id
 WHERE (COALESCE(stock.on_hand, 0), COALESCE(stock.reserved, 0))
    <> (COALESCE(ledger.on_hand, 0), COALESCE(ledger.reserved, 0))
 ORDER BY variant.id
"""


def verify() -> Iterator[Difference]:
    """Yield every variant whose balance is not the sum of its movements."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        for row in cursor.fetchall():
            yield Difference(*row)
