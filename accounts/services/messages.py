"""Write to people: the only place that sends mail.

A message is a row, written in the transaction of what it tells about, so that it
exists if and only if that happened. The worker sends it afterwards, at least once: one
that dies between the mail server's answer and the row's last state sends again.
"""

import logging
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Message, User
from accounts.services import message_texts
from karima.errors import Conflict, NotFound
from karima.jobs import enqueue
from karima.scrubbing import scrub

logger = logging.getLogger(__name__)

Channel, State = Message.Channel, Message.State

# Longer than a try can take, so that nobody sends what another worker is sending.
TRY_TAKES = timedelta(minutes=5)
# After each failed try; a message that has used them all up is dead.
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)
BATCH = 50
KEEP = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom to write to; `customer` is the person behind the address, if known."""

    email: str
    customer: User | None = None


class MessageNotFound(NotFound):
    code = "message_not_found"
    title = "Message not found"
    detail = "Pesan tidak ditemukan."


class MessageWaits(Conflict):
    code = "message_waits"
    title = "Message not sent yet"
    detail = "Pesan ini masih menunggu dikirim."


def queue(
    *,
    event: str,
    key: str,
    recipient: Recipient,
    context: Mapping[str, str],
    order_number: str = "",
) -> None:
    """Write a message and have it sent once the caller's transaction commits.

    Must run in a transaction. A repeat of event, key and recipient changes nothing, and
    nobody is written to without an address. `context` has a value for each name of the
    event. Raises `KeyError` for an event or a name that does not exist.
    """
    address = recipient.email.strip().lower()
    if not address:
        return
    values = {name: context[name] for name in message_texts.EVENTS[event].names}
    text = message_texts.fill(message_texts.text_of(event), values)
    message = Message(
        event=event,
        key=key,
        recipient=address,
        customer=recipient.customer,
        order_number=order_number,
        subject=text.subject,
        body=text.body,
        next_try_at=timezone.now(),
    )
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        if Message.objects.filter(event=event, key=key, recipient=address).exists():
            return
        raise
    _enqueue(message)


def send(message_id: UUID) -> bool:
    """Send a message that is due; tell whether the mail server could be used.

    Must run outside any transaction; safe to repeat and to run twice at once.
    """
    message = _begin(message_id)
    if message is None:
        return True
    try:
        _deliver(message)
    except smtplib.SMTPRecipientsRefused as error:
        _fail(message, error, for_good=_is_permanent(error))
        return True
    except OSError as error:
        # The server's own errors too: `SMTPException` is one.
        _fail(message, error)
        return False
    except ValueError as error:
        _fail(message, error, for_good=True)
        return True
    Message.objects.filter(pk=message.pk).update(
        state=State.SENT, sent_at=timezone.now(), next_try_at=None, error=""
    )
    return True


def send_due() -> None:
    """Send what a job has not sent, the oldest first; stop when the server is away."""
    due = Message.objects.filter(state=State.WAITING, next_try_at__lte=timezone.now())
    for pk in list(due.order_by("next_try_at").values_list("pk", flat=True)[:BATCH]):
        if not send(pk):
            return


def resend(message_id: UUID) -> None:
    """Send a message again that is dead or was sent, with the text it has.

    Opens its own transaction. Raises `MessageNotFound` and `MessageWaits`.
    """
    with transaction.atomic(durable=True):
        message = Message.objects.select_for_update().filter(pk=message_id).first()
        if message is None:
            raise MessageNotFound()
        if message.state == State.WAITING:
            raise MessageWaits()
        message.state, message.tries, message.error = State.WAITING, 0, ""
        message.sent_at, message.next_try_at = None, timezone.now()
        message.save()
        _enqueue(message)


def forget(customer: User) -> None:
    """Delete the messages to a person who is being erased; safe to repeat."""
    own = Q(customer=customer)
    if customer.email:
        own |= Q(recipient__iexact=customer.email)
    Message.objects.filter(own).delete()


def forget_old() -> None:
    """Delete messages a year after they were written."""
    Message.objects.filter(created_at__lt=timezone.now() - KEEP).delete()


def html_of(body: str) -> str:
    """Return the body as an HTML page: escaped, in paragraphs, its links to click."""
    return render_to_string("messages/email.html", {"body": body})


def _enqueue(message: Message) -> None:
    enqueue("accounts.tasks.send_message", message_id=str(message.pk))


def _begin(message_id: UUID) -> Message | None:
    """Take the message for one try, or return nothing when it is not due."""
    now = timezone.now()
    mine = Message.objects.filter(
        pk=message_id, state=State.WAITING, next_try_at__lte=now
    ).update(tries=F("tries") + 1, next_try_at=now + TRY_TAKES)
    return Message.objects.filter(pk=message_id).first() if mine else None


def _deliver(message: Message) -> None:
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.body,
        to=[message.recipient],
        # The same at every try, so that mail programs show a repeat once.
        headers={"Message-ID": f"<{message.pk}@karima.invalid>"},
    )
    mail.attach_alternative(html_of(message.body), "text/html")
    mail.send()


def _is_permanent(error: smtplib.SMTPRecipientsRefused) -> bool:
    return all(code >= 500 for code, _ in error.recipients.values())


def _fail(message: Message, error: Exception, *, for_good: bool = False) -> None:
    dead = for_good or message.tries > len(WAITS)
    wait = None if dead else timezone.now() + WAITS[message.tries - 1]
    Message.objects.filter(pk=message.pk).update(
        state=State.DEAD if dead else State.WAITING,
        next_try_at=wait,
        error=scrub(f"{type(error).__name__}: {error}")[:300],
    )
    log = logger.error if dead else logger.warning
    log(
        "message_dead" if dead else "message_not_sent",
        extra={"job": str(message.pk), "reason": type(error).__name__},
    )
