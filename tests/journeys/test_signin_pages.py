"""A customer's whole life at the sign-in pages, with Kratos's two versions."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from sandbox.kratos import COOKIE_NAME, DEMO_PASSWORD, Kratos
from tests.accounts.page_checks import problems
from tests.journeys.visitor import Visitor

STOREFRONT = "http://127.0.0.1:3000"
AISYAH = "aisyah@karima.example"
SITI = "siti.rahma@karima.example"
FIRST, SECOND = "rahasia-pertama-1", "rahasia-kedua-2"

VERSIONS = ["v1.1.0", "v26.2.0"]


@pytest.fixture(params=VERSIONS)
def pages(
    kratos: Kratos, settings: Settings, request: pytest.FixtureRequest
) -> Iterator[str]:
    """Give the address of the pages, with Kratos of one version behind them."""
    # Not the fixture of this name: cookies need the very host of Kratos.
    server = LiveServer("127.0.0.1")
    settings.KRATOS_PUBLIC_URL = settings.KRATOS_BROWSER_URL = kratos.public_url
    settings.KRATOS_INTERNAL_URL = kratos.public_url
    settings.KRATOS_UI_URL = server.url
    settings.STOREFRONT_URL = STOREFRONT
    kratos.configure(
        version=request.param,
        ui_url=server.url,
        logout_return_url=f"{server.url}/login",
        allowed_return_urls=(f"{server.url}/", f"{STOREFRONT}/"),
    )
    yield server.url
    server.stop()


@pytest.fixture
def visitor(pages: str, kratos: Kratos) -> Visitor:
    return Visitor(pages, kratos.public_url)


def sign_in(visitor: Visitor, pages: str, email: str, password: str) -> None:
    visitor.open(f"{pages}/login")
    visitor.fill_in(identifier=email, password=password)


def sign_out(visitor: Visitor, pages: str) -> None:
    visitor.open(f"{pages}/logout")
    visitor.press("Keluar")
    assert COOKIE_NAME not in visitor.cookies


def register(visitor: Visitor, pages: str) -> None:
    """Register in one step or in two, as Kratos's version has it."""
    page = visitor.open(f"{pages}/registration?return_to={STOREFRONT}/keranjang")
    traits = {"traits__email": SITI, "traits__phone": "+6281234567810"}
    if "password" in page.forms[0].fields:
        visitor.fill_in(**traits, password=FIRST)
        return
    visitor.fill_in(**traits)
    visitor.fill_in(password=FIRST)


def test_customer_registers_and_verifies_the_address(
    visitor: Visitor, pages: str, kratos: Kratos
) -> None:
    register(visitor, pages)
    assert visitor.address == f"{STOREFRONT}/keranjang"
    assert COOKIE_NAME in visitor.cookies
    assert (
        f"Alamat {SITI} belum diverifikasi." in visitor.open(f"{pages}/settings").text
    )

    visitor.open(f"{pages}/verification")
    visitor.fill_in(email=SITI)
    assert visitor.fill_in(code="000000").title.startswith("Kesalahan: ")
    done = visitor.fill_in(code=kratos.code_for(SITI))
    assert "Alamat e-mail Anda sudah diverifikasi." in done.text
    assert "belum diverifikasi" not in visitor.open(f"{pages}/settings").text


def test_wrong_password_is_told_and_keeps_the_address(
    visitor: Visitor, pages: str
) -> None:
    sign_in(visitor, pages, AISYAH, "salah")
    assert visitor.page.title.startswith("Kesalahan: Masuk")
    assert "Alamat e-mail atau kata sandi salah." in visitor.page.text
    assert visitor.page.forms[0].fields["identifier"] == AISYAH
    assert problems(visitor.page.html) == []
    visitor.fill_in(password=DEMO_PASSWORD)
    assert visitor.address == f"{STOREFRONT}/"


def test_taken_address_is_told(visitor: Visitor, pages: str) -> None:
    register(visitor, pages)
    sign_out(visitor, pages)
    register(visitor, pages)
    assert "Sudah ada akun dengan alamat e-mail ini." in visitor.page.text


def test_customer_changes_name_and_password(visitor: Visitor, pages: str) -> None:
    sign_in(visitor, pages, AISYAH, DEMO_PASSWORD)
    visitor.open(f"{pages}/settings")
    page = visitor.fill_in(traits__name__last="Rahmawati")
    assert page.title.startswith("Berhasil: ")
    assert "Rahmawati" in page.html
    assert "Perubahan Anda sudah disimpan." in visitor.fill_in(password=SECOND).text
    sign_out(visitor, pages)
    sign_in(visitor, pages, AISYAH, DEMO_PASSWORD)
    assert visitor.page.title.startswith("Kesalahan: ")
    visitor.fill_in(password=SECOND)
    assert visitor.address == f"{STOREFRONT}/"


