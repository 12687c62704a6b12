"""What the public API answers, ready to send, and the number of its latest change."""

from datetime import UTC, datetime

from django.db import models
from django.db.models import F, Q

# Before anything was sold: the start of a document that holds from ever.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class ProductDocument(models.Model):
    """A product's card and page as JSON, for one period.

    Most products have one that holds for ever. A price that is planned to change makes
    one for each period, so that the moment of change needs no job. The documents of a
    product follow each other without a gap. Only `services.documents` writes them. A
    text and not `jsonb`: the API sends these bytes as they are.
    """

    product = models.ForeignKey(
        "catalog.Product", on_delete=models.CASCADE, related_name="documents"
    )
    starts_at = models.DateTimeField(default=BEGINNING)
    ends_at = models.DateTimeField(null=True)
    card = models.TextField()
    detail = models.TextField()

    class Meta:
        verbose_name = "dokumen produk"
        verbose_name_plural = "dokumen produk"
        ordering = ["product", "starts_at"]
        # For the next moment at which one begins.
        indexes = [models.Index(fields=["starts_at"], name="document_start")]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "starts_at"], name="document_once_for_each_period"
            ),
            models.CheckConstraint(
                name="document_ends_after_it_starts",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.starts_at}"


class CatalogVersion(models.Model):
    """The number of the catalogue's latest change, in one row.

    Triggers raise it when a transaction that changed anything public commits, as the
    last thing in it: nobody waits for its lock while holding it. Numbers come from a
    sequence, so that none is used twice, not even after a rollback.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField()
    transaction = models.BigIntegerField()

    class Meta:
        verbose_name = "versi katalog"
        verbose_name_plural = "versi katalog"
        constraints = [
            models.CheckConstraint(name="catalog_version_one_row", condition=Q(id=1)),
        ]

    def __str__(self) -> str:
        return str(self.version)
