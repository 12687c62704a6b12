"""Orders, taken step by step by a program."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import ApiKey
from catalog.models import Stock
from orders.models import Order, OrderEvent, Shipment
from payments.models import PaymentAttempt
from payments.services import charges
from sandbox.midtrans import Midtrans
from tests.factories import make_order
from tests.fixtures_programs import program
from tests.payments.admin_pages import (
    packed_order,
    paid_order,
    shipped_order,
    status_of,
)

pytestmark = pytest.mark.django_db

PARCEL = {"courier": "JNE", "tracking_number": "jp123"}


def put(app: APIClient, order: Order, status: str, **body: Any) -> Any:
    path = f"/api/v1/orders/{order.number}/status"
    return app.put(path, {"status": status, **body}, format="json")


def ship(app: APIClient, order: Order, **body: Any) -> Any:
    path = f"/api/v1/orders/{order.number}/ship"
    return app.post(path, {**PARCEL, **body}, format="json")


def test_order_goes_from_paid_to_completed() -> None:
    order, app = paid_order(), program("orders:ship")
    assert put(app, order, "processing").json()["status"] == "processing"
    shipped = ship(app, order).json()
    assert (shipped["status"], shipped["shipment"]["tracking_number"]) == (
        "shipped", "JP123",
    )  # fmt: skip
    assert put(app, order, "delivered").json()["shipment"]["delivered_at"]
    assert put(app, order, "completed").json()["status"] == "completed"
    by_program = OrderEvent.objects.filter(actor=ApiKey.objects.get().program)
    assert [event.to_value for event in by_program] == [
        "processing", "shipped", "delivered", "completed",
    ]  # fmt: skip


def test_answer_tells_nothing_of_the_customer() -> None:
    answer = put(program(), paid_order(), "processing")
    assert set(answer.json()) == {
        "number", "status", "payment_status", "updated_at", "shipment",
    }  # fmt: skip
    assert "aisyah" not in answer.content.decode().lower()


def test_same_request_again_changes_nothing() -> None:
    order, app = packed_order(), program()
    first = put(app, order, "shipped", **PARCEL)
    again = put(app, order, "shipped", **PARCEL)
    assert (again.status_code, again.json()) == (200, first.json())
    assert ship(app, order).json() == first.json()
    assert Shipment.objects.count() == 1


def test_second_parcel_is_not_the_first_one_again() -> None:
    order, app = packed_order(), program()
    ship(app, order)
    answer = ship(app, order, tracking_number="JP999")
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert Shipment.objects.get().tracking_number == "JP123"


@pytest.mark.parametrize("status", ["processing", "shipped", "delivered", "completed"])
def test_unpaid_order_takes_no_step(status: str) -> None:
    order = make_order()
    answer = put(program(), order, status, **PARCEL)
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert status_of(order) == "pending"


@pytest.mark.parametrize("status", ["confirmed", "pending", "expired", "paid", ""])
def test_status_that_only_money_or_time_gives_cannot_be_named(status: str) -> None:
    order = make_order()
    assert put(program(), order, status).status_code == 400
    assert status_of(order) == "pending"


def test_shipping_wants_a_tracking_number() -> None:
    order = packed_order()
    answer = put(program(), order, "shipped")
    assert answer.json()["code"] == "tracking_number_required"
    assert ship(program(), order, tracking_number=" ").status_code == 400
    assert status_of(order) == "processing"


def test_tracking_number_of_another_order_is_a_conflict() -> None:
    shipped_order("JP123")
    order = packed_order()
    answer = ship(program(), order)
    assert answer.json()["code"] == "tracking_number_taken"
    assert status_of(order) == "processing"


def test_disputed_payment_is_not_shipped() -> None:
    order = packed_order()
    Order.objects.filter(pk=order.pk).update(payment_status="charged_back")
    answer = ship(program(), order)
    assert (answer.status_code, answer.json()["code"]) == (409, "payment_not_held")


def test_return_wants_a_reason_and_brings_the_goods_back() -> None:
    order, app = shipped_order(), program("orders:ship")
    bare = put(app, order, "returned")
    assert bare.json()["errors"][0]["field"] == "note"
    before = Stock.objects.get().on_hand
    assert put(app, order, "returned", note="Alamat salah").status_code == 200
    assert Stock.objects.get().on_hand == before + 1
    assert OrderEvent.objects.latest("id").note == "Alamat salah"


def test_cancelling_wants_its_own_scope(gateway: Midtrans) -> None:
    order = make_order()
    charges.start_payment(order.number)
    answer = put(program("orders:ship"), order, "cancelled", note="Stok rusak")
    assert (answer.status_code, answer.json()["scope"]) == (403, "orders:cancel")
    assert status_of(order) == "pending"
    app = program("orders:ship", "orders:cancel")
    assert put(app, order, "cancelled", note="Stok rusak").status_code == 200
    assert status_of(order) == "cancelled"
    assert Stock.objects.get().reserved == 0
    assert PaymentAttempt.objects.get().state == PaymentAttempt.State.CLOSED


def test_paid_order_is_not_cancelled_while_the_shop_has_the_money() -> None:
    order = paid_order()
    answer = put(program(), order, "cancelled", note="Stok rusak")
    assert (answer.status_code, answer.json()["code"]) == (409, "payment_still_held")
    Order.objects.filter(pk=order.pk).update(payment_status="refunded")
    assert put(program(), order, "cancelled", note="Stok rusak").status_code == 200


def test_customers_path_of_the_order_takes_no_key() -> None:
    answer = program().get(f"/api/v1/orders/{paid_order().number}")
    assert answer.status_code == 401