def turn_on_second_factor(visitor: Visitor, pages: str, kratos: Kratos) -> str:
    """Turn it on as a person with an authenticator app does; return its secret."""
    html = visitor.open(f"{pages}/settings").html
    assert "data:image/png;base64," in html
    secret = html.partition('id="totp_secret_key"')[2]
    secret = secret.partition("<code>")[2].partition("</code>")[0]
    page = visitor.fill_in(totp_code=kratos.totp(secret))
    assert "Verifikasi dua langkah aktif." in page.text
    return secret


def make_recovery_codes(visitor: Visitor) -> list[str]:
    html = visitor.press("Buat kode pemulihan baru").html
    visitor.press("Saya sudah menyimpannya, aktifkan")
    assert visitor.page.title.startswith("Berhasil: ")
    rest = html.partition('class="codes"')[2].partition("</ul>")[0]
    return [row.partition("</code>")[0] for row in rest.split("<code>")[1:]]


def test_customer_signs_in_with_two_factors(
    visitor: Visitor, pages: str, kratos: Kratos
) -> None:
    sign_in(visitor, pages, AISYAH, DEMO_PASSWORD)
    secret = turn_on_second_factor(visitor, pages, kratos)
    codes = make_recovery_codes(visitor)
    assert len(codes) == 12
    sign_out(visitor, pages)

    sign_in(visitor, pages, AISYAH, DEMO_PASSWORD)
    assert visitor.page.title.startswith("Verifikasi dua langkah")
    assert problems(visitor.page.html) == []
    wrong = visitor.fill_in(totp_code="000000")
    assert "Kode autentikator salah." in wrong.text
    visitor.fill_in(totp_code=kratos.totp(secret))
    assert visitor.address == f"{STOREFRONT}/"
    sign_out(visitor, pages)

    sign_in(visitor, pages, AISYAH, DEMO_PASSWORD)
    visitor.fill_in(lookup_secret=codes[0])
    assert visitor.address == f"{STOREFRONT}/"


def test_customer_recovers_the_account(
    visitor: Visitor, pages: str, kratos: Kratos
) -> None:
    visitor.open(f"{pages}/recovery")
    visitor.fill_in(email=AISYAH)
    assert "Kami sudah mengirim kode" in visitor.page.text
    visitor.fill_in(code=kratos.code_for(AISYAH, kind="recovery_code"))
    assert visitor.address.startswith(f"{pages}/settings?flow=")
    assert "Akun Anda sudah dipulihkan." in visitor.page.text
    page = visitor.fill_in(password=SECOND)
    assert page.title.startswith("Berhasil: ")


def test_recovery_of_an_account_with_two_factors_asks_for_the_second(
    visitor: Visitor, pages: str, kratos: Kratos
) -> None:
    secret = kratos.enrol_second_factor(AISYAH)
    visitor.open(f"{pages}/recovery")
    visitor.fill_in(email=AISYAH)
    visitor.fill_in(code=kratos.code_for(AISYAH, kind="recovery_code"))
    assert visitor.page.title.startswith("Verifikasi dua langkah")
    visitor.fill_in(totp_code=kratos.totp(secret))
    assert visitor.address.startswith(f"{pages}/settings?flow=")


def test_old_sign_in_is_confirmed_before_the_password_changes(
    visitor: Visitor, pages: str, kratos: Kratos
) -> None:
    sign_in(visitor, pages, AISYAH, DEMO_PASSWORD)
    visitor.open(f"{pages}/settings")
    kratos.age(AISYAH, seconds=7200)
    page = visitor.fill_in(password=SECOND)
    assert page.title.startswith("Konfirmasi identitas")
    assert AISYAH in page.text
    assert problems(page.html) == []


def test_guest_is_asked_to_sign_in_before_the_settings(
    visitor: Visitor, pages: str
) -> None:
    visitor.open(f"{pages}/settings")
    assert visitor.address.startswith(f"{pages}/login?flow=")
    visitor.fill_in(identifier=AISYAH, password=DEMO_PASSWORD)
    assert visitor.address.startswith(f"{pages}/settings?flow=")


def test_expired_flow_begins_again(
    visitor: Visitor, pages: str, kratos: Kratos
) -> None:
    visitor.open(f"{pages}/login")
    old = visitor.address
    kratos.expire_flow(old.partition("flow=")[2])
    visitor.open(old)
    assert visitor.address.startswith(f"{pages}/login?flow=")
    assert visitor.address != old


def test_flow_of_another_browser_shows_nothing_of_it(
    visitor: Visitor, pages: str, kratos: Kratos
) -> None:
    visitor.open(f"{pages}/login")
    stranger = Visitor(pages, kratos.public_url)
    page = stranger.open(visitor.address)
    assert page.title.startswith("Formulir ini tidak berlaku lagi")
    assert page.forms == []
