"""What the shop sells: a product and its pictures."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from catalog.models.garment import Cut, Lining, Motif, Opacity, Sleeve, Stretch
from catalog.models.option import Color
from karima.money import RupiahField

ACTIVE = Q(status="active")

# Words that stand where a slug could in an URL of the API.
RESERVED_SLUGS = (
    "bestsellers",
    "category",
    "featured",
    "new",
    "search",
    "slug",
    "suggest",
)


def no_ratings() -> list[int]:
    """Return how many reviews of one star to five a new product has."""
    return [0] * 5


class Product(models.Model):
    """One article in all its colors and sizes.

    An active one is visible from `published_at` on; until then it is scheduled, and no
    job is needed to show it.

    What follows "Repeated" repeats what the active variants, their stock and reviews
    say, for lists that must not read every variant; only `services.documents` writes
    it. Without an active variant the prices are NULL and the product is not on sale.
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
    brand = models.CharField("merek", max_length=60, blank=True)
    material = models.ForeignKey(
        "catalog.Material",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name="bahan",
    )
    is_busui_friendly = models.BooleanField("busui friendly", default=False)
    is_wudhu_friendly = models.BooleanField("wudhu friendly", default=False)
    is_non_iron = models.BooleanField("tanpa setrika", default=False)
    opacity = models.CharField(
        "menerawang", max_length=12, choices=Opacity.choices, blank=True
    )
    lining = models.CharField(
        "furing", max_length=12, choices=Lining.choices, blank=True
    )
    stretch = models.CharField(
        "melar", max_length=12, choices=Stretch.choices, blank=True
    )
    sleeve = models.CharField(
        "lengan", max_length=16, choices=Sleeve.choices, blank=True
    )
    cut = models.CharField("model", max_length=16, choices=Cut.choices, blank=True)
    motif = models.CharField("motif", max_length=16, choices=Motif.choices, blank=True)
    extra = models.JSONField("atribut tambahan", default=dict, blank=True)
    size_chart = models.ForeignKey(
        "catalog.SizeChart",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name="tabel ukuran",
        help_text="Kosongkan untuk memakai tabel kategorinya.",
    )
    fit_note = models.CharField(
        "catatan ukuran",
        max_length=200,
        blank=True,
        help_text='Misalnya "Ukuran kecil, pilih satu nomor lebih besar."',
    )
    video_url = models.URLField("tautan video", blank=True)
    seo_title = models.CharField("judul SEO", max_length=70, blank=True)
    seo_description = models.CharField("deskripsi SEO", max_length=160, blank=True)
    is_featured = models.BooleanField("unggulan", default=False)
    related = models.ManyToManyField(
        "self",
        through="catalog.RelatedProduct",
        symmetrical=False,
        related_name="+",
        blank=True,
    )

    # Repeated
    price_min = RupiahField(null=True, editable=False)
    price_max = RupiahField(null=True, editable=False)
    discount_percent = models.PositiveSmallIntegerField(default=0, editable=False)
    in_stock = models.BooleanField(default=False, editable=False)
    color_ids = ArrayField(models.BigIntegerField(), default=list, editable=False)
    size_ids = ArrayField(models.BigIntegerField(), default=list, editable=False)
    # Of `services.popularity`; an hour behind.
    sold_count = models.PositiveIntegerField(default=0, editable=False)
    # Of one star to five; `services.ratings` writes these three.
    rating_counts = ArrayField(
        models.PositiveIntegerField(),
        size=5,
        default=no_ratings,
        db_default=[0] * 5,
        editable=False,
    )
    rating_average = models.DecimalField(
        max_digits=3, decimal_places=2, default=0, editable=False
    )
    rating_count = models.PositiveIntegerField(default=0, editable=False)
    search_text = models.TextField(blank=True, editable=False)
    search_vector = SearchVectorField(null=True, editable=False)
    # All that filters ask for, as words: "color:merah-muda", "size:3", "busui:true".
    filter_terms = ArrayField(models.TextField(), db_default=[], editable=False)

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
            models.CheckConstraint(
                name="product_slug_is_free",
                condition=~Q(slug__in=[*RESERVED_SLUGS]),
            ),
            models.CheckConstraint(
                name="product_attributes_are_known",
                condition=Q(opacity__in=["", *Opacity.values])
                & Q(lining__in=["", *Lining.values])
                & Q(stretch__in=["", *Stretch.values])
                & Q(sleeve__in=["", *Sleeve.values])
                & Q(cut__in=["", *Cut.values])
                & Q(motif__in=["", *Motif.values]),
            ),
            models.CheckConstraint(
                name="product_rating_within_five",
                condition=Q(rating_average__gte=0, rating_average__lte=5),
            ),
            models.CheckConstraint(
                name="product_discount_below_hundred",
                condition=Q(discount_percent__lt=100),
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
            GinIndex(fields=["search_vector"], name="product_search_vector"),
            GinIndex(fields=["filter_terms"], name="product_filter_terms"),
            GinIndex(fields=["color_ids"], name="product_colors"),
            GinIndex(fields=["size_ids"], name="product_sizes"),
            GinIndex(
                fields=["extra"], opclasses=["jsonb_path_ops"], name="product_extra"
            ),
            models.Index(
                F("sold_count").desc(),
                F("id").desc(),
                name="product_popular",
                condition=ACTIVE,
            ),
            models.Index(
                F("rating_average").desc(),
                F("rating_count").desc(),
                F("id").desc(),
                name="product_rating",
                condition=ACTIVE,
            ),
            models.Index(
                F("discount_percent").desc(),
                F("id").desc(),
                name="product_discount",
                condition=ACTIVE,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RelatedProduct(models.Model):
    """A product that the shop shows beside another one, in the order chosen."""

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="related_links"
    )
    other = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        related_name="shown_beside",
        verbose_name="produk",
    )
    position = models.PositiveSmallIntegerField("urutan", default=0)

    class Meta:
        verbose_name = "produk terkait"
        verbose_name_plural = "produk terkait"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "other"], name="related_product_once"
            ),
            models.CheckConstraint(
                name="related_product_is_another", condition=~Q(product=F("other"))
            ),
        ]

    def __str__(self) -> str:
        return str(self.other)


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
    )
    alt = models.CharField("teks alternatif", max_length=160)
    position = models.PositiveSmallIntegerField("urutan", default=0)
    is_primary = models.BooleanField("utama", default=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    # Of services.media: smaller copies as [{"width", "height", "file"}], widest last,
    # and the color that stands in until the picture is there.
    renditions = models.JSONField(default=list, blank=True, editable=False)
    size_bytes = models.PositiveIntegerField(null=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    placeholder = models.CharField(
        "warna rata-rata", max_length=7, blank=True, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

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
