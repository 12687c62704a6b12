from collections.abc import Callable
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from catalog.models import Variant
from catalog.services import products, stock
from orders.models import Cart
from tests.factories import VariantFactory

pytestmark = pytest.mark.django_db


def add(client: APIClient, variant: Variant, quantity: int = 1, token: str = "") -> Any:
    return client.post(
        "/api/v1/cart/items",
        {"variant_id": variant.pk, "quantity": quantity},
        format="json",
        headers={"X-Cart-Token": token} if token else {},
    )


def test_guest_gets_a_cart_and_its_token(client_of: Callable[..., APIClient]) -> None:
    variant = VariantFactory(on_hand=5, price=150_000)
    answer = add(client_of(), variant, 2)
    assert answer.status_code == 201
    assert answer["X-Cart-Token"] == answer.json()["token"]
    assert answer.json()["items"][0]["total"] == 300_000
    assert answer.json()["totals"] == {
        "items": 300_000,
        "discount": 0,
        "shipping": 20_000,
        "grand_total": 320_000,
    }


def test_the_token_is_not_stored(client_of: Callable[..., APIClient]) -> None:
    token = client_of().post("/api/v1/cart").json()["token"]
    assert Cart.objects.get().token_hash != token


def test_guest_adds_to_the_same_cart(client_of: Callable[..., APIClient]) -> None:
    variant = VariantFactory(on_hand=5)
    token = add(client_of(), variant).json()["token"]
    answer = add(client_of(), variant, 2, token=token)
    assert "token" not in answer.json()
    assert [item["quantity"] for item in answer.json()["items"]] == [3]


def test_unknown_token_is_refused(client_of: Callable[..., APIClient]) -> None:
    answer = add(client_of(), VariantFactory(on_hand=5), token="guess")
    assert (answer.status_code, answer.json()["code"]) == (404, "cart_not_found")


def test_adding_by_sku_ignores_case(
    client_of: Callable[..., APIClient], aisyah: User
) -> None:
    VariantFactory(sku="GMS-SAGE-M", on_hand=5)
    answer = client_of(aisyah).post(
        "/api/v1/cart/items", {"sku": "gms-sage-m"}, format="json"
    )
    assert answer.json()["items"][0]["sku"] == "GMS-SAGE-M"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"quantity": 0}, "quantity", "min_value"),
        ({"quantity": -1}, "quantity", "min_value"),
        ({"quantity": 10**9}, "quantity", "max_value"),
        ({"quantity": "2"}, "quantity", "invalid"),
        ({"quantity": 1.5}, "quantity", "invalid"),
        ({"quantity": True}, "quantity", "invalid"),
        ({"variant_id": 2**70}, "variant_id", "max_value"),
        ({"sku": "A", "variant_id": 1}, "", "variant_required"),
        ({"variant_id": None}, "variant_id", "null"),
    ],
)
def test_bad_item_is_refused_and_makes_no_cart(
    client_of: Callable[..., APIClient], aisyah: User, body: Any, field: str, code: str
) -> None:
    variant = VariantFactory(on_hand=5)
    body = {"variant_id": variant.pk, **body}
    answer = client_of(aisyah).post("/api/v1/cart/items", body, format="json")
    assert answer.status_code == 400
    assert (field, code) in [(e["field"], e["code"]) for e in answer.json()["errors"]]
    assert not Cart.objects.exists()


def test_unknown_variant_is_not_found(
    client_of: Callable[..., APIClient], aisyah: User
) -> None:
    answer = client_of(aisyah).post(
        "/api/v1/cart/items", {"variant_id": 999}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "variant_not_found")
    assert not Cart.objects.exists()


def test_more_than_the_shop_has_is_refused(
    client_of: Callable[..., APIClient], aisyah: User
) -> None:
    variant = VariantFactory(on_hand=2)
    client = client_of(aisyah)
    add(client, variant, 2)
    answer = add(client, variant, 1)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_enough_stock")
    assert answer.json()["available"] == 2
    assert client.get("/api/v1/cart").json()["item_count"] == 2


def test_quantity_is_changed_and_zero_removes(
    client_of: Callable[..., APIClient], aisyah: User
) -> None:
    client = client_of(aisyah)
    line = add(client, VariantFactory(on_hand=5)).json()["items"][0]["id"]
    changed = client.patch(f"/api/v1/cart/items/{line}", {"quantity": 4}, format="json")
    assert changed.json()["item_count"] == 4
    removed = client.patch(f"/api/v1/cart/items/{line}", {"quantity": 0}, format="json")
    assert removed.json()["items"] == []
    assert removed.json()["totals"]["grand_total"] == 0


def test_budi_cannot_change_aisyahs_line(
    client_of: Callable[..., APIClient], aisyah: User, budi: User
) -> None:
    line = add(client_of(aisyah), VariantFactory(on_hand=5)).json()["items"][0]["id"]
    client = client_of(budi)
    add(client, VariantFactory(on_hand=5))
    answer = client.delete(f"/api/v1/cart/items/{line}")
    assert (answer.status_code, answer.json()["code"]) == (404, "cart_line_not_found")
    assert client_of(aisyah).get("/api/v1/cart").json()["item_count"] == 1


def test_signing_in_brings_the_guests_cart_along_once(
    client_of: Callable[..., APIClient], aisyah: User
) -> None:
    shared, guests = VariantFactory(on_hand=9), VariantFactory(on_hand=9)
    token = add(client_of(), shared, 2).json()["token"]
    add(client_of(), guests, 1, token=token)
    client = client_of(aisyah)
    add(client, shared, 1)
    for _ in range(2):
        merged = client.post("/api/v1/cart", headers={"X-Cart-Token": token})
    quantities = {i["variant_id"]: i["quantity"] for i in merged.json()["items"]}
    assert quantities == {shared.pk: 3, guests.pk: 1}
    assert (
        client_of().get("/api/v1/cart", headers={"X-Cart-Token": token}).status_code
        == 404
    )


def test_cart_tells_what_changed_since(
    client_of: Callable[..., APIClient], aisyah: User
) -> None:
    client = client_of(aisyah)
    gone, fewer = VariantFactory(on_hand=5), VariantFactory(on_hand=5)
    add(client, gone, 1)
    add(client, fewer, 5)
    products.archive(gone.product)
    stock.adjust(fewer.pk, new_on_hand=2, actor=None, note="hilang")
    notices = client.get("/api/v1/cart").json()["notices"]
    assert [(n["code"], n["sku"], n["available"]) for n in notices] == [
        ("unavailable", gone.sku, 0),
        ("quantity_above_stock", fewer.sku, 2),
    ]


def test_reading_a_cart_takes_few_queries(
    client_of: Callable[..., APIClient],
    aisyah: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_of(aisyah)
    for _ in range(12):
        add(client, VariantFactory(on_hand=5))
    with django_assert_max_num_queries(7):
        client.get("/api/v1/cart")
