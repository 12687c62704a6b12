"""Take over SKU from a file: read it, check every row, then write the good ones."""

from catalog.services.imports.checking import Checked, check
from catalog.services.imports.columns import COLUMNS
from catalog.services.imports.reading import (
    MAX_BYTES,
    MAX_ROWS,
    Line,
    UnreadableFile,
    read,
)
from catalog.services.imports.running import (
    ImportNotWaiting,
    cancel,
    continue_stopped,
    progress,
    receive,
    run,
    start,
)

__all__ = [
    "COLUMNS",
    "MAX_BYTES",
    "MAX_ROWS",
    "Checked",
    "ImportNotWaiting",
    "Line",
    "UnreadableFile",
    "cancel",
    "check",
    "continue_stopped",
    "progress",
    "read",
    "receive",
    "run",
    "start",
]
