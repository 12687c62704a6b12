"""Collections: products shown together, picked by hand or by a rule."""

from django.db import models
from django.db.models import F, Q

from catalog.models.category import PLAIN_SLUG


class Collection(models.Model):
    """A shelf with a name ("Ramadan"), visible in its window while it is active.

    A manual one holds the products of `items`, in their order. One by rule holds what
    the filters of `rule` find at the moment; `services.shelving` checks the rule.
    """

    class Kind(models.TextChoices):
        MANUAL = "manual", "Dipilih satu per satu"
        RULE = "rule", "Menurut aturan"

    name = models.CharField("nama", max_length=80)
    slug = models.SlugField(max_length=80, unique=True)
    description = models.TextField("deskripsi", blank=True)
    image = models.ImageField("gambar", upload_to="collections/", blank=True)
    kind = models.CharField(
        "jenis", max_length=10, choices=Kind.choices, default=Kind.MANUAL
    )
    rule = models.JSONField("aturan", default=dict, blank=True)
    starts_at = models.DateTimeField("mulai tampil", null=True, blank=True)
    ends_at = models.DateTimeField("berhenti tampil", null=True, blank=True)
    is_active = models.BooleanField("aktif", default=True)
    position = models.PositiveSmallIntegerField("urutan", default=0)
    seo_title = models.CharField("judul SEO", max_length=70, blank=True)
    seo_description = models.CharField("deskripsi SEO", max_length=160, blank=True)
    products = models.ManyToManyField(
        "catalog.Product", through="catalog.CollectionItem", related_name="collections"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "koleksi"
        verbose_name_plural = "koleksi"
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                name="collection_slug_is_plain", condition=Q(slug__regex=PLAIN_SLUG)
            ),
            models.CheckConstraint(
                name="collection_ends_after_it_starts",
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="collection_rule_belongs_to_its_kind",
                condition=Q(kind="manual", rule={}) | (Q(kind="rule") & ~Q(rule={})),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CollectionItem(models.Model):
    """A product's place in a collection made by hand."""

    collection = models.ForeignKey(
        Collection, on_delete=models.CASCADE, related_name="items"
    )
    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.CASCADE,
        related_name="collection_items",
        verbose_name="produk",
    )
    position = models.PositiveIntegerField("urutan", default=0)

    class Meta:
        verbose_name = "produk dalam koleksi"
        verbose_name_plural = "produk dalam koleksi"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "product"], name="collection_item_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.product)
