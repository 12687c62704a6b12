"""What a customer puts in the cart: one product in one color and one size."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from karima.money import RupiahField


class Variant(models.Model):
    """One SKU. Prices in whole rupiah, weight in grams; stock is a row of its own."""

    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        related_name="variants",
        verbose_name="produk",
    )
    sku = models.CharField("SKU", max_length=40)
    color = models.ForeignKey(
        "catalog.Color", on_delete=models.PROTECT, verbose_name="warna"
    )
    size = models.ForeignKey(
        "catalog.Size", on_delete=models.PROTECT, verbose_name="ukuran"
    )
    price = RupiahField("harga")
    compare_at_price = RupiahField("harga coret", null=True, blank=True)
    cost = RupiahField(
        "harga pokok", null=True, blank=True, help_text="HPP; tidak tampil di toko."
    )
    weight_grams = models.PositiveIntegerField("berat (gram)")
    length_cm = models.PositiveSmallIntegerField("panjang (cm)", null=True, blank=True)
    width_cm = models.PositiveSmallIntegerField("lebar (cm)", null=True, blank=True)
    height_cm = models.PositiveSmallIntegerField("tinggi (cm)", null=True, blank=True)
    barcode = models.CharField("barcode", max_length=48, blank=True)
    image = models.ForeignKey(
        "catalog.ProductImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="gambar",
        help_text="Kosongkan untuk memakai gambar warnanya.",
    )
    is_active = models.BooleanField("dijual", default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "SKU"
        verbose_name_plural = "SKU"
        ordering = ["product", "color", "size__position"]
        permissions = [("view_cost", "Can see what goods cost the shop")]
        constraints = [
            models.UniqueConstraint(Upper("sku"), name="variant_sku_unique"),
            models.UniqueConstraint(
                fields=["product", "color", "size"],
                name="variant_one_per_color_and_size",
            ),
            models.CheckConstraint(
                name="variant_price_above_zero", condition=Q(price__gt=0)
            ),
            models.CheckConstraint(
                name="variant_compare_at_price_not_below_price",
                condition=Q(compare_at_price__isnull=True)
                | Q(compare_at_price__gte=F("price")),
            ),
            models.CheckConstraint(
                name="variant_weight_above_zero", condition=Q(weight_grams__gt=0)
            ),
            models.CheckConstraint(
                name="variant_barcode_is_plain",
                condition=Q(barcode__regex=r"^([0-9A-Za-z.-]{4,48})?$"),
            ),
            models.UniqueConstraint(
                fields=["barcode"],
                condition=~Q(barcode=""),
                name="variant_barcode_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.sku
