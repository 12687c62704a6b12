"""A customer's account in a real browser, at the real name of the auth host."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from sandbox.kratos import COOKIE_NAME, Kratos
from tests.journeys.conftest import Stage

pytestmark = pytest.mark.django_db(transaction=True)

AUTH = "https://auth.karima.com"
SITI = "siti.rahma@karima.example"
FIRST, SECOND = "rahasia-pertama-1", "rahasia-kedua-2"


def send(page: Page, **fields: str) -> None:
    """Fill in the form that has these fields, and press its first button."""
    names = {name.replace("__", "."): value for name, value in fields.items()}
    first = page.locator(f"[name='{next(iter(names))}']")
    form = page.locator("form").filter(has=first)
    for name, value in names.items():
        form.locator(f"[name='{name}']").fill(value)
    form.locator("button:not([formnovalidate])").first.click()


def sign_in(page: Page, password: str) -> None:
    page.goto(f"{AUTH}/login")
    send(page, identifier=SITI, password=password)


def sign_out(page: Page, context: BrowserContext) -> None:
    page.goto(f"{AUTH}/logout")
    page.get_by_role("button", name="Keluar").click()
    page.wait_for_url(lambda url: "/logout" not in url)
    assert COOKIE_NAME not in {cookie["name"] for cookie in context.cookies()}


def register_and_verify(page: Page, kratos: Kratos) -> None:
    page.goto(f"{AUTH}/registration")
    send(page, traits__email=SITI, password=FIRST)
    page.wait_for_url("https://karima.com/")
    page.goto(f"{AUTH}/verification")
    send(page, email=SITI)
    expect(page.locator("[name=code]")).to_be_visible()
    send(page, code=kratos.code_for(SITI))
    expect(page.get_by_text("Alamat e-mail Anda sudah diverifikasi.")).to_be_visible()


def turn_on_second_factor(page: Page, kratos: Kratos) -> str:
    page.goto(f"{AUTH}/settings")
    secret = page.locator("#totp_secret_key code").inner_text()
    send(page, totp_code=kratos.totp(secret))
    expect(page.get_by_text("Verifikasi dua langkah aktif.")).to_be_visible()
    return secret


def test_account_from_registration_to_recovery(
    stage: Stage, page: Page, context: BrowserContext, kratos: Kratos
) -> None:
    stage(1)
    register_and_verify(page, kratos)
    secret = turn_on_second_factor(page, kratos)
    sign_out(page, context)

    sign_in(page, FIRST)
    send(page, totp_code=kratos.totp(secret))
    page.wait_for_url("https://karima.com/")
    sign_out(page, context)

    page.goto(f"{AUTH}/recovery")
    send(page, email=SITI)
    expect(page.locator("[name=code]")).to_be_visible()
    send(page, code=kratos.code_for(SITI, kind="recovery_code"))
    send(page, totp_code=kratos.totp(secret))
    page.wait_for_url(re.compile(f"^{AUTH}/settings"))
    send(page, password=SECOND)
    expect(page).to_have_title(re.compile("^Berhasil: "))
    sign_out(page, context)

    sign_in(page, FIRST)
    expect(page).to_have_title(re.compile("^Kesalahan: "))
    send(page, identifier=SITI, password=SECOND)
    send(page, totp_code=kratos.totp(secret))
    page.wait_for_url("https://karima.com/")


def test_session_cookie_is_kept_from_scripts_and_from_plain_http(
    stage: Stage, page: Page, context: BrowserContext, kratos: Kratos
) -> None:
    stage(1)
    register_and_verify(page, kratos)
    (cookie,) = [c for c in context.cookies() if c["name"] == COOKIE_NAME]
    assert (cookie["httpOnly"], cookie["secure"]) == (True, True)
    assert (cookie["sameSite"], cookie["domain"]) == ("Lax", ".karima.com")
