"""A whole purchase in the reference storefront, from browsing as a guest to paid."""

import re

import pytest
import urllib3
from playwright.sync_api import BrowserContext, Page, Route, expect

from catalog.models import Stock
from orders.models import Cart, Order
from sandbox.edge import Edge
from sandbox.kratos import AISYAH, DEMO_PASSWORD, Kratos
from sandbox.storefront import Storefront
from tests.factories import ColorFactory, SizeFactory, VariantFactory
from tests.journeys.conftest import Here, Stage

pytestmark = pytest.mark.django_db(transaction=True)

COOKIE = "ory_kratos_session"
SHOP = "https://karima.com"
ADDRESS = {
    "Alamat (jalan, nomor, RT/RW)": "Jl. Ir. H. Juanda No. 100",
    "Kelurahan / desa": "Dago",
    "Kecamatan": "Coblong",
    "Kota / kabupaten": "Kota Bandung",
    "Provinsi": "Jawa Barat",
    "Kode pos": "40135",
}


def fill_cart(page: Page, shop: str) -> int:
    """Put one of a new product into the cart; return the variant's key."""
    size = SizeFactory(name="M")
    variant = VariantFactory(on_hand=5, color=ColorFactory(name="Sage"), size=size)
    page.goto(shop)
    page.get_by_role("link", name=variant.product.name).click()
    page.get_by_text("Sage", exact=True).click()
    page.get_by_role("button", name="Tambah ke keranjang").click()
    expect(page.get_by_role("status")).to_have_text("Sudah masuk keranjang.")
    page.get_by_role("link", name="Keranjang").click()
    page.get_by_role("link", name="Lanjut ke pembayaran").click()
    return int(variant.pk)


def sign_in(page: Page) -> None:
    page.get_by_role("button", name="Masuk atau daftar").click()
    give_password(page)


def give_password(page: Page) -> None:
    page.locator("[name=identifier]").fill("aisyah@karima.example")
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    page.locator("button[name=method][value=password]").click()


def check_out(page: Page) -> None:
    for label, value in ADDRESS.items():
        page.get_by_label(label).fill(value)
    page.get_by_label("Saya menyetujui").check()
    page.get_by_role("button", name="Pesan dan bayar").click()


def pay(page: Page) -> None:
    page.get_by_role("button", name="Bayar sekarang").click()
    page.get_by_role("link", name="Kembali ke toko").click()
    expect(page.locator("main").get_by_text("Sudah dibayar")).to_be_visible()


def assert_paid(variant: int) -> None:
    order = Order.objects.get()
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    assert order.customer.email == "aisyah@karima.example"
    assert Stock.objects.get(variant=variant).reserved == 1
    # The guest's cart went into the customer's, which was ordered.
    assert not Cart.objects.filter(state="open", lines__isnull=False).exists()


def sent(edge: Edge, host: str) -> set[tuple[bool, str]]:
    """Return how scripts called a host: with the session cookie or not, from where."""
    calls = [request for request in edge.passed if request.host == host]
    return {(COOKIE in call.cookies, call.origin) for call in calls if call.origin}


def test_purchase_with_first_party_hosts(
    stage: Stage, storefront: Storefront, page: Page, edge: Edge
) -> None:
    stage(1)
    storefront.api_url = "https://api.karima.com"
    variant = fill_cart(page, SHOP)
    sign_in(page)
    check_out(page)
    pay(page)
    assert_paid(variant)
    assert (True, SHOP) in sent(edge, "api.karima.com")
    page.get_by_role("button", name="Keluar").click()
    expect(page.get_by_role("button", name="Masuk")).to_be_visible()


def test_purchase_by_hand_off_from_another_site(
    stage: Stage, storefront: Storefront, page: Page, edge: Edge
) -> None:
    stage(3)
    storefront.api_url, storefront.mode = "https://api.ks-backend.cloud", "handoff"
    variant = fill_cart(page, SHOP)
    sign_in(page)
    check_out(page)
    pay(page)
    assert_paid(variant)
    # No script ever sent the cookie; the token did it all.
    assert sent(edge, "api.ks-backend.cloud") == {(False, SHOP)}
    opened = [r for r in edge.passed if r.path == "/api/v1/auth/handoff"]
    assert COOKIE in opened[-1].cookies
    assert "eyJ" not in page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    page.get_by_role("button", name="Keluar").click()
    expect(page.get_by_role("button", name="Masuk")).to_be_visible()


