"""Messages: written with what they tell about, sent once, tried again, given up."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone

from accounts.models import Message
from accounts.services import message_texts, messages
from accounts.services.message_texts import EVENTS, TemplateNamesUnknown, Text
from accounts.services.messages import WAITS, MessageWaits, Recipient
from tests.factories import CustomerFactory, StaffFactory
from tests.fixtures_queue import Jobs

pytestmark = pytest.mark.django_db

AISYAH = "aisyah@karima.example"
State = Message.State


def write(key: str = "1", **changes: Any) -> None:
    with transaction.atomic():
        messages.queue(
            event="order_paid",
            key=key,
            recipient=Recipient(changes.pop("email", AISYAH)),
            context={**EVENTS["order_paid"].names, **changes},
        )


def written() -> Message:
    write()
    return Message.objects.get()


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: Any, **__: Any) -> int:
        raise error

    monkeypatch.setattr(EmailMultiAlternatives, "send", fail)


def make_due(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(next_try_at=timezone.now())


def test_message_and_its_job_are_written_together(jobs: Jobs) -> None:
    message = written()
    assert message.subject == "Pembayaran pesanan KRM-261125-7K2M9Q kami terima"
    assert "{{" not in message.body
    # The queue keeps its arguments for days: they name nobody.
    assert jobs() == [("accounts.tasks.send_message", {"message_id": str(message.pk)})]


def test_message_goes_with_what_it_tells_about(jobs: Jobs) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write()
        raise ZeroDivisionError
    assert not Message.objects.exists()
    assert jobs() == []


def test_repeat_writes_nothing(jobs: Jobs) -> None:
    write()
    write(email=AISYAH.upper())
    assert Message.objects.count() == 1
    write(key="2")
    assert Message.objects.count() == len(jobs()) == 2


def test_nobody_is_written_to_without_an_address(jobs: Jobs) -> None:
    write(email="")
    assert not Message.objects.exists()


def test_mail_has_plain_text_and_html() -> None:
    message = written()
    assert messages.send(message.pk)
    (sent,) = mail.outbox
    assert (sent.to, sent.body) == ([AISYAH], message.body)
    assert isinstance(sent, EmailMultiAlternatives)
    html = str(sent.alternatives[0].content)
    assert f'href="{EVENTS["order_paid"].names["tautan"]}"' in html
    message.refresh_from_db()
    assert (message.state, message.tries) == (State.SENT, 1)
    assert message.sent_at is not None


def test_sent_message_is_not_sent_again() -> None:
    message = written()
    messages.send(message.pk)
    messages.send(message.pk)
    messages.send_due()
    assert len(mail.outbox) == 1


def test_message_another_worker_is_sending_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = written()

    def meanwhile(*_: Any, **__: Any) -> int:
        messages.send(message.pk)
        return 1

    monkeypatch.setattr(EmailMultiAlternatives, "send", meanwhile)
    messages.send(message.pk)
    message.refresh_from_db()
    assert message.tries == 1


def test_values_are_text_and_nothing_else() -> None:
    """Neither a place, nor HTML, nor a header of the mail."""
    write(nama="{{ total }} <script>x</script>", nomor="1\r\nBcc: eve@karima.example")
    message = Message.objects.get()
    messages.send(message.pk)
    sent = mail.outbox[0]
    assert "{{ total }} <script>" in sent.body
    assert "<script>" not in messages.html_of(message.body)
    assert sent.subject == "Pembayaran pesanan 1 Bcc: eve@karima.example kami terima"
    assert sent.recipients() == [AISYAH]


def test_failed_message_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    message = written()
    with monkeypatch.context() as away:
        fail_with(away, TimeoutError(f"no answer for {AISYAH}"))
        assert not messages.send(message.pk)
    message.refresh_from_db()
    assert (message.state, message.tries) == (State.WAITING, 1)
    assert message.error == "TimeoutError: no answer for a***@karima.example"
    assert message.next_try_at is not None
    assert message.next_try_at > timezone.now() + timedelta(seconds=30)
    messages.send_due()
    assert mail.outbox == []
    make_due(message)
    messages.send_due()
    assert len(mail.outbox) == 1


def test_message_is_dead_after_its_last_try(monkeypatch: pytest.MonkeyPatch) -> None:
    message = written()
    fail_with(monkeypatch, smtplib.SMTPServerDisconnected("gone"))
    for number in range(len(WAITS) + 1):
        message.refresh_from_db()
        assert (message.state, message.tries) == (State.WAITING, number)
        make_due(message)
        messages.send(message.pk)
    message.refresh_from_db()
    assert (message.state, message.next_try_at) == (State.DEAD, None)


@pytest.mark.parametrize(
    ("code", "state"), [(550, State.DEAD), (450, State.WAITING)], ids=["no box", "busy"]
)
def test_refused_address_is_not_tried_for_hours(
    monkeypatch: pytest.MonkeyPatch, code: int, state: str
) -> None:
    message = written()
    refusal = {AISYAH: (code, b"no")}
    fail_with(monkeypatch, smtplib.SMTPRecipientsRefused(refusal))
    assert messages.send(message.pk)
    message.refresh_from_db()
    assert message.state == state
    assert AISYAH not in message.error


def test_server_that_is_away_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    write("1")
    write("2")
    fail_with(monkeypatch, ConnectionRefusedError())
    messages.send_due()
    assert sorted(Message.objects.values_list("tries", flat=True)) == [0, 1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_queue")
def test_dead_message_is_sent_again_by_hand() -> None:
    message = written()
    with pytest.raises(MessageWaits):
        messages.resend(message.pk)
    Message.objects.update(state=State.DEAD, next_try_at=None, tries=7, error="x")
    messages.resend(message.pk)
    messages.send(message.pk)
    message.refresh_from_db()
    assert (message.state, message.tries, message.error) == (State.SENT, 1, "")
    assert len(mail.outbox) == 1


def test_old_messages_are_deleted() -> None:
    write("old")
    Message.objects.update(created_at=timezone.now() - timedelta(days=366))
    write("new")
    messages.forget_old()
    assert Message.objects.get().key == "new"


def test_messages_to_a_person_are_forgotten() -> None:
    aisyah = CustomerFactory(email=AISYAH)
    write("by address")
    write("of another", email="eko@karima.example")
    with transaction.atomic():
        messages.queue(
            event="order_paid",
            key="by person",
            recipient=Recipient("kerja@karima.example", aisyah),
            context=EVENTS["order_paid"].names,
        )
    messages.forget(aisyah)
    assert Message.objects.get().key == "of another"


@pytest.mark.parametrize("event", EVENTS)
def test_texts_of_the_shop_use_names_that_exist(event: str) -> None:
    text = EVENTS[event].text
    message_texts.check(event, text)
    filled = message_texts.example(event, text)
    assert "{{" not in f"{filled.subject}{filled.body}"


@pytest.mark.parametrize(
    "body",
    ["{{ sandi }}", "{{ nama.password }}", "{{ nama", "nama }}", "{{ nama|safe }}"],
)
def test_text_with_an_unknown_name_is_refused(body: str) -> None:
    with pytest.raises(TemplateNamesUnknown):
        message_texts.change("order_paid", Text("Lunas", body), actor=StaffFactory())


def test_text_of_the_staff_is_used_until_it_is_taken_back() -> None:
    text = Text("Lunas: {{ nomor }}", "Terima kasih, {{nama}}. {% now 'Y' %}")
    message_texts.change("order_paid", text, actor=StaffFactory())
    message = written()
    assert message.subject == "Lunas: KRM-261125-7K2M9Q"
    assert message.body == "Terima kasih, Aisyah Putri. {% now 'Y' %}"
    message_texts.restore("order_paid")
    assert message_texts.text_of("order_paid") == EVENTS["order_paid"].text
