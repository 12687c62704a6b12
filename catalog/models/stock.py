"""How many are left, and the ledger of how it came to be so."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Stock(models.Model):
    """The balance of one variant. A variant without a row has none left.

    A row of its own, so that saving a variant can never write an old balance back.
    Only `services.stock` writes it; the database keeps 0 <= reserved <= on_hand.
    """

    variant = models.OneToOneField(
        "catalog.Variant",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="stock",
    )
    on_hand = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)
    low_stock_threshold = models.PositiveIntegerField(default=5)

    class Meta:
        verbose_name = "stok"
        verbose_name_plural = "stok"
        permissions = [
            ("receive_stock", "Can receive goods into stock"),
            ("adjust_stock", "Can correct the stock after a count"),
        ]
        constraints = [
            models.CheckConstraint(
                name="stock_reserved_within_on_hand",
                condition=Q(reserved__gte=0, reserved__lte=F("on_hand")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.available} available"

    @property
    def available(self) -> int:
        """Return how many may still be sold."""
        return self.on_hand - self.reserved


class StockMovement(models.Model):
    """One change of a balance: append-only, which a trigger enforces.

    `reference` names the cause in the words of the app above (an order number), since
    this app knows no orders.
    """

    class Kind(models.TextChoices):
        RECEIVE = "receive", "Barang masuk"
        ADJUST = "adjust", "Penyesuaian"
        RESERVE = "reserve", "Dipesan"
        RELEASE = "release", "Dilepas"
        SHIP = "ship", "Dikirim"
        RETURN = "return", "Retur"

    class Reason(models.TextChoices):
        """Why an adjustment; the other kinds say it themselves."""

        COUNTED = "counted", "Hasil hitung"
        DAMAGED = "damaged", "Rusak"
        LOST = "lost", "Hilang"
        FOUND = "found", "Ditemukan"
        MISCOUNTED = "miscounted", "Salah hitung atau salah catat"
        SAMPLE = "sample", "Sampel atau hadiah"
        SUPPLIER_RETURN = "supplier", "Retur ke pemasok"
        OPENING = "opening", "Stok awal"
        UNDONE = "undone", "Pembatalan"
        STOCK_TAKE = "take", "Stok opname"
        OTHER = "other", "Lainnya"

    variant = models.ForeignKey(
        "catalog.Variant",
        on_delete=models.PROTECT,
        related_name="movements",
        verbose_name="SKU",
    )
    kind = models.CharField("jenis", max_length=10, choices=Kind.choices)
    # Empty in adjustments from before there were reasons.
    reason = models.CharField(
        "alasan", max_length=10, choices=Reason.choices, blank=True, db_default=""
    )
    delta_on_hand = models.IntegerField("± stok")
    delta_reserved = models.IntegerField("± dipesan")
    on_hand_after = models.PositiveIntegerField("stok sesudahnya")
    reserved_after = models.PositiveIntegerField("dipesan sesudahnya")
    reference = models.CharField("rujukan", max_length=64, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="oleh",
    )
    note = models.CharField("catatan", max_length=200, blank=True)
    created_at = models.DateTimeField("waktu")

    class Meta:
        verbose_name = "mutasi stok"
        verbose_name_plural = "mutasi stok"
        ordering = ["-id"]
        indexes = [models.Index(fields=["variant", "id"], name="movement_variant")]
        constraints = [
            models.CheckConstraint(
                name="movement_kind_is_known",
                condition=Q(
                    kind__in=[
                        "receive",
                        "adjust",
                        "reserve",
                        "release",
                        "ship",
                        "return",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="movement_changes_something",
                condition=~Q(delta_on_hand=0, delta_reserved=0),
            ),
            models.CheckConstraint(
                name="movement_reason_is_known",
                condition=Q(reason="")
                | Q(
                    kind="adjust",
                    reason__in=[
                        "counted",
                        "damaged",
                        "lost",
                        "found",
                        "miscounted",
                        "sample",
                        "supplier",
                        "opening",
                        "undone",
                        "take",
                        "other",
                    ],
                ),
            ),
            # A stock take corrects a variant once, however often it is applied.
            models.UniqueConstraint(
                fields=["variant", "reference"],
                condition=Q(reason="take"),
                name="movement_once_for_each_take",
            ),
            # An order takes effect on a variant once, however often it is asked to.
            models.UniqueConstraint(
                fields=["variant", "kind", "reference"],
                condition=Q(kind__in=["reserve", "release", "ship"]),
                name="movement_once_for_each_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}".strip()
