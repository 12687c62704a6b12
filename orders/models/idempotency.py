"""The memory behind the header `Idempotency-Key`."""

from django.db import models
from django.db.models import Q


class IdempotencyRecord(models.Model):
    """What became of one keyed request.

    `attempt` is a fence: a runner may finish the record only under the number it
    claimed, so that one that was given up for dead cannot commit after its successor.
    """

    class State(models.TextChoices):
        STARTED = "started", "Started"
        DONE = "done", "Done"

    scope = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices)
    attempt = models.PositiveIntegerField(default=1)
    locked_at = models.DateTimeField()
    order = models.ForeignKey(
        "orders.Order",
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
    )
    refusal = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="idempotency_key_once_per_scope", fields=["scope", "key"]
            ),
            models.CheckConstraint(
                name="idempotency_done_has_one_result",
                condition=Q(state="started", order__isnull=True, refusal__isnull=True)
                | Q(state="done", order__isnull=False, refusal__isnull=True)
                | Q(state="done", order__isnull=True, refusal__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="idempotency_created_at", fields=["created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
