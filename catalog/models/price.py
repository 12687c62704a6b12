"""What a group pays from so many pieces on."""

from django.db import models
from django.db.models import Q


class TierPrice(models.Model):
    """A step of a price table: from so many pieces on, a group pays less.

    A table belongs to a group and to one SKU, one product, one category with all below
    it, or, where it names none, the whole shop. The tables of the group `retail` hold
    for everybody. `value` is a discount in basis points (1 % is 100) or a price for a
    piece in rupiah; a discount of 0 keeps a product out of a wider table.
    """

    class Kind(models.TextChoices):
        PERCENT = "percent", "Potongan persen"
        FIXED = "fixed", "Harga per buah"

    group = models.ForeignKey(
        "accounts.CustomerGroup",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="grup pelanggan",
        help_text="Tabel Retail berlaku untuk semua pembeli.",
    )
    category = models.ForeignKey(
        "catalog.Category",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="kategori",
    )
    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="produk",
    )
    variant = models.ForeignKey(
        "catalog.Variant",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="SKU",
    )
    min_quantity = models.PositiveIntegerField("mulai (buah)")
    kind = models.CharField(
        "jenis", max_length=10, choices=Kind.choices, default=Kind.PERCENT
    )
    value = models.BigIntegerField("nilai")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "harga bertingkat"
        verbose_name_plural = "harga bertingkat"
        ordering = ["group", "category", "product", "variant", "min_quantity"]
        constraints = [
            models.UniqueConstraint(
                name="tier_price_once_per_step",
                fields=["group", "category", "product", "variant", "min_quantity"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="tier_price_one_scope",
                condition=Q(category=None, product=None)
                | Q(category=None, variant=None)
                | Q(product=None, variant=None),
            ),
            models.CheckConstraint(
                name="tier_price_from_one_piece", condition=Q(min_quantity__gte=1)
            ),
            # One price for all that a category holds would be a mistake.
            models.CheckConstraint(
                name="tier_price_value_fits_kind",
                condition=Q(kind="percent", value__gte=0, value__lt=10_000)
                | (
                    Q(kind="fixed", value__gt=0)
                    & (Q(product__isnull=False) | Q(variant__isnull=False))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} >= {self.min_quantity}"
