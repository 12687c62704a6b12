"""Flash sales: their items, what was taken of them, and by whom."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.fields.ranges import RangeBoundary
from django.db import models
from django.db.models import F, Func, Q

from karima.money import RupiahField


class Period(Func):
    """From the start on, and no longer at the end."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class FlashSale(models.Model):
    """A sale with a start and an end; it is on between them if it is published.

    `per_customer_limit` counts the pieces of one product, whatever their color and
    size, that one customer may buy in this sale.
    """

    name = models.CharField("nama", max_length=100)
    slug = models.SlugField(max_length=120, unique=True, blank=True)
    starts_at = models.DateTimeField("mulai")
    ends_at = models.DateTimeField("selesai")
    per_customer_limit = models.PositiveIntegerField(
        "batas per pelanggan",
        null=True,
        blank=True,
        help_text="Jumlah per produk, semua warna dan ukuran. Kosong: tanpa batas.",
    )
    is_published = models.BooleanField("tayang", default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "flash sale"
        verbose_name_plural = "flash sale"
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="flash_sale_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="flash_sale_limit_above_zero",
                condition=Q(per_customer_limit__isnull=True)
                | Q(per_customer_limit__gte=1),
            ),
            # The period that its items repeat.
            models.UniqueConstraint(
                name="flash_sale_period", fields=["id", "starts_at", "ends_at"]
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FlashSaleItem(models.Model):
    """One variant in a sale: its price there, and how many pieces at that price.

    The period repeats the sale's, for the rule that a variant is in one sale at a time;
    a foreign key over all three columns keeps it the same. `sold` is written by
    `services.flash_sales` alone.
    """

    sale = models.ForeignKey(FlashSale, on_delete=models.CASCADE, related_name="items")
    variant = models.ForeignKey(
        "catalog.Variant",
        on_delete=models.PROTECT,
        related_name="flash_sale_items",
        verbose_name="SKU",
    )
    price = RupiahField("harga flash sale")
    quota = models.PositiveIntegerField("kuota")
    sold = models.PositiveIntegerField("terjual", default=0, editable=False)
    starts_at = models.DateTimeField(editable=False)
    ends_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = "SKU flash sale"
        verbose_name_plural = "SKU flash sale"
        ordering = ["id"]
        constraints = [
            ExclusionConstraint(
                name="flash_sale_item_no_overlap",
                expressions=[
                    (F("variant"), RangeOperators.EQUAL),
                    (
                        Period("starts_at", "ends_at", RangeBoundary()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                name="flash_sale_item_price_above_zero", condition=Q(price__gt=0)
            ),
            models.CheckConstraint(
                name="flash_sale_item_sold_within_quota",
                condition=Q(sold__gte=0, sold__lte=F("quota")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sale_id}: {self.variant_id}"


class FlashSaleBuyer(models.Model):
    """How many pieces of a product one buyer has of a sale.

    `buyer` is the customer's id or a keyed hash of the phone; see `flash_sales`.
    """

    sale = models.ForeignKey(FlashSale, on_delete=models.CASCADE, related_name="+")
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.CASCADE, related_name="+"
    )
    buyer = models.CharField(max_length=80)
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="flash_sale_buyer_once", fields=["sale", "product", "buyer"]
            ),
            models.CheckConstraint(
                name="flash_sale_buyer_quantity_not_negative",
                condition=Q(quantity__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sale_id} {self.product_id} {self.quantity}"


class FlashSaleTaking(models.Model):
    """What one order took of a quota, until it is released."""

    item = models.ForeignKey(
        FlashSaleItem, on_delete=models.PROTECT, related_name="takings"
    )
    # Of the order; the same as its stock has.
    reference = models.CharField(max_length=64)
    customer_key = models.CharField(max_length=80, blank=True)
    phone_key = models.CharField(max_length=80, blank=True)
    quantity = models.PositiveIntegerField()
    taken_at = models.DateTimeField(auto_now_add=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="flash_sale_taking_once", fields=["reference", "item"]
            ),
            models.CheckConstraint(
                name="flash_sale_taking_above_zero", condition=Q(quantity__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.quantity}"
