"""Fixtures that put the shop in front of the sandbox, and the people who use it."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.clients import kratos_http
from accounts.models import CustomerGroup, User
from catalog.models import TierPrice
from catalog.services import answers
from payments.clients import midtrans as midtrans_client
from sandbox.midtrans import Midtrans
from tests.factories import CustomerFactory, VariantFactory

CONTACT = {
    "name": "Aisyah Putri",
    "email": "aisyah@karima.example",
    "phone": "0812-3456-7801",
}
ADDRESS = {
    "receiver_name": "Aisyah Putri",
    "phone": "0812-3456-7801",
    "province": "Jawa Barat",
    "city": "Kota Bandung",
    "district": "Coblong",
    "subdistrict": "Dago",
    "postal_code": "40135",
    "detail": "Jl. Ir. H. Juanda No. 100",
}
CHECKOUT = {"contact": CONTACT, "shipping_address": ADDRESS, "accept_terms": True}


@pytest.fixture(autouse=True)
def no_answers() -> None:
    """Begin without answers that another test left in this process."""
    answers.forget()


@pytest.fixture(autouse=True)
def customer_groups(request: pytest.FixtureRequest) -> None:
    """Put the rows of the migration back: a test with real commits empties all tables.

    Every customer refers to one of them.
    """
    marked = request.node.get_closest_marker("django_db")
    if not marked and "_django_db_helper" not in request.fixturenames:
        return
    request.getfixturevalue("_django_db_helper")
    CustomerGroup.objects.bulk_create(
        [
            CustomerGroup(code=code, name=code.label, position=position)
            for position, code in enumerate(CustomerGroup.Code, start=1)
        ],
        ignore_conflicts=True,
    )


@pytest.fixture(autouse=True)
def no_tiers(customer_groups: None, request: pytest.FixtureRequest) -> None:
    """Begin without the price tables of the migration: a test sets those it means.

    A test with real commits empties them anyway.
    """
    if "_django_db_helper" in request.fixturenames or request.node.get_closest_marker(
        "django_db"
    ):
        TierPrice.objects.all().delete()


@pytest.fixture(autouse=True)
def closed_breakers() -> None:
    """Forget the outages of Kratos and Midtrans that an earlier test made."""
    midtrans_client.breaker.answered()
    kratos_http.public_breaker.answered()
    kratos_http.admin_breaker.answered()


@pytest.fixture
def gateway(midtrans: Midtrans, settings: Settings) -> Midtrans:
    """Give Midtrans's stand-in, with the shop's settings pointing at it."""
    settings.MIDTRANS_SNAP_BASE_URL = midtrans.snap_base_url
    settings.MIDTRANS_CORE_BASE_URL = midtrans.core_base_url
    settings.MIDTRANS_SERVER_KEY = midtrans.server_key
    settings.MIDTRANS_NOTIFICATION_KEYS = [midtrans.server_key]
    settings.MIDTRANS_MERCHANT_ID = midtrans.merchant_id
    settings.MIDTRANS_TIMEOUT_SECONDS = (1.0, 1.0)
    return midtrans


@pytest.fixture
def aisyah(db: None) -> User:
    """Give the customer whose orders these are."""
    return CustomerFactory(full_name="Aisyah Putri")


@pytest.fixture
def budi(db: None) -> User:
    """Give another customer, who has no business with Aisyah's orders."""
    return CustomerFactory(full_name="Budi Santoso")


@pytest.fixture
def client_of() -> Callable[[User | None], APIClient]:
    """Return a function that gives an API client signed in as somebody, or nobody."""

    def make(user: User | None = None) -> APIClient:
        client = APIClient()
        if user:
            client.force_authenticate(user)
        return client

    return make


@pytest.fixture
def check_out(
    client_of: Callable[..., APIClient],
) -> Callable[..., Any]:
    """Return a function that orders one variant over the API and gives the response."""

    def order(
        user: User, *, key: str = "key-0000-0000-0001", quantity: int = 1, **body: Any
    ) -> Any:
        client = client_of(user)
        variant = body.pop("variant", None) or VariantFactory(on_hand=5)
        client.post(
            "/api/v1/cart/items",
            {"variant_id": variant.pk, "quantity": quantity},
            format="json",
        )
        return client.post(
            "/api/v1/checkout",
            {**CHECKOUT, **body},
            format="json",
            headers={"Idempotency-Key": key},
        )

    return order
