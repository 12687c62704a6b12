"""What customers keep for later, and what they want to be told of."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from karima.ids import uuid7
from karima.money import RupiahField


class WishlistItem(models.Model):
    """A variant that a customer keeps, with its list price when it was put there."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="wishlist"
    )
    variant = models.ForeignKey(
        "catalog.Variant", on_delete=models.CASCADE, related_name="+"
    )
    price_then = RupiahField()
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-added_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "variant"], name="wishlist_once_per_variant"
            ),
        ]

    def __str__(self) -> str:
        return str(self.variant_id)


class StockAlert(models.Model):
    """Somebody wants one message when a variant can be bought again.

    It is `due` from the moment the variant is back, written by the transaction that
    brings it back, and ends with that one message. Whoever knows the token ends it: of
    the token only a hash is kept.
    """

    class State(models.TextChoices):
        OPEN = "open", "Menunggu stok"
        DUE = "due", "Stok kembali"
        ENDED = "ended", "Dihentikan"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    variant = models.ForeignKey(
        "catalog.Variant", on_delete=models.CASCADE, related_name="alerts"
    )
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
    )
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    text_version = models.CharField(max_length=20)
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.OPEN, db_default=State.OPEN
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "variant",
                Lower("email"),
                "phone",
                condition=Q(state="open"),
                name="stock_alert_one_open",
            ),
            models.CheckConstraint(
                name="stock_alert_has_one_contact",
                condition=Q(email="") ^ Q(phone=""),
            ),
            models.CheckConstraint(
                name="stock_alert_due_has_its_moment",
                condition=Q(state="open", due_at=None)
                | Q(state="due", due_at__isnull=False)
                | Q(state="ended"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} {self.state}"
