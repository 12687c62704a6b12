"""The pages in a real browser: their policies allow what they need, and no more."""

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.services import roles
from accounts.services.staff import add_staff
from sandbox.access import Access
from tests.factories import VariantFactory, make_order

ADMIN = "karima.urls.admin"
EMAIL = "citra@karima.example"


# A script, and a picture that cannot be shown, with a script for that case.
PLANT = """() => {
    const script = document.createElement("script");
    script.textContent = "window.planted = true";
    document.head.append(script);
    const picture = document.createElement("img");
    picture.setAttribute("onerror", "window.planted = true");
    picture.addEventListener("error", () => { window.pictureFailed = true; });
    picture.src = "data:,";
    document.body.append(picture);
}"""


class Complaints:
    """What the browser says against a page, on its console."""

    def __init__(self, page: Page) -> None:
        self.texts: list[str] = []
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.texts.append(str(error)))

    def hear(self, message: ConsoleMessage) -> None:
        # An answer of 403 or 404 is an error to the browser as well.
        is_status = message.text.startswith("Failed to load resource")
        is_policy = "Content Security Policy" in message.text
        if is_policy or (message.type == "error" and not is_status):
            self.texts.append(f"{message.location.get('url')}: {message.text}")


@pytest.fixture
def complaints(page: Page) -> Complaints:
    return Complaints(page)


@pytest.fixture
def desk(
    transactional_db: None,
    customer_groups: None,
    live_server: LiveServer,
    access: Access,
    context: BrowserContext,
    settings: Settings,
) -> str:
    """Give the address of the admin, with the owner signed in at Access."""
    settings.CF_ACCESS_JWKS_URL = access.certs_url
    settings.CF_ACCESS_ISSUER = access.issuer
    settings.CF_ACCESS_AUD = [access.aud]
    cache.clear()
    roles.sync()
    add_staff(EMAIL, full_name="Citra Lestari", groups=["owner"])
    context.set_extra_http_headers({"Cf-Access-Jwt-Assertion": access.mint(EMAIL)})
    make_order()
    return str(live_server.url)


def desk_pages() -> list[str]:
    """Return the admin's lists and the forms that add to them."""
    found = [reverse("admin:index", ADMIN)]
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        found += [reverse(f"admin:{name}_changelist", ADMIN)]
    return [*found, reverse("admin:catalog_product_add", ADMIN)]


def test_admin_pages_keep_to_their_policy(
    desk: str, page: Page, complaints: Complaints
) -> None:
    variant = VariantFactory()
    product = reverse("admin:catalog_product_change", ADMIN, args=[variant.product_id])
    order = reverse("admin:orders_order_changelist", ADMIN)
    for path in [*desk_pages(), product]:
        answer = page.goto(f"{desk}{path}", wait_until="load")
        assert answer is not None
        # Some lists are not for the owner's role.
        assert answer.status in (200, 403), path
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert complaints.texts == [], path
    page.goto(f"{desk}{order}")
    page.locator("#result_list a").first.click()
    page.wait_for_load_state("load")
    assert complaints.texts == []


def test_scripts_of_the_admin_work(
    desk: str, page: Page, complaints: Complaints
) -> None:
    """Alpine and Django's own scripts run: a policy that stops them is no policy."""
    page.goto(f"{desk}{reverse('admin:catalog_product_add', ADMIN)}")
    assert page.evaluate("typeof window.Alpine") == "object"
    assert page.evaluate("typeof window.django.jQuery") == "function"
    assert complaints.texts == []


def test_script_in_an_admin_page_does_not_run(desk: str, page: Page) -> None:
    page.goto(f"{desk}{reverse('admin:index', ADMIN)}")
    page.evaluate(PLANT)
    page.wait_for_function("window.pictureFailed")
    assert page.evaluate("window.planted") is None


def test_docs_page_keeps_to_its_policy(
    live_server: LiveServer, page: Page, complaints: Complaints
) -> None:
    page.goto(f"{live_server.url}/api/docs")
    expect(page.locator(".opblock").first).to_be_visible()
    page.locator(".opblock-summary").first.click()
    expect(page.locator(".opblock-body").first).to_be_visible()
    assert complaints.texts == []
