"""Photos: what is uploaded is checked, made anew, and stored in several widths.

Nothing else puts an upload into the store.
"""

from catalog.services.media.discarding import (
    GRACE,
    discard,
    due,
    forget,
    names_of,
    remove,
)
from catalog.services.media.encoding import PictureRefused, PicturesBusy
from catalog.services.media.listing import shown_folders, stored
from catalog.services.media.storing import (
    MediaUnavailable,
    Picture,
    answering,
    store,
    store_own,
)

__all__ = [
    "GRACE",
    "MediaUnavailable",
    "Picture",
    "PictureRefused",
    "PicturesBusy",
    "answering",
    "discard",
    "due",
    "forget",
    "names_of",
    "remove",
    "shown_folders",
    "store",
    "store_own",
    "stored",
]
