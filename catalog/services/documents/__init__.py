"""Products as the public API shows them, ready to send.

`rewrite` is called in the transaction that changes what is shown of a product.
"""

from catalog.services.documents.card import MEDIA, media_url
from catalog.services.documents.showing import Shown, StockState, shown
from catalog.services.documents.writing import (
    BATCH,
    rebuild,
    rewrite,
    rewrite_variants,
    rewrite_where,
    verify,
)

__all__ = [
    "BATCH",
    "MEDIA",
    "Shown",
    "StockState",
    "media_url",
    "rebuild",
    "rewrite",
    "rewrite_variants",
    "rewrite_where",
    "shown",
    "verify",
]
