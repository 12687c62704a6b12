"""One-time codes: how a storefront on another site gets an access token."""

from django.db import models
from django.db.models import F, Q

from accounts.models.user import User


class HandoffCode(models.Model):
    """A code given to the storefront, and the one token that was made from it.

    The code itself is not kept, only its SHA-256. `token_id` is the token's `jti`;
    `revoked_at` ends that token, after the code was sent a second time.
    """

    code_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    session_id = models.UUIDField()
    session_expires_at = models.DateTimeField()
    redirect_uri = models.CharField(max_length=500)
    code_challenge = models.CharField(max_length=43)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    token_id = models.UUIDField(null=True, unique=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="handoff_token_only_from_a_used_code",
                condition=Q(token_id=None) | Q(used_at__isnull=False),
            ),
            models.CheckConstraint(
                name="handoff_code_expires_after_it_is_made",
                condition=Q(expires_at__gt=F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.created_at:%Y-%m-%d %H:%M}"
