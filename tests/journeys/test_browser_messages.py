"""A member of staff words a message anew and sends one that failed, in a browser."""

import os
from pathlib import Path

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import Message
from accounts.services import message_texts, messages, roles
from accounts.services.message_texts import EVENTS
from accounts.services.staff import add_staff
from sandbox.access import Access
from tests.payments.admin_pages import page as address

pytestmark = pytest.mark.django_db(transaction=True)

EMAIL = "citra@karima.example"


def show(page: Page, name: str) -> None:
    """Keep a picture of the page, if SCREENSHOTS names a folder for it."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def fail_one() -> None:
    with transaction.atomic():
        messages.queue(
            event="order_paid",
            key="1",
            recipient=messages.Recipient("aisyah@karima.example"),
            context=EVENTS["order_paid"].names,
            order_number="KRM-261125-7K2M9Q",
        )
    Message.objects.update(state="dead", next_try_at=None, error="TimeoutError: lambat")


@pytest.mark.usefixtures("empty_queue")
def test_text_is_changed_and_a_failed_message_sent_again(
    live_server: LiveServer,
    access: Access,
    context: BrowserContext,
    page: Page,
    settings: Settings,
) -> None:
    settings.CF_ACCESS_JWKS_URL = access.certs_url
    settings.CF_ACCESS_ISSUER = access.issuer
    settings.CF_ACCESS_AUD = [access.aud]
    cache.clear()
    roles.sync()
    add_staff(EMAIL, full_name="Citra Lestari", groups=["owner"])
    context.set_extra_http_headers({"Cf-Access-Jwt-Assertion": access.mint(EMAIL)})
    fail_one()

    page.goto(f"{live_server.url}{address('accounts_messagetemplate_changelist')}")
    show(page, "texts")
    page.get_by_role("link", name="Pembayaran diterima").click()
    page.get_by_label("Isi").fill("Terima kasih, {{ nama }}. {{ sandi }}")
    page.get_by_role("button", name="Lihat contoh").click()
    expect(page.get_by_text("tidak dikenal")).to_be_visible()
    show(page, "text-refused")
    page.get_by_label("Isi").fill("Terima kasih, {{ nama }}.")
    page.get_by_role("button", name="Lihat contoh").click()
    expect(page.get_by_text("Terima kasih, Aisyah Putri.")).to_be_visible()
    show(page, "text-seen")
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_text("Teks disimpan.")).to_be_visible()
    assert message_texts.text_of("order_paid").body == "Terima kasih, {{ nama }}."

    page.goto(f"{live_server.url}{address('accounts_message_changelist')}")
    show(page, "messages")
    page.get_by_role("link", name="Pembayaran pesanan").click()
    show(page, "message")
    page.get_by_role("button", name="Kirim lagi").click()
    expect(page.get_by_text("Pesan dikirim lagi sebentar lagi.")).to_be_visible()
    messages.send_due()
    assert len(mail.outbox) == 1
