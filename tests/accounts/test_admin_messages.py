"""Pages of messages and of their texts, and who may open them."""

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from accounts.models import Message, MessageTemplate
from accounts.services import message_texts, messages
from accounts.services.message_texts import EVENTS
from tests.fixtures_staff import StaffClient
from tests.payments.admin_pages import page

pytestmark = pytest.mark.django_db

LIST = "accounts_message_changelist"
TEXTS = "accounts_messagetemplate_changelist"
TEXT = {"subject": "Lunas {{ nomor }}", "body": "Terima kasih, {{ nama }}."}


def dead_message() -> Message:
    with transaction.atomic():
        messages.queue(
            event="order_paid",
            key="1",
            recipient=messages.Recipient("aisyah@karima.example"),
            context=EVENTS["order_paid"].names,
            order_number="KRM-261125-7K2M9Q",
        )
    Message.objects.update(
        state="dead", next_try_at=None, tries=7, error="TimeoutError: lambat"
    )
    return Message.objects.get()


def test_order_number_finds_its_messages(staff_client: StaffClient) -> None:
    dead_message()
    client = staff_client("cs")
    found = client.get(page(LIST), {"q": "KRM-261125-7K2M9Q"}).content.decode()
    assert "aisyah@karima.example" in found
    assert "Gagal" in found
    other = client.get(page(LIST), {"q": "KRM-261125-AAAAAA"}).content.decode()
    assert "aisyah@karima.example" not in other


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_queue")
def test_dead_message_is_read_and_sent_again(staff_client: StaffClient) -> None:
    message, client = dead_message(), staff_client("cs")
    address = page("accounts_message_change", message.pk)
    shown = client.get(address).content.decode()
    assert "TimeoutError: lambat" in shown
    assert "Kirim lagi" in shown
    resend = page("accounts_message_resend", message.pk)
    client.get(resend)
    assert Message.objects.get().state == "dead"
    client.post(resend)
    messages.send_due()
    assert len(mail.outbox) == 1
    assert "Terkirim" in client.get(address).content.decode()


def test_waiting_message_has_no_button(staff_client: StaffClient) -> None:
    message = dead_message()
    Message.objects.update(state="waiting", next_try_at=timezone.now())
    shown = staff_client("cs").get(page("accounts_message_change", message.pk))
    assert "Kirim lagi" not in shown.content.decode()


def test_text_is_looked_at_before_it_is_kept(staff_client: StaffClient) -> None:
    client = staff_client("marketing")
    address = page("accounts_messagetemplate_change", "order_paid")
    assert "{{ nomor }}" in client.get(address).content.decode()
    seen = client.post(address, {**TEXT, "look": ""}).content.decode()
    assert "Terima kasih, Aisyah Putri." in seen
    assert not MessageTemplate.objects.exists()
    client.post(address, {**TEXT, "save": ""})
    assert message_texts.text_of("order_paid").subject == TEXT["subject"]
    assert "Diubah" in client.get(page(TEXTS)).content.decode()
    client.post(address, {"restore": ""})
    assert not MessageTemplate.objects.exists()


def test_text_with_an_unknown_name_is_not_kept(staff_client: StaffClient) -> None:
    address = page("accounts_messagetemplate_change", "order_paid")
    wrong = {**TEXT, "body": "{{ sandi }}", "save": ""}
    answer = staff_client("marketing").post(address, wrong).content.decode()
    assert "tidak dikenal" in answer
    assert not MessageTemplate.objects.exists()


def test_text_of_no_event_has_no_page(staff_client: StaffClient) -> None:
    address = page("accounts_messagetemplate_change", "order_flown")
    assert staff_client("marketing").get(address).status_code == 404


SEE = {"owner", "manager", "cs"}
WRITE = {"owner", "manager", "marketing"}
ROLES = ["owner", "manager", "cs", "warehouse", "marketing", "finance", ""]


@pytest.mark.parametrize("role", ROLES)
def test_roles_are_granted_what_the_table_says(
    staff_client: StaffClient, role: str
) -> None:
    message, client = dead_message(), staff_client(role)
    to_see = [
        client.get(page(LIST)),
        client.get(page("accounts_message_change", message.pk)),
    ]
    expected = {200} if role in SEE else {403}
    assert {answer.status_code for answer in to_see} == expected
    text = page("accounts_messagetemplate_change", "order_paid")
    to_write = [client.get(page(TEXTS)), client.get(text)]
    expected = {200} if role in WRITE else {403}
    assert {answer.status_code for answer in to_write} == expected
    saved = client.post(text, {**TEXT, "save": ""}).status_code
    assert saved == (302 if role in WRITE else 403)
    assert MessageTemplate.objects.exists() == (role in WRITE)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_queue")
@pytest.mark.parametrize("role", ["owner", "cs", "marketing", "finance"])
def test_role_sends_again_what_it_sees(staff_client: StaffClient, role: str) -> None:
    message = dead_message()
    answer = staff_client(role).post(page("accounts_message_resend", message.pk))
    assert answer.status_code == (302 if role in SEE else 403)
    waits = Message.objects.get().state == "waiting"
    assert waits == (role in SEE)
