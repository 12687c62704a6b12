"""Getting a token: once, whatever the gateway does."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from pytest_django.fixtures import Settings

from orders.models import Order, OrderLine
from orders.services import transitions
from payments.clients.midtrans import GatewayOutcomeUnknown, GatewayUnavailable
from payments.models import PaymentAttempt
from payments.services import charges
from payments.services.charges import OrderNotPayable
from sandbox.faults import RecordedRequest
from sandbox.midtrans import Midtrans
from tests.factories import VariantFactory, make_order

pytestmark = pytest.mark.django_db

State = PaymentAttempt.State


def snap_calls(gateway: Midtrans) -> list[RecordedRequest]:
    return [r for r in gateway.requests if r.path == "/snap/v1/transactions"]


def test_order_gets_a_page_to_pay_on(gateway: Midtrans) -> None:
    order = make_order(variant=VariantFactory(on_hand=5, price=150_000), quantity=2)
    attempt = charges.start_payment(order.number)
    assert attempt.state == State.OPEN
    assert attempt.provider_order_id == f"{order.number}-01"
    assert attempt.amount == 320_000
    assert attempt.redirect_url.startswith("http")


def test_bill_adds_up_and_names_no_fee(gateway: Midtrans) -> None:
    order = make_order(quantity=2)
    attempt = charges.start_payment(order.number)
    sent = gateway.snap_request(attempt.provider_order_id)
    bill = sum(item["price"] * item["quantity"] for item in sent["item_details"])
    assert bill == sent["transaction_details"]["gross_amount"] == order.grand_total
    assert sent["customer_imposed_payment_fee"] == {"enable": False}
    assert sent["credit_card"] == {"secure": True}
    assert sent["expiry"]["start_time"].endswith("+0700")


def test_long_bill_is_cut_and_still_adds_up(gateway: Midtrans) -> None:
    order = make_order()
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            variant=VariantFactory(),
            sku=f"GMS-ARUNIKA-DUSTY-PINK-PANJANG-{n:08}",
            product_name="Gamis Arunika dengan nama yang panjang sekali",
            quantity=1000,
            unit_price=1_000_000,
            total=1_000_000_000,
            weight_grams=400,
        )
        for n in range(99)
    )
    Order.objects.update(
        items_total=F("items_total") + 99_000_000_000,
        grand_total=F("grand_total") + 99_000_000_000,
    )
    attempt = charges.start_payment(order.number)
    sent = gateway.snap_request(attempt.provider_order_id)
    bill = sum(item["price"] * item["quantity"] for item in sent["item_details"])
    assert bill == attempt.amount
    names = [item["name"] for item in sent["item_details"][80:]]
    assert names == ["Produk lainnya", "Ongkos kirim"]


def test_open_page_is_used_again(gateway: Midtrans) -> None:
    order = make_order()
    first = charges.start_payment(order.number)
    again = charges.start_payment(order.number)
    assert again.snap_token == first.snap_token
    assert len(snap_calls(gateway)) == 1


def test_outage_leaves_the_order_and_the_same_id_is_used_later(
    gateway: Midtrans,
) -> None:
    order = make_order()
    gateway.faults.set("unavailable", times=1)
    with pytest.raises(GatewayUnavailable):
        charges.start_payment(order.number)
    assert Order.objects.get().status == Order.Status.PENDING
    attempt = charges.start_payment(order.number)
    assert attempt.provider_order_id == f"{order.number}-01"
    assert PaymentAttempt.objects.count() == 1


def test_lost_answer_is_unknown_not_failed(gateway: Midtrans) -> None:
    order = make_order()
    gateway.faults.set("hang", seconds=1.5, times=1)
    with pytest.raises(GatewayOutcomeUnknown):
        charges.start_payment(order.number)
    assert PaymentAttempt.objects.get().state == State.CREATING
    assert charges.start_payment(order.number).state == State.OPEN


def test_checkout_offers_the_order_without_a_page_during_an_outage(
    gateway: Midtrans,
) -> None:
    order = make_order()
    gateway.faults.set("down")
    attempt = charges.offer_payment(order.number)
    assert (attempt.state, attempt.snap_token) == (State.CREATING, "")


@pytest.mark.parametrize("kind", ["garbage", "html", "redirect", "server_error"])
def test_strange_answer_is_an_outage(gateway: Midtrans, kind: str) -> None:
    order = make_order()
    gateway.faults.set(kind)
    with pytest.raises(GatewayUnavailable):
        charges.start_payment(order.number)


def test_wrong_key_is_an_outage_for_the_customer(
    gateway: Midtrans, settings: Settings
) -> None:
    settings.MIDTRANS_SERVER_KEY = "SB-Mid-server-wrong"
    with pytest.raises(GatewayUnavailable):
        charges.start_payment(make_order().number)


def test_second_process_does_not_kill_the_first_ones_page(gateway: Midtrans) -> None:
    order = make_order()
    charges._claim(order.number)
    attempt = charges.start_payment(order.number)
    assert attempt.state == State.CREATING
    assert not snap_calls(gateway)


def test_dead_process_is_taken_over(gateway: Midtrans) -> None:
    order = make_order()
    charges._claim(order.number)
    PaymentAttempt.objects.update(claimed_at=timezone.now() - timedelta(minutes=1))
    assert charges.start_payment(order.number).state == State.OPEN


@pytest.mark.parametrize("language", ["en", "id"])
def test_id_taken_behind_a_lost_answer_is_left_for_a_new_one(
    gateway: Midtrans, language: str
) -> None:
    order = make_order()
    gateway.faults.set("hang", seconds=1.5, times=1)
    with pytest.raises(GatewayOutcomeUnknown):
        charges.start_payment(order.number)
    gateway.pending(f"{order.number}-01")
    gateway.settings.language = language
    with pytest.raises(GatewayUnavailable):
        charges.start_payment(order.number)
    attempt = charges.start_payment(order.number)
    assert attempt.provider_order_id == f"{order.number}-02"
    assert gateway.status(f"{order.number}-01")["transaction_status"] == "cancel"


def test_ended_order_cannot_be_paid(gateway: Midtrans) -> None:
    order = make_order()
    transitions.expire(order)
    with pytest.raises(OrderNotPayable):
        charges.start_payment(order.number)


def test_order_past_its_time_cannot_be_paid(gateway: Midtrans) -> None:
    order = make_order()
    Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(OrderNotPayable):
        charges.start_payment(order.number)
