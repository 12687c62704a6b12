"""Checkout and payment as a front end meets them."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from catalog.services import stock
from orders.models import Cart, Order
from sandbox.midtrans import Midtrans
from tests.factories import VariantFactory, make_order
from tests.fixtures_shop import ADDRESS, CHECKOUT, CONTACT

pytestmark = pytest.mark.django_db

KEY = {"Idempotency-Key": "key-0000-0000-0001"}


def test_checkout_answers_with_order_and_payment_page(
    check_out: Callable[..., Any], aisyah: User, gateway: Midtrans
) -> None:
    variant = VariantFactory(on_hand=5, price=150_000)
    answer = check_out(aisyah, variant=variant, quantity=2)
    assert answer.status_code == 201
    order, payment = answer.json()["order"], answer.json()["payment"]
    assert order["status"] == "pending"
    assert order["totals"] == {
        "items": 300_000,
        "discount": 0,
        "shipping": 20_000,
        "grand_total": 320_000,
    }
    assert order["contact"]["phone"] == "+6281234567801"
    assert (payment["state"], payment["amount"]) == ("open", 320_000)
    assert payment["redirect_url"].startswith("http")
    assert answer["Location"].endswith(f"/api/v1/orders/{order['number']}")
    assert answer["Cache-Control"] == "no-store"


def test_repeated_checkout_answers_the_same(
    check_out: Callable[..., Any],
    client_of: Callable[..., APIClient],
    aisyah: User,
    gateway: Midtrans,
) -> None:
    first = check_out(aisyah)
    again = client_of(aisyah).post(
        "/api/v1/checkout", CHECKOUT, format="json", headers=KEY
    )
    assert again.status_code == 201
    assert again["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert Order.objects.count() == 1


def test_key_is_not_shared_between_customers(
    check_out: Callable[..., Any], aisyah: User, budi: User, gateway: Midtrans
) -> None:
    mine, his = check_out(aisyah), check_out(budi)
    assert mine.json()["order"]["number"] != his.json()["order"]["number"]


def test_same_key_with_another_body_is_refused(
    check_out: Callable[..., Any], aisyah: User, gateway: Midtrans
) -> None:
    check_out(aisyah)
    answer = check_out(aisyah, notes="Titip di satpam")
    assert (answer.status_code, answer.json()["code"]) == (
        422,
        "idempotency_key_reused",
    )


def test_checkout_needs_a_key(
    client_of: Callable[..., APIClient], aisyah: User
) -> None:
    answer = client_of(aisyah).post("/api/v1/checkout", CHECKOUT, format="json")
    assert (answer.status_code, answer.json()["code"]) == (
        400,
        "idempotency_key_required",
    )


def test_checkout_needs_a_customer(client_of: Callable[..., APIClient]) -> None:
    answer = client_of().post("/api/v1/checkout", CHECKOUT, format="json", headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_empty_cart_is_refused_with_the_same_answer_twice(
    client_of: Callable[..., APIClient], aisyah: User
) -> None:
    client = client_of(aisyah)
    first = client.post("/api/v1/checkout", CHECKOUT, format="json", headers=KEY)
    again = client.post("/api/v1/checkout", CHECKOUT, format="json", headers=KEY)
    assert (first.status_code, first.json()["code"]) == (409, "cart_empty")
    assert (again.status_code, again.json()["code"]) == (409, "cart_empty")
    assert again["Idempotency-Replayed"] == "true"


def test_short_stock_names_what_is_short(
    check_out: Callable[..., Any],
    client_of: Callable[..., APIClient],
    aisyah: User,
    gateway: Midtrans,
) -> None:
    variant = VariantFactory(on_hand=3)
    client_of(aisyah).post(
        "/api/v1/cart/items", {"variant_id": variant.pk, "quantity": 2}, format="json"
    )
    stock.adjust(variant.pk, new_on_hand=1, actor=None, note="hilang")
    answer = client_of(aisyah).post(
        "/api/v1/checkout", CHECKOUT, format="json", headers=KEY
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    assert answer.json()["errors"][0]["sku"] == variant.sku
    assert answer.json()["errors"][0]["available"] == 1
    assert Cart.objects.get().state == "open"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"contact": {**CONTACT, "phone": "12"}}, "contact.phone", "invalid_phone"),
        ({"contact": {**CONTACT, "email": "a@b"}}, "contact.email", "invalid"),
        ({"contact": {}}, "contact.name", "required"),
        (
            {"shipping_address": {**ADDRESS, "postal_code": "01234"}},
            "shipping_address.postal_code",
            "invalid",
        ),
        ({"shipping_address": "Jl. Mawar"}, "shipping_address", "invalid"),
        ({"accept_terms": False}, "accept_terms", "terms_not_accepted"),
        ({"expected_total": "1"}, "expected_total", "invalid"),
        ({"notes": "x" * 501}, "notes", "max_length"),
        ({"notes": "a\u0000b"}, "notes", "null_characters_not_allowed"),
    ],
)
def test_bad_checkout_names_the_field(
    client_of: Callable[..., APIClient],
    aisyah: User,
    change: dict[str, Any],
    field: str,
    code: str,
) -> None:
    answer = client_of(aisyah).post(
        "/api/v1/checkout", {**CHECKOUT, **change}, format="json", headers=KEY
    )
    assert answer.status_code == 400
    found = [
        (row["field"].removesuffix(".non_field_errors"), row["code"])
        for row in answer.json()["errors"]
    ]
    assert (field, code) in found


def test_gateway_outage_still_makes_the_order(
    check_out: Callable[..., Any],
    client_of: Callable[..., APIClient],
    aisyah: User,
    gateway: Midtrans,
) -> None:
    gateway.faults.set("down")
    answer = check_out(aisyah)
    assert answer.status_code == 201
    assert answer.json()["payment"]["state"] == "creating"
    assert answer.json()["payment"]["snap_token"] is None
    number = answer.json()["order"]["number"]
    refused = client_of(aisyah).post(f"/api/v1/orders/{number}/pay")
    assert (refused.status_code, refused.json()["code"]) == (
        503,
        "payment_gateway_unavailable",
    )
    gateway.faults.clear()
    paid = client_of(aisyah).post(f"/api/v1/orders/{number}/pay")
    assert (paid.status_code, paid.json()["state"]) == (200, "open")


def test_payment_shows_the_chosen_account(
    check_out: Callable[..., Any],
    client_of: Callable[..., APIClient],
    aisyah: User,
    gateway: Midtrans,
) -> None:
    number = check_out(aisyah).json()["order"]["number"]
    body = gateway.pending(f"{number}-01", "bca_va")
    client_of().post("/api/v1/payments/midtrans/notification", body, format="json")
    payment = client_of(aisyah).get(f"/api/v1/orders/{number}/payment").json()
    assert payment["method"] == "bank_transfer"
    assert payment["instructions"]["va_numbers"][0]["bank"] == "bca"


@pytest.mark.parametrize("path", ["", "/payment", "/pay"])
def test_budi_cannot_see_aisyahs_order(
    client_of: Callable[..., APIClient], aisyah: User, budi: User, path: str
) -> None:
    order = make_order(aisyah)
    url = f"/api/v1/orders/{order.number}{path}"
    client = client_of(budi)
    answer = client.post(url) if path == "/pay" else client.get(url)
    assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found")


def test_orders_are_listed_newest_first(
    client_of: Callable[..., APIClient], aisyah: User, budi: User
) -> None:
    older, newer = make_order(aisyah), make_order(aisyah)
    make_order(budi)
    answer = client_of(aisyah).get("/api/v1/orders").json()
    assert [row["number"] for row in answer["results"]] == [newer.number, older.number]
    assert answer["pagination"]["total_items"] == 2


def test_order_list_is_filtered_by_status(
    client_of: Callable[..., APIClient], aisyah: User
) -> None:
    make_order(aisyah)
    client = client_of(aisyah)
    assert client.get("/api/v1/orders?status=shipped").json()["results"] == []
    refused = client.get("/api/v1/orders?status=lost")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (
        400,
        "status",
    )


@pytest.mark.parametrize("path", ["", "/{number}"])
def test_what_is_said_of_orders_is_not_kept(
    client_of: Callable[..., APIClient], aisyah: User, path: str
) -> None:
    number = make_order(aisyah).number
    answer = client_of(aisyah).get("/api/v1/orders" + path.format(number=number))
    assert answer["Cache-Control"] == "no-store"


def test_order_list_takes_few_queries(
    client_of: Callable[..., APIClient],
    aisyah: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(5):
        make_order(aisyah)
    with django_assert_max_num_queries(3):
        client_of(aisyah).get("/api/v1/orders")


def test_order_is_found_by_its_number_in_any_case(
    client_of: Callable[..., APIClient], aisyah: User
) -> None:
    order = make_order(aisyah)
    answer = client_of(aisyah).get(f"/api/v1/orders/{order.number.lower()}")
    assert answer.json()["number"] == order.number


@pytest.mark.parametrize(
    "path",
    [
        "payments/midtrans/notification",
        "payments/midtrans/notification/",
        "payment/webhook",
        "webhooks/midtrans",
    ],
)
def test_gateway_is_answered_at_every_address(
    check_out: Callable[..., Any],
    client_of: Callable[..., APIClient],
    aisyah: User,
    gateway: Midtrans,
    path: str,
) -> None:
    number = check_out(aisyah).json()["order"]["number"]
    body = gateway.pay(f"{number}-01")
    answer = client_of().post(
        f"/api/v1/{path}",
        body,
        format="json",
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 200
    assert Order.objects.get().status == "confirmed"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "malformed_notification"),
        (b"<html>", 400, "malformed_notification"),
        (b"{}", 400, "malformed_notification"),
        (b" " * 100_000, 400, "malformed_notification"),
    ],
)
def test_nonsense_at_the_gateways_door(
    client_of: Callable[..., APIClient], body: Any, status: int, code: str
) -> None:
    answer = client_of().post(
        "/api/v1/payments/midtrans/notification",
        body,
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_bad_signature_is_403_so_that_midtrans_tries_again(
    check_out: Callable[..., Any],
    client_of: Callable[..., APIClient],
    aisyah: User,
    gateway: Midtrans,
) -> None:
    number = check_out(aisyah).json()["order"]["number"]
    body = {**gateway.pay(f"{number}-01"), "signature_key": "0" * 128}
    answer = client_of().post(
        "/api/v1/payments/midtrans/notification", body, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "bad_signature")
    assert Order.objects.get().status == "pending"


def test_outage_at_confirmation_is_503_so_that_midtrans_tries_again(
    check_out: Callable[..., Any],
    client_of: Callable[..., APIClient],
    aisyah: User,
    gateway: Midtrans,
) -> None:
    number = check_out(aisyah).json()["order"]["number"]
    body = gateway.pay(f"{number}-01")
    gateway.faults.set("down")
    answer = client_of().post(
        "/api/v1/payments/midtrans/notification", body, format="json"
    )
    assert answer.status_code == 503
