"""What the shop sells: a product, and what its variants may differ in."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from karima.money import RupiahField

ACTIVE = Q(status="active")


class Color(models.Model):
    """A color as the shop names it, with the plain family that customers filter by."""

    name = models.CharField("nama", max_length=40, unique=True)
    hex = models.CharField("kode hex", max_length=7)
    family = models.CharField("keluarga warna", max_length=20)

    class Meta:
        verbose_name = "warna"
        verbose_name_plural = "warna"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="color_hex_is_six_digits",
                condition=Q(hex__regex=r"^#[0-9a-f]{6}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Size(models.Model):
    """A size as printed on the label; `position` puts S before M."""

    name = models.CharField("nama", max_length=20, unique=True)
    position = models.PositiveSmallIntegerField("urutan")

    class Meta:
        verbose_name = "ukuran"
        verbose_name_plural = "ukuran"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """One article in all its colors and sizes.

    `price_min`, `price_max` and `search_text` repeat what the active variants say, for
    lists that must not read every variant; only `services.products.refresh` writes
    them. Without an active variant the prices are NULL and the product is not on sale.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Draf"
        ACTIVE = "active", "Dijual"
        ARCHIVED = "archived", "Diarsipkan"

    name = models.CharField("nama", max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    description = models.TextField("deskripsi", blank=True)
    category = models.ForeignKey(
        "catalog.Category",
        on_delete=models.PROTECT,
        related_name="products",
        verbose_name="kategori",
    )
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.DRAFT
    )
    published_at = models.DateTimeField("mulai dijual", null=True, blank=True)
    material = models.CharField("bahan", max_length=80, blank=True)
    is_busui_friendly = models.BooleanField("busui friendly", default=False)
    is_wudhu_friendly = models.BooleanField("wudhu friendly", default=False)
    price_min = RupiahField(null=True, editable=False)
    price_max = RupiahField(null=True, editable=False)
    search_text = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "produk"
        verbose_name_plural = "produk"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="product_status_is_known",
                condition=Q(status__in=["draft", "active", "archived"]),
            ),
            models.CheckConstraint(
                name="product_active_has_publish_time",
                condition=~ACTIVE | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="product_price_range_is_whole",
                condition=Q(price_min__isnull=True, price_max__isnull=True)
                | Q(price_min__gt=0, price_max__gte=F("price_min")),
            ),
        ]
        indexes = [
            # Each order of the list page, its tiebreak included.
            models.Index(
                F("published_at").desc(),
                F("id").desc(),
                name="product_newest",
                condition=ACTIVE,
            ),
            models.Index(F("price_min"), "id", name="product_price", condition=ACTIVE),
            models.Index(F("name"), "id", name="product_name", condition=ACTIVE),
            GinIndex(
                fields=["search_text"],
                opclasses=["gin_trgm_ops"],
                name="product_search_trigram",
            ),
        ]

    def __str__(self) -> str:
        return self.name


def image_path(image: "ProductImage", filename: str) -> str:
    """Return where an uploaded picture is stored, one folder for each product."""
    return f"products/{image.product.slug}/{filename}"


class ProductImage(models.Model):
    """A picture of a product; with a color, it shows the product in that color."""

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="images"
    )
    color = models.ForeignKey(
        Color, on_delete=models.PROTECT, null=True, blank=True, verbose_name="warna"
    )
    file = models.ImageField(
        "berkas",
        upload_to=image_path,
        max_length=255,
        width_field="width",
        height_field="height",
    )
    alt = models.CharField("teks alternatif", max_length=160)
    position = models.PositiveSmallIntegerField("urutan", default=0)
    is_primary = models.BooleanField("utama", default=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)

    class Meta:
        verbose_name = "gambar"
        verbose_name_plural = "gambar"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(is_primary=True),
                name="product_image_one_primary",
            ),
        ]

    def __str__(self) -> str:
        return self.alt
