"""Files on their way: received and checked, started, worked off, gone on with."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from catalog.models import ImportFile, ImportRow
from catalog.services.imports import writing
from catalog.services.imports.checking import check
from catalog.services.imports.columns import COLUMNS
from catalog.services.imports.reading import Line, UnreadableFile, read
from catalog.services.stock import Reason
from karima.errors import Conflict
from karima.jobs import enqueue

logger = logging.getLogger(__name__)

State = ImportFile.State
JOB = "catalog.tasks.run_import"
# Written with one transaction: what a killed worker loses, and how often a page that
# shows the progress sees it move.
BATCH = 100
# A worker that was not heard of for so long is gone.
SILENCE = timedelta(minutes=2)


class ImportNotWaiting(Conflict):
    code = "import_not_waiting"
    title = "Import not waiting"
    detail = "Impor ini sudah berjalan, selesai, atau dibatalkan."


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many rows became what."""

    total: int
    waiting: int
    created: int
    updated: int
    same: int
    failed: int
    bad: int

    @property
    def percent(self) -> int:
        """Return how much of what was to be written has been tried."""
        good = self.total - self.bad
        return 100 if not good else 100 * (good - self.waiting) // good


def receive(data: bytes, *, name: str, actor: User) -> ImportFile:
    """Read and check a file and keep its rows; nothing else is written.

    Opens its own transaction. Raises UnreadableFile, also for a column that the actor
    may not write.
    """
    lines = read(data)
    _refuse_columns(lines, actor)
    checked = check(lines)
    bad = [row for row in checked if row.errors]
    with transaction.atomic(durable=True):
        file = ImportFile.objects.create(
            name=name[:120], actor=actor, row_count=len(lines), bad_count=len(bad)
        )
        ImportRow.objects.bulk_create(
            (
                ImportRow(
                    file=file,
                    number=row.line.number,
                    cells=row.line.cells,
                    state=ImportRow.State.BAD if row.errors else ImportRow.State.GOOD,
                    errors=row.errors,
                )
                for row in checked
            ),
            batch_size=1000,
        )
    return file


def start(file_id: UUID, *, stock_reason: str = Reason.COUNTED) -> None:
    """Have the worker take over the good rows. Opens its own transaction.

    `stock_reason`, of `StockMovement.Reason`, says why the stock of SKU changes that
    were known before. Raises ImportNotWaiting for a file that was started before.
    """
    with transaction.atomic(durable=True):
        _move(
            file_id,
            State.RUNNING,
            beat_at=timezone.now(),
            stock_reason=stock_reason,
        )
        enqueue(JOB, file_id=str(file_id))


def cancel(file_id: UUID) -> None:
    """Put a file that was not started aside. Raises ImportNotWaiting."""
    with transaction.atomic(durable=True):
        _move(file_id, State.CANCELLED, finished_at=timezone.now())


def run(file_id: UUID) -> None:
    """Work the file off. Opens a transaction for each batch of rows.

    A row is done when its batch commits, so a second run after a kill goes on where
    the first one was; two at once take turns.
    """
    while _run_batch(file_id):
        pass


def continue_stopped() -> int:
    """Go on with files whose worker is gone; return how many. Opens a transaction."""
    with transaction.atomic(durable=True):
        silent = ImportFile.objects.select_for_update(skip_locked=True).filter(
            state=State.RUNNING, beat_at__lt=timezone.now() - SILENCE
        )
        found = list(silent.order_by("pk"))
        for file in found:
            file.beat_at = timezone.now()
            file.save(update_fields=["beat_at"])
            enqueue(JOB, file_id=str(file.pk))
            logger.warning("import_continued", extra={"job": str(file.pk)})
    return len(found)


def progress(file: ImportFile) -> Progress:
    """Return how far the file is, in one query."""
    counts: Counter[str] = Counter(
        dict(file.rows.order_by().values_list("state").annotate(Count("pk")))
    )
    return Progress(
        total=file.row_count,
        waiting=counts["good"],
        created=counts["created"],
        updated=counts["updated"],
        same=counts["same"],
        failed=counts["failed"],
        bad=counts["bad"],
    )


def _refuse_columns(lines: list[Line], actor: User) -> None:
    given = {name for line in lines for name in line.cells}
    for column in COLUMNS.values():
        barred = column.permission and not actor.has_perm(column.permission)
        if column.name in given and barred:
            message = f"Anda tidak berhak mengisi kolom {column.name}. Hapus kolomnya."
            raise UnreadableFile(message)


def _move(file_id: UUID, state: str, **values: object) -> None:
    waiting = ImportFile.objects.filter(pk=file_id, state=State.CHECKED)
    if not waiting.update(state=state, **values):
        raise ImportNotWaiting


def _run_batch(file_id: UUID) -> bool:
    """Write the next rows; false when there are none."""
    with transaction.atomic(durable=True):
        running = ImportFile.objects.filter(pk=file_id, state=State.RUNNING)
        file = running.select_for_update(of=("self",)).select_related("actor").first()
        if file is None:
            return False
        waiting = file.rows.filter(state=ImportRow.State.GOOD)
        rows = list(waiting.order_by("number")[:BATCH])
        if rows:
            writing.write(rows, file=file)
            ImportRow.objects.bulk_update(rows, ["state", "errors"])
        else:
            file.state, file.finished_at = State.DONE, timezone.now()
        file.beat_at = timezone.now()
        file.save(update_fields=["state", "beat_at", "finished_at"])
    return bool(rows)
