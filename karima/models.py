"""What the operation of the shop writes down: a pulse, and how backups went."""

from django.db import models
from django.db.models import Q


class Heartbeat(models.Model):
    """One row, written every 30 seconds while worker and database are well.

    A restored copy says by it which moment it holds; and an idle database has something
    to archive.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    beat_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="heartbeat_is_one_row", condition=Q(id=1)),
        ]

    def __str__(self) -> str:
        return self.beat_at.isoformat()


class BackupRun(models.Model):
    """How a backup, a dump or a restore drill ended.

    The scripts of deploy/postgres/backup write the rows by SQL; nothing else does.
    """

    kind = models.CharField(max_length=20)
    ok = models.BooleanField()
    duration_seconds = models.PositiveIntegerField()
    finished_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "-finished_at"], name="backup_run_of_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {'ok' if self.ok else 'failed'} {self.finished_at}"
