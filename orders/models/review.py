"""What buyers say about what they received."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from karima.ids import uuid7
from orders.models.order import OrderLine

MAX_PHOTOS = 5


class Review(models.Model):
    """A buyer's word on one line of a delivered order, public once the staff say so.

    `services.reviews` alone writes it, since the rating of the product follows.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Menunggu"
        PUBLISHED = "published", "Tayang"
        REJECTED = "rejected", "Ditolak"

    class Reason(models.TextChoices):
        RUDE = "rude", "Tidak sopan"
        IRRELEVANT = "irrelevant", "Tidak membahas produk"
        PERSONAL = "personal", "Memuat data pribadi"
        ADVERTISING = "advertising", "Berisi iklan"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    line = models.OneToOneField(
        OrderLine, on_delete=models.CASCADE, related_name="review"
    )
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="reviews",
        verbose_name="pembeli",
    )
    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="produk",
    )
    rating = models.PositiveSmallIntegerField("nilai")
    text = models.TextField("ulasan", max_length=2000, blank=True)
    state = models.CharField(
        "keadaan", max_length=10, choices=State.choices, default=State.PENDING
    )
    reason = models.CharField(
        "alasan", max_length=12, choices=Reason.choices, blank=True
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="diputuskan oleh",
    )
    decided_at = models.DateTimeField("diputuskan", null=True, blank=True)
    written_at = models.DateTimeField("ditulis")

    class Meta:
        verbose_name = "ulasan"
        verbose_name_plural = "ulasan"
        ordering = ["-written_at", "-id"]
        permissions = [("moderate_review", "Can publish and reject reviews")]
        constraints = [
            models.CheckConstraint(
                name="review_rating_one_to_five",
                condition=Q(rating__gte=1, rating__lte=5),
            ),
            models.CheckConstraint(
                name="review_is_decided_or_waits",
                condition=Q(state="pending", reason="", decided_at=None)
                | Q(state="published", reason="", decided_at__isnull=False)
                | (
                    Q(state="rejected", decided_at__isnull=False)
                    & Q(reason__in=["rude", "irrelevant", "personal", "advertising"])
                ),
            ),
        ]
        indexes = [
            models.Index(
                name="review_of_product",
                fields=["product", "-written_at", "-id"],
                condition=Q(state="published"),
            ),
            models.Index(
                name="review_waits", fields=["written_at"], condition=Q(state="pending")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rating}/5"


class ReviewPhoto(models.Model):
    """A photo of a review; `services.review_photos` alone writes it.

    A review has as many slots as it may have photos, so that the database bounds them.
    Photos are shown in the order in which they came, which is that of their ids.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="photos")
    slot = models.PositiveSmallIntegerField()
    # As catalog.ProductImage has them: `renditions` are smaller copies, widest last.
    file = models.ImageField("berkas", max_length=255)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    renditions = models.JSONField(default=list)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    placeholder = models.CharField(max_length=7)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "foto ulasan"
        verbose_name_plural = "foto ulasan"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="review_photo_slot_once", fields=["review", "slot"]
            ),
            models.UniqueConstraint(
                name="review_photo_once", fields=["review", "sha256"]
            ),
            models.CheckConstraint(
                name="review_photo_within_slots", condition=Q(slot__lt=MAX_PHOTOS)
            ),
        ]

    def __str__(self) -> str:
        return str(self.file.name)


class ReviewVote(models.Model):
    """A customer found somebody else's review helpful."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="votes")
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="review_vote_once", fields=["review", "customer"]
            ),
        ]

    def __str__(self) -> str:
        return str(self.review_id)
