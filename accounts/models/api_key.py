"""Keys by which other programs of the shop call the API."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models.user import User


class ApiKey(models.Model):
    """What one program may do, and until when.

    The key itself is not kept, only its SHA-256; `prefix` is the part of it that people
    recognise it by. `program` is the user who stands in ledgers and histories for what
    the key did: it is nobody's account, and nobody can sign in as it.
    """

    program = models.OneToOneField(
        User, on_delete=models.PROTECT, related_name="api_key", editable=False
    )
    name = models.CharField("dipakai oleh", max_length=60)
    prefix = models.CharField("awalan", max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name="izin")
    created_at = models.DateTimeField("dibuat", auto_now_add=True)
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="dibuat oleh"
    )
    expires_at = models.DateTimeField("berlaku sampai")
    # Up to a minute old, so that not every request writes.
    last_used_at = models.DateTimeField("terakhir dipakai", null=True)
    revoked_at = models.DateTimeField("dicabut", null=True)
    revoked_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="dicabut oleh",
    )

    class Meta:
        verbose_name = "kunci API"
        verbose_name_plural = "kunci API"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="api_key_may_do_something", condition=Q(scopes__len__gt=0)
            ),
            models.CheckConstraint(
                name="api_key_expires_after_it_is_made",
                condition=Q(expires_at__gt=F("created_at")),
            ),
            models.CheckConstraint(
                name="api_key_revoked_by_somebody",
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"
