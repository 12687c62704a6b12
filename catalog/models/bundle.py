"""Bundles: several variants sold together at a price of their own ("sarimbit")."""

from django.db import models
from django.db.models import Q

from catalog.models.category import PLAIN_SLUG
from karima.money import RupiahField


class Bundle(models.Model):
    """A set of variants with one price. It has no stock: its parts have.

    `document` is what the public API sends of it, ready; only `services.documents`
    writes it. A bundle is visible while it is active and every part can be bought.
    """

    name = models.CharField("nama", max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    description = models.TextField("deskripsi", blank=True)
    price = RupiahField("harga paket")
    is_active = models.BooleanField("dijual", default=False)
    position = models.PositiveSmallIntegerField("urutan", default=0)
    document = models.TextField(blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "paket"
        verbose_name_plural = "paket"
        ordering = ["position", "name", "id"]
        constraints = [
            models.CheckConstraint(
                name="bundle_slug_is_plain", condition=Q(slug__regex=PLAIN_SLUG)
            ),
            models.CheckConstraint(
                name="bundle_price_above_zero", condition=Q(price__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BundleItem(models.Model):
    """So many pieces of a variant in one bundle."""

    bundle = models.ForeignKey(Bundle, on_delete=models.CASCADE, related_name="items")
    variant = models.ForeignKey(
        "catalog.Variant",
        on_delete=models.PROTECT,
        related_name="bundle_items",
        verbose_name="SKU",
    )
    quantity = models.PositiveSmallIntegerField("jumlah", default=1)

    class Meta:
        verbose_name = "isi paket"
        verbose_name_plural = "isi paket"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["bundle", "variant"], name="bundle_item_once"
            ),
            models.CheckConstraint(
                name="bundle_item_quantity_sane",
                condition=Q(quantity__gte=1, quantity__lte=20),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.variant_id}"
