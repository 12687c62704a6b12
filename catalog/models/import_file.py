"""A file of SKU that the staff sent: its rows, their faults, and how far it is."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from karima.ids import uuid7


class ImportFile(models.Model):
    """Checked when it is sent; its good rows are taken over when somebody says so."""

    class State(models.TextChoices):
        CHECKED = "checked", "Diperiksa"
        RUNNING = "running", "Berjalan"
        DONE = "done", "Selesai"
        CANCELLED = "cancelled", "Dibatalkan"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField("berkas", max_length=120)
    state = models.CharField(
        "keadaan", max_length=10, choices=State.choices, default=State.CHECKED
    )
    # Of `StockMovement.Reason`; chosen when the file is started.
    stock_reason = models.CharField(max_length=10, blank=True, db_default="")
    row_count = models.PositiveIntegerField("baris")
    bad_count = models.PositiveIntegerField("salah")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="oleh",
    )
    created_at = models.DateTimeField("dikirim", auto_now_add=True)
    # When the worker was last at it; long ago means that it was killed.
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField("selesai", null=True)

    class Meta:
        verbose_name = "impor SKU"
        verbose_name_plural = "impor SKU"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="import_state_is_known",
                condition=Q(state__in=["checked", "running", "done", "cancelled"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """One row: the text of its cells by column, and what became of it."""

    class State(models.TextChoices):
        GOOD = "good", "Siap"
        BAD = "bad", "Salah"
        CREATED = "created", "Dibuat"
        UPDATED = "updated", "Diubah"
        SAME = "same", "Sama"
        FAILED = "failed", "Gagal"

    file = models.ForeignKey(ImportFile, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    cells = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices)
    # Rows of {"field", "message"}.
    errors = models.JSONField(default=list)

    class Meta:
        verbose_name = "baris impor"
        verbose_name_plural = "baris impor"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="import_row_once"),
            models.CheckConstraint(
                name="import_row_state_is_known",
                condition=Q(
                    state__in=["good", "bad", "created", "updated", "same", "failed"]
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["file", "number"],
                name="import_row_waiting",
                condition=Q(state="good"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)
