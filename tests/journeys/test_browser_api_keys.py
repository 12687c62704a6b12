"""The owner makes a key in a browser, and a program uses it until it is revoked."""

import os
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.services import api_keys, roles
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


def test_owner_makes_a_key_and_revokes_it(
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

    page.goto(f"{live_server.url}{address('accounts_apikey_add')}")
    page.get_by_label("Dipakai oleh").fill("Jubelio")
    page.get_by_label("Stok: membaca").check()
    show(page, "key-new")
    page.get_by_role("button", name="Buat kunci").click()
    secret = page.locator("#api-key").inner_text().strip()
    show(page, "key-made")
    assert api_keys.find(secret)

    page.get_by_role("link", name="Sudah saya salin").click()
    expect(page.get_by_text("stock:read")).to_be_visible()
    assert secret not in page.content()
    show(page, "key-page")
    page.get_by_role("button", name="Cabut kunci").click()
    expect(page.get_by_text("Kunci API dicabut.")).to_be_visible()
    show(page, "key-revoked")
    assert api_keys.find(secret) is None
