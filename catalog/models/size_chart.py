"""Size charts: what a size measures, in centimetres."""

from django.db import models
from django.db.models import F, Q


class SizeChart(models.Model):
    """Measurements of the garment for each size, for a category or one product."""

    name = models.CharField("nama", max_length=80, unique=True)
    note = models.TextField(
        "catatan",
        blank=True,
        help_text="Cara mengukur, toleransi jahitan.",
    )

    class Meta:
        verbose_name = "tabel ukuran"
        verbose_name_plural = "tabel ukuran"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SizeMeasurement(models.Model):
    """One cell of a chart, in centimetres; `cm_to` makes it a range."""

    class Measure(models.TextChoices):
        CHEST = "LD", "Lingkar dada"
        LENGTH = "PB", "Panjang baju"
        SLEEVE = "LP", "Panjang lengan"
        SHOULDER = "LB", "Lebar bahu"
        WAIST = "LPG", "Lingkar pinggang"
        HIP = "LPL", "Lingkar pinggul"
        ARMHOLE = "LK", "Lingkar kerung lengan"
        HEM = "LBW", "Lebar bawah"
        INSEAM = "PC", "Panjang celana atau rok"
        HEAD = "LKP", "Lingkar kepala"
        WIDTH = "L", "Lebar kain"

    chart = models.ForeignKey(
        SizeChart, on_delete=models.CASCADE, related_name="measurements"
    )
    size = models.ForeignKey(
        "catalog.Size", on_delete=models.PROTECT, verbose_name="ukuran"
    )
    measure = models.CharField("bagian", max_length=3, choices=Measure.choices)
    cm = models.DecimalField("cm", max_digits=5, decimal_places=1)
    cm_to = models.DecimalField(
        "sampai cm", max_digits=5, decimal_places=1, null=True, blank=True
    )

    class Meta:
        verbose_name = "ukuran dalam cm"
        verbose_name_plural = "ukuran dalam cm"
        ordering = ["size__position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["chart", "size", "measure"], name="measurement_once"
            ),
            models.CheckConstraint(
                name="measurement_is_a_length",
                condition=Q(cm__gt=0) & (Q(cm_to__isnull=True) | Q(cm_to__gt=F("cm"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.cm} cm"
