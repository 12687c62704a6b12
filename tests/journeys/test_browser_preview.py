"""A draft is shown around in the storefront by the link of the staff."""

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Product
from catalog.services import documents, previews
from tests.factories import ColorFactory, SizeFactory, VariantFactory
from tests.journeys.conftest import Here

pytestmark = pytest.mark.django_db(transaction=True)


def draft() -> Product:
    variant = VariantFactory(
        on_hand=5, color=ColorFactory(name="Sage"), size=SizeFactory(name="M")
    )
    product = variant.product
    product.status = Product.Status.DRAFT
    product.save()
    documents.rewrite([product.pk])
    return product


def test_whoever_has_the_link_sees_the_draft(here: Here, page: Page) -> None:
    product = draft()
    page.goto(f"{here.storefront}/preview/{previews.token(product)}")
    expect(page.get_by_role("heading", name=product.name)).to_be_visible()
    expect(page.get_by_role("note")).to_contain_text("Pratinjau")
    expect(page.get_by_role("button", name="Tambah ke keranjang")).to_be_disabled()
    expect(page.locator("meta[name=robots]")).to_have_attribute("content", "noindex")
    page.get_by_role("link", name="Semua").click()
    expect(page.locator("meta[name=robots]")).to_have_count(0)
    expect(page.get_by_role("link", name=product.name)).to_have_count(0)


def test_a_link_that_is_made_up_is_answered(here: Here, page: Page) -> None:
    page.goto(f"{here.storefront}/preview/karangan")
    expect(page.get_by_role("alert")).to_be_visible()
