"""Who changed what of the catalogue: what it was, what it became."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class ChangeBatch(models.Model):
    """What one member of staff saved at once. Append-only, which a trigger enforces."""

    class Source(models.TextChoices):
        FORM = "form", "Formulir"
        GRID = "grid", "Tabel SKU"
        PRICE = "price", "Harga massal"
        STATUS = "status", "Jual/arsip massal"
        MATRIX = "matrix", "Pembuat SKU"
        IMPORT = "import", "Impor"
        UNDO = "undo", "Pembatalan"
        PROGRAM = "program", "Program"

    source = models.CharField("cara", max_length=10, choices=Source.choices)
    title = models.CharField("ringkasan", max_length=120)
    note = models.CharField("alasan", max_length=200, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="oleh",
    )
    undoes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="undone_by",
        verbose_name="membatalkan",
    )
    created_at = models.DateTimeField("waktu", auto_now_add=True)

    class Meta:
        verbose_name = "perubahan katalog"
        verbose_name_plural = "riwayat perubahan"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="change_source_is_known",
                condition=Q(
                    source__in=[
                        "form",
                        "grid",
                        "price",
                        "status",
                        "matrix",
                        "import",
                        "undo",
                        "program",
                    ]
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FieldChange(models.Model):
    """One field of a product, or of one of its variants. Append-only, as above.

    What was made new has the field `created`.
    """

    batch = models.ForeignKey(
        ChangeBatch, on_delete=models.PROTECT, related_name="changes"
    )
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.PROTECT, related_name="changes"
    )
    variant = models.ForeignKey(
        "catalog.Variant", on_delete=models.PROTECT, null=True, related_name="changes"
    )
    field = models.CharField(max_length=40)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        verbose_name = "nilai yang berubah"
        verbose_name_plural = "nilai yang berubah"
        ordering = ["id"]
        indexes = [models.Index(fields=["product", "-id"], name="change_of_product")]

    def __str__(self) -> str:
        return self.field
