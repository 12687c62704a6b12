"""What the shop writes to people, and the texts it writes it in."""

from django.db import models
from django.db.models import Q

from accounts.models.user import User
from karima.ids import uuid7


class MessageTemplate(models.Model):
    """The staff's own text of an event, in place of the shop's.

    `{{ name }}` stands for what `accounts.services.message_texts` lists for the event.
    """

    event = models.CharField("peristiwa", max_length=40, primary_key=True)
    subject = models.CharField("judul", max_length=150)
    body = models.TextField("isi", max_length=4000)
    updated_at = models.DateTimeField("diubah", auto_now=True)
    updated_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="diubah oleh"
    )

    class Meta:
        verbose_name = "teks pesan"
        verbose_name_plural = "teks pesan"
        ordering = ["event"]

    def __str__(self) -> str:
        return self.event


class Message(models.Model):
    """One message to one recipient, as written; `accounts.services.messages` sends it.

    `key` tells one happening of an event from the next, so that each is told once.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"

    class State(models.TextChoices):
        WAITING = "waiting", "Menunggu"
        SENT = "sent", "Terkirim"
        DEAD = "dead", "Gagal"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.CharField("peristiwa", max_length=40)
    key = models.CharField(max_length=100)
    channel = models.CharField(
        "saluran", max_length=10, choices=Channel.choices, default=Channel.EMAIL
    )
    recipient = models.CharField("penerima", max_length=254)
    customer = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="messages",
        verbose_name="pelanggan",
    )
    # The number of the order that it is about, if any.
    order_number = models.CharField(
        "nomor pesanan", max_length=17, blank=True, default="", db_index=True
    )
    subject = models.CharField("judul", max_length=254)
    body = models.TextField("isi")
    state = models.CharField(
        "keadaan", max_length=10, choices=State.choices, default=State.WAITING
    )
    tries = models.PositiveSmallIntegerField("percobaan", default=0)
    next_try_at = models.DateTimeField("coba lagi", null=True)
    error = models.CharField("kesalahan", max_length=300, blank=True, default="")
    created_at = models.DateTimeField("dibuat", auto_now_add=True)
    sent_at = models.DateTimeField("terkirim", null=True)

    class Meta:
        verbose_name = "pesan"
        verbose_name_plural = "pesan"
        ordering = ["-created_at", "-id"]
        permissions = [("resend_message", "Can send messages again")]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "key", "channel", "recipient"], name="message_once"
            ),
            models.CheckConstraint(
                name="message_state_has_its_moment",
                condition=Q(state="waiting", next_try_at__isnull=False, sent_at=None)
                | Q(state="sent", next_try_at=None, sent_at__isnull=False)
                | Q(state="dead", next_try_at=None, sent_at=None),
            ),
        ]
        indexes = [
            models.Index(
                name="message_due",
                fields=["next_try_at"],
                condition=Q(state="waiting"),
            ),
            models.Index(name="message_newest", fields=["-created_at", "-id"]),
        ]

    def __str__(self) -> str:
        return self.subject
