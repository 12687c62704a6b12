"""Checkout to an address that the customer keeps."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Address, User
from accounts.services import addresses
from accounts.services.addresses import AddressDetails
from orders.models import Cart, Order
from sandbox.midtrans import Midtrans
from tests.factories import VariantFactory
from tests.fixtures_shop import ADDRESS, CHECKOUT

pytestmark = pytest.mark.django_db

KEY = "key-0000-0000-0001"
WITHOUT = {k: v for k, v in CHECKOUT.items() if k != "shipping_address"}


@pytest.fixture
def kept(aisyah: User, gateway: Midtrans) -> Address:
    details = AddressDetails(
        **{**ADDRESS, "phone": "+6281234567801"},
        rt_rw="02/05",
        landmark="Pagar hijau",
    )
    return addresses.add(aisyah, details=details)


@pytest.fixture
def order(client_of: Callable[..., APIClient]) -> Callable[..., Any]:
    """Return a function that fills the customer's cart and checks out."""

    def send(customer: User, **body: Any) -> Any:
        client = client_of(customer)
        item = {"variant_id": VariantFactory(on_hand=5).pk}
        client.post("/api/v1/cart/items", item, format="json")
        return client.post(
            "/api/v1/checkout",
            {**WITHOUT, **body},
            format="json",
            headers={"Idempotency-Key": KEY},
        )

    return send


def test_parcel_goes_to_the_kept_address(
    order: Callable[..., Any], aisyah: User, kept: Address
) -> None:
    answer = order(aisyah, address_id=str(kept.pk))
    assert answer.status_code == 201
    assert answer.json()["order"]["shipping_address"] == {
        **ADDRESS,
        "phone": "+6281234567801",
        "detail": "Jl. Ir. H. Juanda No. 100, RT/RW 02/05, Patokan: Pagar hijau",
    }


def test_order_keeps_its_address_when_the_customer_moves(
    order: Callable[..., Any], aisyah: User, kept: Address
) -> None:
    order(aisyah, address_id=str(kept.pk))
    addresses.change(aisyah, address_id=kept.pk, city="Kota Cimahi")
    assert Order.objects.get().city == "Kota Bandung"


def test_another_customers_address_is_not_found(
    order: Callable[..., Any], budi: User, kept: Address
) -> None:
    answer = order(budi, address_id=str(kept.pk))
    assert (answer.status_code, answer.json()["code"]) == (404, "address_not_found")
    assert not Order.objects.exists()
    assert Cart.objects.get(customer=budi).lines.count() == 1


@pytest.mark.parametrize("both", [True, False])
def test_exactly_one_of_the_two_is_wanted(
    order: Callable[..., Any], aisyah: User, kept: Address, both: bool
) -> None:
    body = {"address_id": str(kept.pk), "shipping_address": ADDRESS} if both else {}
    answer = order(aisyah, **body)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["field"], error["code"]) == ("shipping_address", "address_required")
    assert not Order.objects.exists()


def test_order_is_replayed_after_its_address_was_deleted(
    order: Callable[..., Any], aisyah: User, kept: Address
) -> None:
    first = order(aisyah, address_id=str(kept.pk))
    addresses.remove(aisyah, address_id=kept.pk)
    again = order(aisyah, address_id=str(kept.pk))
    assert again.status_code == 201
    assert again["Idempotency-Replayed"] == "true"
    assert again.json()["order"]["number"] == first.json()["order"]["number"]


def test_longest_address_fits_on_the_order(
    order: Callable[..., Any], aisyah: User, kept: Address
) -> None:
    longest = {"detail": "x" * 300, "rt_rw": "002/005", "landmark": "y" * 150}
    addresses.change(aisyah, address_id=kept.pk, **longest)
    assert order(aisyah, address_id=str(kept.pk)).status_code == 201
