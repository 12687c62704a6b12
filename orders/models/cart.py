"""Carts: what somebody means to buy. A cart promises neither price nor stock."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from karima.ids import uuid7
from karima.money import RupiahField


class Cart(models.Model):
    """A customer's cart, or a guest's that is known by the hash of its token."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        MERGED = "merged", "Merged into a customer's cart"
        ORDERED = "ordered", "Ordered"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="carts",
        null=True,
        blank=True,
    )
    token_hash = models.CharField(
        max_length=64,
        unique=True,
        null=True,
        blank=True,
        editable=False,
    )
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.OPEN, db_default=State.OPEN
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="cart_one_open_per_customer",
                fields=["customer"],
                condition=Q(state="open"),
            ),
            models.CheckConstraint(
                name="cart_has_one_owner",
                condition=Q(customer=None) ^ Q(token_hash=None),
            ),
            models.CheckConstraint(
                name="cart_state_known",
                condition=Q(state__in=["open", "merged", "ordered"]),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class CartBundle(models.Model):
    """So many of one bundle in a cart; its parts are lines only once it is ordered."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="bundles")
    bundle = models.ForeignKey(
        "catalog.Bundle", on_delete=models.CASCADE, related_name="+"
    )
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="cart_bundle_once", fields=["cart", "bundle"]),
            models.CheckConstraint(
                name="cart_bundle_quantity_positive", condition=Q(quantity__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.bundle_id}"


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(
        "catalog.Variant", on_delete=models.CASCADE, related_name="+"
    )
    quantity = models.PositiveIntegerField()
    # What a piece cost when the shopper last changed the cart.
    seen_price = RupiahField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="cart_line_once_per_variant", fields=["cart", "variant"]
            ),
            models.CheckConstraint(
                name="cart_line_quantity_positive", condition=Q(quantity__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.variant_id}"