def test_purchase_behind_a_same_origin_proxy(
    stage: Stage, storefront: Storefront, page: Page
) -> None:
    stage(2)
    storefront.api_url = SHOP
    variant = fill_cart(page, SHOP)
    sign_in(page)
    check_out(page)
    pay(page)
    assert_paid(variant)


def test_purchase_in_the_demo(here: Here, page: Page) -> None:
    variant = fill_cart(page, here.storefront)
    sign_in(page)
    check_out(page)
    pay(page)
    assert_paid(variant)


def test_hand_off_in_the_demo_survives_a_reload(
    here: Here, storefront: Storefront, page: Page
) -> None:
    storefront.mode = "handoff"
    fill_cart(page, here.storefront)
    sign_in(page)
    expect(page.get_by_text("Aisyah Putri")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Aisyah Putri")).to_be_visible()
    expect(page).to_have_url(f"{here.storefront}/checkout")


def test_session_ended_elsewhere_leaves_a_guest(
    here: Here, storefront: Storefront, page: Page, kratos: Kratos
) -> None:
    storefront.mode = "handoff"
    fill_cart(page, here.storefront)
    sign_in(page)
    expect(page.get_by_text("Aisyah Putri")).to_be_visible()
    kratos.reset()
    page.goto(here.storefront)
    expect(page.get_by_role("button", name="Masuk")).to_be_visible()


def test_pasted_token_signs_in(
    here: Here, storefront: Storefront, page: Page, kratos: Kratos
) -> None:
    storefront.mode = "token"
    page.goto(here.storefront)
    page.get_by_role("button", name="Masuk").click()
    page.get_by_label("Token sesi").fill(kratos.login().token)
    page.locator("main").get_by_role("button", name="Masuk").click()
    expect(page.get_by_text("Aisyah Putri")).to_be_visible()


def test_refusal_is_shown_by_its_detail(here: Here, page: Page) -> None:
    variant = fill_cart(page, here.storefront)
    sign_in(page)
    for label, value in {**ADDRESS, "Nomor telepon": "12"}.items():
        page.get_by_label(label).fill(value)
    page.get_by_label("Saya menyetujui").check()
    page.get_by_role("button", name="Pesan dan bayar").click()
    wrong = page.get_by_label("Nomor telepon")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_accessible_description("Nomor telepon tidak valid.")
    assert Stock.objects.get(variant=variant).reserved == 0


def test_lost_answer_is_asked_for_again_with_the_same_key(
    here: Here, page: Page, context: BrowserContext
) -> None:
    fill_cart(page, here.storefront)
    sign_in(page)
    keys: list[str] = []
    page.on(
        "request",
        lambda request: (
            request.url.endswith("/checkout")
            and request.method == "POST"
            and keys.append(request.headers["idempotency-key"])
        ),
    )

    lost: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        # The browser asks by OPTIONS first; that is not the answer to lose.
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route.request.url)
        route.fetch()
        route.abort()

    context.route("**/api/v1/checkout", lose_the_first_answer)
    check_out(page)
    expect(page.locator("#status")).to_contain_text("tidak dapat dihubungi")
    page.get_by_role("button", name="Pesan dan bayar").click()
    page.wait_for_url(re.compile("/snap/"))
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert Order.objects.count() == 1


def test_sign_out_during_checkout_loses_nothing(
    here: Here, storefront: Storefront, page: Page, kratos: Kratos
) -> None:
    storefront.mode = "handoff"
    variant = fill_cart(page, here.storefront)
    sign_in(page)
    page.get_by_label("Kode pos").wait_for()
    urllib3.request("DELETE", f"{kratos.admin_url}/admin/identities/{AISYAH}/sessions")
    check_out(page)
    give_password(page)
    expect(page.get_by_label("Kelurahan / desa")).to_have_value("Dago")
    page.get_by_label("Saya menyetujui").check()
    page.get_by_role("button", name="Pesan dan bayar").click()
    pay(page)
    assert_paid(variant)


def test_policy_of_the_page_is_kept(here: Here, page: Page) -> None:
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: message.type == "error" and complaints.append(message.text),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    fill_cart(page, here.storefront)
    sign_in(page)
    expect(page.get_by_text("Aisyah Putri")).to_be_visible()
    # A guest is told so by a 401, which the browser calls an error.
    assert [text for text in complaints if "status of 401" not in text] == []
