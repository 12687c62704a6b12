"""Counts of the shelf: what was found, beside what the books said at that moment."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class StockTake(models.Model):
    """A session of counting; `services.stock_takes` writes it and its lines."""

    class State(models.TextChoices):
        COUNTING = "counting", "Sedang dihitung"
        APPLYING = "applying", "Sedang diterapkan"
        APPLIED = "applied", "Selesai"
        CANCELLED = "cancelled", "Dibatalkan"

    title = models.CharField("nama", max_length=80)
    # Empty: the whole shop.
    category = models.ForeignKey(
        "catalog.Category",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="kategori",
    )
    state = models.CharField(
        "keadaan", max_length=10, choices=State.choices, default=State.COUNTING
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="dibuka oleh",
    )
    opened_at = models.DateTimeField("dibuka", auto_now_add=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="diterapkan oleh",
    )
    closed_at = models.DateTimeField("ditutup", null=True)

    class Meta:
        verbose_name = "stok opname"
        verbose_name_plural = "stok opname"
        ordering = ["-id"]
        permissions = [("count_stock", "Can open a stock take and count")]
        constraints = [
            models.CheckConstraint(
                name="stock_take_state_is_known",
                condition=Q(state__in=["counting", "applying", "applied", "cancelled"]),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def reference(self) -> str:
        """Return the name under which the ledger has its movements."""
        return f"SO-{self.pk}"


class StockTakeLine(models.Model):
    """One variant: `counted` pieces while the books said `on_hand_then`.

    `movement_then` is the last movement of the variant at that moment, 0 if none.
    """

    class Outcome(models.TextChoices):
        APPLIED = "applied", "Diterapkan"
        SAME = "same", "Cocok"
        REFUSED = "refused", "Ditolak"

    take = models.ForeignKey(StockTake, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(
        "catalog.Variant", on_delete=models.PROTECT, related_name="+"
    )
    counted = models.PositiveIntegerField(null=True)
    on_hand_then = models.PositiveIntegerField(null=True)
    movement_then = models.BigIntegerField(null=True)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    counted_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    problem = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = "baris stok opname"
        verbose_name_plural = "baris stok opname"
        constraints = [
            models.UniqueConstraint(fields=["take", "variant"], name="take_line_once"),
            models.CheckConstraint(
                name="take_line_is_counted_whole",
                condition=Q(
                    counted=None,
                    on_hand_then=None,
                    movement_then=None,
                    counted_by=None,
                    counted_at=None,
                    outcome="",
                )
                | Q(
                    counted__isnull=False,
                    on_hand_then__isnull=False,
                    movement_then__isnull=False,
                    counted_by__isnull=False,
                    counted_at__isnull=False,
                    outcome__in=["", "applied", "same", "refused"],
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.variant_id)
