"""Customer groups, and the applications of customers who want a better one."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from karima.ids import uuid7


class CustomerGroup(models.Model):
    """What kind of buyer a customer is. The four rows come with the migrations."""

    class Code(models.TextChoices):
        RETAIL = "retail", "Retail"
        RESELLER = "reseller", "Reseller"
        AGEN = "agen", "Agen"
        DISTRIBUTOR = "distributor", "Distributor"

    code = models.CharField(
        "kode", max_length=20, primary_key=True, choices=Code.choices
    )
    name = models.CharField("nama", max_length=50)
    position = models.PositiveSmallIntegerField("urutan", unique=True)

    class Meta:
        verbose_name = "grup pelanggan"
        verbose_name_plural = "grup pelanggan"
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                name="customer_group_code_known",
                condition=Q(code__in=["retail", "reseller", "agen", "distributor"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ResellerApplication(models.Model):
    """A customer's wish to buy as a reseller, agen or distributor.

    `state` is written by `accounts.services.groups` alone.
    """

    class State(models.TextChoices):
        OPEN = "open", "Menunggu"
        APPROVED = "approved", "Disetujui"
        REJECTED = "rejected", "Ditolak"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="reseller_applications",
        verbose_name="pelanggan",
    )
    wanted_group = models.ForeignKey(
        CustomerGroup,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="grup yang diminta",
    )
    shop_name = models.CharField("nama toko", max_length=100)
    city = models.CharField("kota", max_length=100)
    story = models.CharField("cerita", max_length=1000)
    social_link = models.URLField("tautan", max_length=200, blank=True)
    state = models.CharField(
        "keadaan", max_length=10, choices=State.choices, default=State.OPEN
    )
    reason = models.CharField("alasan", max_length=300, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField("diajukan", auto_now_add=True)

    class Meta:
        verbose_name = "pengajuan grup"
        verbose_name_plural = "pengajuan grup"
        ordering = ["-id"]
        permissions = [("decide_application", "Can approve and reject applications")]
        constraints = [
            models.UniqueConstraint(
                name="reseller_application_one_open",
                fields=["customer"],
                condition=Q(state="open"),
            ),
            models.CheckConstraint(
                name="reseller_application_wants_more_than_retail",
                condition=~Q(wanted_group="retail"),
            ),
            models.CheckConstraint(
                name="reseller_application_decided_or_open",
                condition=Q(state="open", decided_at=None)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="reseller_application_rejected_with_reason",
                condition=~Q(state="rejected") | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop_name} ({self.wanted_group_id})"


class ApplicationEvent(models.Model):
    """Who moved an application, and when. A trigger keeps the rows as they are."""

    application = models.ForeignKey(
        ResellerApplication, on_delete=models.PROTECT, related_name="events"
    )
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.application_id} {self.from_state} -> {self.to_state}"
