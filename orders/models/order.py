"""An order as it was agreed, and what became of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from karima.ids import uuid7
from karima.money import RupiahField


class Order(models.Model):
    """A snapshot of the agreement. Later changes to the catalogue do not reach it.

    `status` and `payment_status` are written by `orders.services.transitions` alone.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "Menunggu pembayaran"
        CONFIRMED = "confirmed", "Dibayar"
        PROCESSING = "processing", "Dikemas"
        SHIPPED = "shipped", "Dikirim"
        DELIVERED = "delivered", "Diterima"
        COMPLETED = "completed", "Selesai"
        EXPIRED = "expired", "Kedaluwarsa"
        CANCELLED = "cancelled", "Dibatalkan"
        RETURNED = "returned", "Dikembalikan"

    class PaymentStatus(models.TextChoices):
        UNPAID = "unpaid", "Belum dibayar"
        PENDING = "pending", "Menunggu transfer"
        CHALLENGE = "challenge", "Diperiksa"
        PAID = "paid", "Lunas"
        FAILED = "failed", "Gagal"
        EXPIRED = "expired", "Kedaluwarsa"
        CANCELLED = "cancelled", "Dibatalkan"
        REVERSED = "reversed", "Ditarik kembali"
        PARTIALLY_REFUNDED = "partially_refunded", "Dikembalikan sebagian"
        REFUNDED = "refunded", "Dikembalikan"
        CHARGED_BACK = "charged_back", "Disengketakan"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField("nomor", max_length=17, unique=True)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders"
    )
    status = models.CharField(
        max_length=12, choices=Status.choices, default=Status.PENDING
    )
    payment_status = models.CharField(
        "pembayaran",
        max_length=20,
        choices=PaymentStatus.choices,
        default=PaymentStatus.UNPAID,
    )

    contact_name = models.CharField(max_length=100)
    contact_email = models.EmailField(max_length=254)
    contact_phone = models.CharField(max_length=20)

    receiver_name = models.CharField(max_length=100)
    receiver_phone = models.CharField(max_length=20)
    province = models.CharField(max_length=100)
    city = models.CharField(max_length=100)
    district = models.CharField(max_length=100)
    subdistrict = models.CharField(max_length=100)
    postal_code = models.CharField(max_length=5)
    address_detail = models.CharField(max_length=500)
    notes = models.CharField(max_length=500, blank=True)

    # Which text of the terms the customer accepted with this order.
    terms_version = models.CharField(
        max_length=20, blank=True, default="", db_default=""
    )

    items_total = RupiahField()
    discount_total = RupiahField(default=0)
    shipping_cost = RupiahField()
    grand_total = RupiahField()

    # How often stock was reserved for this order; a late payment reserves it again.
    reservation = models.PositiveSmallIntegerField(default=1)

    placed_at = models.DateTimeField("waktu pesan")
    expires_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    # When the person was taken out of the order, and the law that keeps the rest.
    erased_at = models.DateTimeField(null=True, blank=True)
    legal_basis = models.CharField(
        max_length=300, blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = "pesanan"
        verbose_name_plural = "pesanan"
        ordering = ["-placed_at", "-id"]
        permissions = [
            ("pack_order", "Can pack orders"),
            ("ship_order", "Can ship orders and record their arrival"),
            ("cancel_order", "Can cancel orders"),
            ("return_order", "Can take back returned orders"),
        ]
        constraints = [
            models.CheckConstraint(
                name="order_grand_total_adds_up",
                condition=Q(
                    grand_total=F("items_total")
                    - F("discount_total")
                    + F("shipping_cost")
                ),
            ),
            models.CheckConstraint(
                name="order_amounts_not_negative",
                condition=Q(items_total__gte=0)
                & Q(shipping_cost__gte=0)
                & Q(discount_total__gte=0)
                & Q(grand_total__gte=0),
            ),
            models.CheckConstraint(
                name="order_postal_code_shape",
                condition=Q(postal_code__regex=r"^[1-9][0-9]{4}$")
                | Q(erased_at__isnull=False, postal_code=""),
            ),
            models.CheckConstraint(
                name="order_erased_names_nobody",
                condition=Q(erased_at=None, legal_basis="")
                | (
                    Q(
                        erased_at__isnull=False,
                        contact_email="",
                        contact_phone="",
                        receiver_phone="",
                        address_detail="",
                        notes="",
                    )
                    & ~Q(legal_basis="")
                ),
            ),
        ]
        indexes = [
            models.Index(name="order_status_placed_at", fields=["status", "placed_at"]),
            models.Index(
                name="order_customer_placed_at", fields=["customer", "-placed_at"]
            ),
            models.Index(
                name="order_unpaid_expires_at",
                fields=["expires_at"],
                condition=Q(status="pending"),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def stock_reference(self) -> str:
        """The reference under which stock is reserved now; the first is the number."""
        if self.reservation == 1:
            return self.number
        return f"{self.number}/{self.reservation}"


class OrderBundle(models.Model):
    """A bundle as it was sold. Its goods are lines, which share its price out."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="bundles")
    bundle = models.ForeignKey(
        "catalog.Bundle", on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=120)
    slug = models.CharField(max_length=140)
    quantity = models.PositiveIntegerField()
    unit_price = RupiahField()
    total = RupiahField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="order_bundle_once", fields=["order", "bundle"]
            ),
            models.CheckConstraint(
                name="order_bundle_total_adds_up",
                condition=Q(quantity__gte=1, total=F("unit_price") * F("quantity")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.name}"


class OrderLine(models.Model):
    """One variant as it was sold: name, price and weight as of the order.

    A line of a bundle keeps the list price, and as `discount` what the bundle saves on
    it; the totals of its lines are the bundle's.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(
        "catalog.Variant", on_delete=models.PROTECT, related_name="+"
    )
    bundle = models.ForeignKey(
        OrderBundle,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="lines",
    )
    sku = models.CharField(max_length=64)
    product_name = models.CharField(max_length=200)
    product_slug = models.CharField(max_length=200)
    color = models.CharField(max_length=100, blank=True)
    size = models.CharField(max_length=50, blank=True)
    image = models.CharField(max_length=255, blank=True)
    quantity = models.PositiveIntegerField()
    # Beside what was charged: the list price then, and why another one held.
    list_price = RupiahField(null=True)
    price_reason = models.CharField(max_length=12, default="list", db_default="list")
    unit_price = RupiahField()
    discount = RupiahField(default=0)
    total = RupiahField()
    weight_grams = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="order_line_once_per_variant",
                fields=["order", "variant"],
                condition=Q(bundle=None),
            ),
            models.UniqueConstraint(
                name="order_line_once_per_bundle", fields=["bundle", "variant"]
            ),
            models.CheckConstraint(
                name="order_line_quantity_positive", condition=Q(quantity__gte=1)
            ),
            models.CheckConstraint(
                name="order_line_total_adds_up",
                condition=Q(
                    total=F("unit_price") * F("quantity") - F("discount"), total__gte=0
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"


class OrderEvent(models.Model):
    """What happened to an order, and by whom. A trigger keeps the rows as they are."""

    class Kind(models.TextChoices):
        PLACED = "placed", "Dibuat"
        STATUS = "status", "Status"
        PAYMENT = "payment", "Pembayaran"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    from_value = models.CharField(max_length=20, blank=True)
    to_value = models.CharField(max_length=20)
    # Empty means the system: a payment, or the clock.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.order_id} {self.from_value} -> {self.to_value}"
