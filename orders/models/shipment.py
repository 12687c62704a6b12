from django.db import models

from orders.models.order import Order


class Shipment(models.Model):
    """The parcel of an order, known by the courier's tracking number (AWB)."""

    order = models.OneToOneField(
        Order, on_delete=models.PROTECT, related_name="shipment"
    )
    courier = models.CharField(max_length=30)
    tracking_number = models.CharField(max_length=50)
    shipped_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="shipment_tracking_number_once_per_courier",
                fields=["courier", "tracking_number"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.courier} {self.tracking_number}"
