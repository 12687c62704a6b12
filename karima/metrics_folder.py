"""Where gunicorn's processes keep their counts: one folder, a slot for each process.

Called by gunicorn's hooks. It does not import `karima.metrics`, which must be made in
the processes that count and not in the one above them.

A process that is replaced leaves its files to its successor in the same slot, so that
their number stays the number of processes however often gunicorn renews them; the
library's own way, a file for each process id, grows without end.
"""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
SLOT = "METRICS_SLOT"
MEMORY = Path("/dev/shm")  # noqa: S108 a folder of an unguessable name is made in it


def begin() -> Path:
    """Make the folder, or empty the one that the environment names, and return it.

    In memory where there is such a place: counts need not outlive the machine, and a
    disk would be written to with every request.
    """
    named = os.environ.get(FOLDER)
    if named:
        folder = Path(named)
        folder.mkdir(parents=True, exist_ok=True)
    else:
        where = MEMORY if MEMORY.is_dir() else None
        folder = Path(tempfile.mkdtemp(prefix="karima-metrics-", dir=where))
    for stale in folder.glob("*.db"):
        stale.unlink()
    os.environ[FOLDER] = str(folder)
    return folder


def free_slot(taken: Iterable[int]) -> int:
    """Return the lowest slot that no running process has."""
    used = set(taken)
    return next(slot for slot in range(len(used) + 1) if slot not in used)


def take(slot: int) -> None:
    """Have this process count in the slot. Before `karima.metrics` is imported."""
    os.environ[SLOT] = str(slot)


def leave(slot: int) -> None:
    """Forget what only holds of a running process. Its counts stay."""
    mark_process_dead(slot, os.environ[FOLDER])
