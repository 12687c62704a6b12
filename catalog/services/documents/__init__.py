"""Products as the public API shows them, ready to send.

`rewrite` is called in the transaction that changes what is shown of a product.
"""

from catalog.services.documents.bundle import available_of, rewrite_bundles
from catalog.services.documents.card import MEDIA, media_url
from catalog.services.documents.showing import (
    MAX_SHOWN_AVAILABLE,
    Shown,
    StockState,
    shown,
)
from catalog.services.documents.writing import (
    BATCH,
    follow_prices,
    rebuild,
    rewrite,
    rewrite_variants,
    rewrite_where,
    verify,
)

__all__ = [
    "BATCH",
    "MAX_SHOWN_AVAILABLE",
    "MEDIA",
    "Shown",
    "StockState",
    "available_of",
    "follow_prices",
    "media_url",
    "rebuild",
    "rewrite",
    "rewrite_bundles",
    "rewrite_variants",
    "rewrite_where",
    "shown",
    "verify",
]
