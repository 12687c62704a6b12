"""Money in: attempts to be paid, the gateway's word, and what needs a person."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from karima.ids import uuid7
from karima.money import RupiahField


class PaymentAttempt(models.Model):
    """One try to be paid for an order: one Snap transaction with an id of its own.

    `provider_order_id` is the order's number and a two-digit attempt. Its fixed width
    matters: the gateway signs its fields without delimiters, so an id must never be the
    beginning of another one.
    """

    class State(models.TextChoices):
        CREATING = "creating", "Sedang dibuat"
        OPEN = "open", "Menunggu dibayar"
        PAID = "paid", "Lunas"
        CLOSED = "closed", "Ditutup"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, related_name="payment_attempts"
    )
    number = models.PositiveSmallIntegerField()
    provider_order_id = models.CharField("ID Midtrans", max_length=50, unique=True)
    amount = RupiahField()
    state = models.CharField(
        "status", max_length=10, choices=State.choices, default=State.CREATING
    )
    snap_token = models.CharField(max_length=64, blank=True)
    redirect_url = models.URLField(max_length=500, blank=True)
    # Set while one process talks to the gateway; a second token would kill the first.
    claimed_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    next_poll_at = models.DateTimeField(null=True, blank=True)
    polls = models.PositiveSmallIntegerField("diperiksa sebanyak", default=0)
    created_at = models.DateTimeField("dibuat", auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "pembayaran"
        verbose_name_plural = "pembayaran"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                name="payment_attempt_number_once_per_order", fields=["order", "number"]
            ),
            models.UniqueConstraint(
                name="payment_attempt_one_live_per_order",
                fields=["order"],
                condition=Q(state__in=["creating", "open"]),
            ),
            models.CheckConstraint(
                name="payment_attempt_number_two_digits",
                condition=Q(number__gte=1, number__lte=99),
            ),
            models.CheckConstraint(
                name="payment_attempt_open_has_token",
                condition=~Q(state="open") | ~Q(snap_token=""),
            ),
        ]
        indexes = [
            models.Index(
                name="payment_attempt_due",
                fields=["next_poll_at"],
                condition=Q(state__in=["creating", "open"]),
            ),
        ]

    def __str__(self) -> str:
        return self.provider_order_id


class GatewayTransaction(models.Model):
    """One try of the customer within an attempt: a card, then a wallet, ...

    `status` is the highest-ranked thing ever heard of it, which makes repeated and
    reordered notifications harmless. `transaction_id` is unique over all attempts, so
    that one payment can never be counted for two orders.
    """

    attempt = models.ForeignKey(
        PaymentAttempt, on_delete=models.PROTECT, related_name="transactions"
    )
    transaction_id = models.CharField("ID transaksi", max_length=64, unique=True)
    payment_type = models.CharField("cara bayar", max_length=30, blank=True)
    status = models.CharField(max_length=20)
    rank = models.PositiveSmallIntegerField()
    fraud_status = models.CharField(max_length=20, blank=True)
    gross_amount = RupiahField()
    paid_at = models.DateTimeField(null=True, blank=True)
    refunded_total = RupiahField(default=0)
    refund_confirmed_at = models.DateTimeField(null=True, blank=True)
    # What the shop's own refunds hold of the amount, those under way included: written
    # with them, so that no two of them can give the same rupiah back.
    refund_claimed = RupiahField(default=0, db_default=0)
    # What went back without a refund at the gateway: bank transfers, a voided card.
    returned_total = RupiahField(default=0, db_default=0)
    # What the customer needs to pay: bank, virtual account or bill number, expiry.
    instructions = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="gateway_transaction_refund_within_amount",
                condition=Q(refunded_total__lte=models.F("gross_amount")),
            ),
            models.CheckConstraint(
                name="gateway_transaction_refund_claim_within_amount",
                condition=Q(refund_claimed__lte=models.F("gross_amount")),
            ),
            models.CheckConstraint(
                name="gateway_transaction_returned_within_amount",
                condition=Q(returned_total__lte=models.F("gross_amount")),
            ),
        ]

    def __str__(self) -> str:
        return self.transaction_id


class GatewayEvent(models.Model):
    """One thing the gateway told us, as received, and what was made of it.

    `digest` covers the whole body: the gateway sends every refund twice under the same
    signature, so a signature does not tell two events apart.
    """

    class Source(models.TextChoices):
        NOTIFICATION = "notification", "Pemberitahuan"
        POLL = "poll", "Pemeriksaan status"

    class Outcome(models.TextChoices):
        RECEIVED = "received", "Diterima, belum diterapkan"
        APPLIED = "applied", "Diterapkan"
        UNKNOWN_ORDER = "unknown_order", "Pesanan tidak dikenal"
        MISMATCH = "mismatch", "Jumlah atau merchant berbeda"
        UNCONFIRMED = "unconfirmed", "Tidak dibenarkan Midtrans"
        UNKNOWN_STATUS = "unknown_status", "Status tidak dikenal"

    source = models.CharField("sumber", max_length=15, choices=Source.choices)
    digest = models.CharField(max_length=64)
    provider_order_id = models.CharField("ID Midtrans", max_length=50)
    transaction_id = models.CharField("ID transaksi", max_length=64, blank=True)
    transaction_status = models.CharField("status transaksi", max_length=30, blank=True)
    gross_amount = models.CharField("jumlah", max_length=20, blank=True)
    body = models.JSONField()
    outcome = models.CharField(
        "hasil", max_length=15, choices=Outcome.choices, default=Outcome.RECEIVED
    )
    received_at = models.DateTimeField("waktu", auto_now_add=True)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "kabar Midtrans"
        verbose_name_plural = "kabar Midtrans"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="gateway_event_once", fields=["source", "digest"]
            ),
        ]
        indexes = [
            models.Index(
                name="gateway_event_waiting",
                fields=["received_at"],
                condition=Q(outcome="received"),
            ),
            models.Index(
                name="gateway_event_provider_order", fields=["provider_order_id"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_order_id} {self.transaction_status}"


class PaymentIssue(models.Model):
    """Something about money that a person must look at. Nothing here mends itself."""

    class Kind(models.TextChoices):
        LATE_PAYMENT = "late_payment", "Dibayar setelah pesanan berakhir"
        DOUBLE_PAYMENT = "double_payment", "Dibayar dua kali"
        MISMATCH = "mismatch", "Jumlah atau merchant berbeda"
        UNKNOWN_ORDER = "unknown_order", "Pesanan tidak dikenal"
        UNCONFIRMED = "unconfirmed", "Kabar tidak dibenarkan Midtrans"
        CHALLENGE = "challenge", "Kartu ditahan untuk diperiksa"
        REVERSED = "reversed", "Pembayaran ditarik kembali"
        CHARGEBACK = "chargeback", "Disengketakan pemegang kartu"
        UNKNOWN_STATUS = "unknown_status", "Status yang tidak dikenal toko"
        REFUND_DENIED = "refund_denied", "Pengembalian dana ditolak"
        REFUND_DIFFERS = "refund_differs", "Pengembalian berbeda dari catatan"

    kind = models.CharField("jenis", max_length=15, choices=Kind.choices)
    order = models.ForeignKey(
        "orders.Order",
        on_delete=models.PROTECT,
        related_name="payment_issues",
        null=True,
        blank=True,
    )
    # With the kind it names the fact, so that a repeat opens no second issue.
    subject = models.CharField(max_length=80)
    detail = models.CharField("keterangan", max_length=300)
    created_at = models.DateTimeField("waktu", auto_now_add=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    resolution = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = "masalah pembayaran"
        verbose_name_plural = "masalah pembayaran"
        ordering = ["-id"]
        permissions = [
            ("resolve_issue", "Can resolve payment issues"),
            ("decide_challenge", "Can approve or deny cards held for review"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="payment_issue_once", fields=["kind", "subject"]
            ),
            models.CheckConstraint(
                name="payment_issue_resolved_by_somebody",
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"
