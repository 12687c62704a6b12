"""Slugs that were: links in messages and search engines outlive a renaming."""

from django.db import models
from django.db.models import Q


class OldSlug(models.Model):
    """A slug that a product, a category or a collection had before."""

    slug = models.SlugField(max_length=140)
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.CASCADE, null=True, related_name="old_slugs"
    )
    category = models.ForeignKey(
        "catalog.Category",
        on_delete=models.CASCADE,
        null=True,
        related_name="old_slugs",
    )
    collection = models.ForeignKey(
        "catalog.Collection",
        on_delete=models.CASCADE,
        null=True,
        related_name="old_slugs",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "slug lama"
        verbose_name_plural = "slug lama"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="old_slug_has_one_owner",
                condition=Q(
                    product__isnull=False,
                    category__isnull=True,
                    collection__isnull=True,
                )
                | Q(
                    product__isnull=True,
                    category__isnull=False,
                    collection__isnull=True,
                )
                | Q(
                    product__isnull=True,
                    category__isnull=True,
                    collection__isnull=False,
                ),
            ),
            models.UniqueConstraint(
                fields=["slug"],
                condition=Q(product__isnull=False),
                name="old_slug_of_one_product",
            ),
            models.UniqueConstraint(
                fields=["slug"],
                condition=Q(category__isnull=False),
                name="old_slug_of_one_category",
            ),
            models.UniqueConstraint(
                fields=["slug"],
                condition=Q(collection__isnull=False),
                name="old_slug_of_one_collection",
            ),
        ]

    def __str__(self) -> str:
        return self.slug
