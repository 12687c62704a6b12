"""Money out: what is given back of a payment, how, and who decided it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from karima.ids import uuid7
from karima.money import RupiahField


class Refund(models.Model):
    """One amount that goes, or went, back to the customer of one transaction.

    `refund_key` is the gateway's idempotency key, so it is on record before the call:
    the same row is sent again under the same key, and can only ever take effect once.
    The rows are written by `payments.services.refunds` and its neighbours alone.
    """

    class Kind(models.TextChoices):
        GATEWAY = "gateway", "Lewat Midtrans"
        VOID = "void", "Pembatalan kartu"
        MANUAL = "manual", "Transfer bank"
        DASHBOARD = "dashboard", "Dari dasbor Midtrans"

    class State(models.TextChoices):
        WAITING = "waiting", "Menunggu persetujuan"
        REQUESTED = "requested", "Sedang dikembalikan"
        ACCEPTED = "accepted", "Diterima Midtrans"
        CONFIRMED = "confirmed", "Selesai"
        DENIED = "denied", "Ditolak bank"
        WITHDRAWN = "withdrawn", "Tidak jadi"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, related_name="refunds"
    )
    transaction = models.ForeignKey(
        "payments.GatewayTransaction", on_delete=models.PROTECT, related_name="refunds"
    )
    kind = models.CharField("cara", max_length=10, choices=Kind.choices)
    state = models.CharField("keadaan", max_length=10, choices=State.choices)
    amount = RupiahField("jumlah")
    refund_key = models.CharField("kunci", max_length=50)
    reason = models.CharField("alasan", max_length=255, blank=True)

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    # A request sent again with the same key of the client is the same refund.
    request_key = models.CharField(max_length=255, null=True, blank=True, unique=True)
    # What that request said; several refunds of one request share it.
    request_fingerprint = models.CharField(max_length=64, blank=True)
    needs_approval = models.BooleanField(default=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    first_sent_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField("dicoba sebanyak", default=0)
    failure = models.CharField("mengapa gagal", max_length=300, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    # Bank, number and holder, encrypted (`karima.encryption`); a manual refund's only.
    bank_account = models.TextField(blank=True)
    # The name of the file in the private storage, and what the bank calls the transfer.
    proof = models.CharField("bukti", max_length=200, blank=True)
    transfer_reference = models.CharField(max_length=100, blank=True)
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    created_at = models.DateTimeField("dibuat", auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "pengembalian dana"
        verbose_name_plural = "pengembalian dana"
        ordering = ["-created_at", "-id"]
        permissions = [
            ("request_refund", "Can ask for refunds"),
            ("approve_refund", "Can approve refunds that others asked for"),
            ("pay_refund", "Can read bank accounts and record transfers"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="refund_key_once", fields=["transaction", "refund_key"]
            ),
            models.CheckConstraint(
                name="refund_amount_positive", condition=Q(amount__gte=1)
            ),
            models.CheckConstraint(
                name="refund_approved_by_another",
                condition=Q(needs_approval=False)
                | Q(state__in=["waiting", "withdrawn"])
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("requested_by"))),
            ),
            models.CheckConstraint(
                name="refund_asked_by_somebody",
                condition=Q(kind="dashboard") | Q(requested_by__isnull=False),
            ),
            models.CheckConstraint(
                name="refund_transfer_has_proof",
                condition=~Q(kind="manual", state="confirmed")
                | (~Q(proof="") & Q(paid_by__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                name="refund_due",
                fields=["next_try_at"],
                condition=Q(state__in=["requested", "accepted"]),
            ),
        ]

    def __str__(self) -> str:
        return self.refund_key

    @property
    def state_text(self) -> str:
        """How it stands, for the staff: a transfer waits for one of them."""
        if (self.kind, self.state) == (self.Kind.MANUAL, self.State.REQUESTED):
            return "Perlu ditransfer"
        return str(self.State(self.state).label)
