"""What customers agreed to, and what they took back."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Consent(models.Model):
    """One answer of a customer to one question; the newest of a purpose holds.

    A trigger keeps the rows as they are. Only `ip` may be emptied, which erasure does.
    """

    class Purpose(models.TextChoices):
        TERMS = "terms", "Syarat dan ketentuan"
        MARKETING_EMAIL = "marketing_email", "Promosi lewat e-mail"
        MARKETING_WHATSAPP = "marketing_whatsapp", "Promosi lewat WhatsApp"

    class Source(models.TextChoices):
        CHECKOUT = "checkout", "Saat memesan"
        ACCOUNT = "account", "Halaman akun"

    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="consents"
    )
    purpose = models.CharField("tujuan", max_length=20, choices=Purpose.choices)
    granted = models.BooleanField("diberikan")
    source = models.CharField("asal", max_length=10, choices=Source.choices)
    text_version = models.CharField("versi teks", max_length=20)
    ip = models.GenericIPAddressField("alamat IP", null=True, blank=True)
    created_at = models.DateTimeField("waktu", auto_now_add=True)

    class Meta:
        verbose_name = "persetujuan"
        verbose_name_plural = "persetujuan"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="consent_purpose_known",
                condition=Q(
                    purpose__in=["terms", "marketing_email", "marketing_whatsapp"]
                ),
            ),
            models.CheckConstraint(
                name="consent_names_its_text", condition=~Q(text_version="")
            ),
        ]
        indexes = [
            models.Index(name="consent_newest", fields=["customer", "purpose", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}: {'ya' if self.granted else 'tidak'}"
