"""What the staff did at the admin, and the links that open it without Access."""

from django.db import models
from django.db.models import F, Q

from accounts.models.user import StaffIdentity, User


class StaffAuditEntry(models.Model):
    """One thing that a person did at the admin: append-only, which a trigger enforces.

    `email` and `subject` are what Access said, kept beside the row of the staff because
    a person who is refused has none. `object` names the page and what it was about.
    """

    class Action(models.TextChoices):
        LOGIN = "login", "Masuk"
        LOGOUT = "logout", "Keluar"
        WRITE = "write", "Menulis"
        DENIED = "denied", "Ditolak"
        REBIND = "rebind", "Akun Access dilepas"
        BREAKGLASS = "breakglass", "Pintu darurat"

    at = models.DateTimeField("waktu", auto_now_add=True)
    actor = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="staf",
    )
    email = models.CharField("e-mail", max_length=254)
    subject = models.CharField("akun Access", max_length=255, blank=True)
    action = models.CharField("tindakan", max_length=10, choices=Action.choices)
    reason = models.CharField("alasan", max_length=200, blank=True)
    method = models.CharField("metode", max_length=10, blank=True)
    path = models.CharField("alamat", max_length=200, blank=True)
    object = models.CharField("objek", max_length=200, blank=True)
    status = models.PositiveSmallIntegerField("status", null=True)
    ip = models.GenericIPAddressField("alamat IP", null=True)
    cf_ray = models.CharField("Cf-Ray", max_length=40, blank=True)
    request_id = models.CharField("nomor permintaan", max_length=64, blank=True)

    class Meta:
        verbose_name = "catatan staf"
        verbose_name_plural = "catatan staf"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["actor", "id"], name="staff_audit_actor"),
            models.Index(fields=["at"], name="staff_audit_at"),
        ]
        constraints = [
            models.CheckConstraint(
                name="staff_audit_action_is_known",
                condition=Q(
                    action__in=[
                        "login",
                        "logout",
                        "write",
                        "denied",
                        "rebind",
                        "breakglass",
                    ]
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} {self.action}"


class BreakGlassLink(models.Model):
    """A way into the admin while Access is away: once, and for a few minutes.

    Only the hash of the link's secret is kept.
    """

    staff = models.ForeignKey(
        StaffIdentity, on_delete=models.CASCADE, related_name="break_glass_links"
    )
    secret_hash = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="break_glass_has_a_reason", condition=~Q(reason="")
            ),
            models.CheckConstraint(
                name="break_glass_used_in_time",
                condition=Q(used_at=None) | Q(used_at__lte=F("expires_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.created_at}"
