"""What customers ask about their own data, and how far the shop has come with it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from karima.ids import uuid7


class PrivacyRequest(models.Model):
    """A request for a copy of one's data, or for its erasure.

    The row is the proof that the shop answered; it holds nothing of the person but the
    reference. `finished_steps` says when each step was done, `next_try_at` when the
    work goes on if nobody finishes it before.
    """

    class Kind(models.TextChoices):
        EXPORT = "export", "Salinan data"
        ERASURE = "erasure", "Penghapusan data"

    class State(models.TextChoices):
        WAITING = "waiting", "Menunggu"
        RUNNING = "running", "Berjalan"
        DONE = "done", "Selesai"
        FAILED = "failed", "Gagal"
        EXPIRED = "expired", "Berkas sudah dihapus"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="privacy_requests",
        verbose_name="pelanggan",
    )
    kind = models.CharField("jenis", max_length=10, choices=Kind.choices)
    state = models.CharField(
        "keadaan", max_length=10, choices=State.choices, default=State.WAITING
    )
    step = models.CharField("langkah", max_length=30, blank=True)
    percent = models.PositiveSmallIntegerField("kemajuan", default=0)
    finished_steps = models.JSONField(default=dict, blank=True)
    tries = models.PositiveSmallIntegerField("percobaan", default=0)
    next_try_at = models.DateTimeField()
    legal_basis = models.CharField("dasar hukum", max_length=300)
    requested_at = models.DateTimeField("diminta")
    due_at = models.DateTimeField("tenggat")
    finished_at = models.DateTimeField(null=True, blank=True)
    # Until when the copy may be fetched.
    available_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "permintaan privasi"
        verbose_name_plural = "permintaan privasi"
        ordering = ["-requested_at", "-id"]
        permissions = [("run_privacyrequest", "Can run failed privacy requests again")]
        constraints = [
            models.UniqueConstraint(
                name="privacy_request_one_open_of_a_kind",
                fields=["customer", "kind"],
                condition=Q(state__in=["waiting", "running", "failed"]),
            ),
            models.CheckConstraint(
                name="privacy_request_percent", condition=Q(percent__lte=100)
            ),
            models.CheckConstraint(
                name="privacy_request_done_is_finished",
                condition=~Q(state="done") | Q(finished_at__isnull=False, percent=100),
            ),
        ]
        indexes = [
            models.Index(
                name="privacy_request_due",
                fields=["next_try_at"],
                condition=Q(state__in=["waiting", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
