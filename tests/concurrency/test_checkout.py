"""Many customers, many clicks, many notifications at once, on real PostgreSQL."""

import json
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from catalog.models import Stock, Variant
from catalog.services import stock
from karima.errors import Conflict
from karima.ids import uuid7
from orders.models import Order
from orders.services import cart as carts
from orders.services import checkout, fulfilment, idempotency, transitions
from orders.services.checkout import Checkout
from payments.models import GatewayEvent, PaymentAttempt
from payments.services import charges, expiry, notifications
from sandbox.midtrans import Midtrans
from tests.concurrency.at_once import at_once
from tests.factories import (
    ADDRESS,
    CONTACT,
    CustomerFactory,
    VariantFactory,
    make_order,
)

pytestmark = pytest.mark.django_db(transaction=True)

REPETITIONS = 20
BUYERS = 50


def ordering(customer: User, *, key: str) -> Callable[[], str]:
    """Return a job that checks out and gives the order's number or why it has none."""
    request = idempotency.keyed_request(key, scope=f"test:{customer.pk}", body={})
    wish = Checkout(customer=customer, cart_token="", contact=CONTACT, address=ADDRESS)

    def job() -> str:
        try:
            return checkout.place_order(wish, request=request).order.number
        except Conflict as refusal:
            return refusal.code

    return job


def fill_cart(customer: User, *variants: Variant, quantity: int = 1) -> None:
    cart, _ = carts.open_cart(carts.Shopper(customer=customer))
    for variant in variants:
        carts.add_item(cart, variant=variant, quantity=quantity)


def test_fifty_checkouts_for_the_last_five_make_five_orders_every_time() -> None:
    customers = [CustomerFactory() for _ in range(BUYERS)]
    variant = VariantFactory(on_hand=0)
    for repetition in range(1, REPETITIONS + 1):
        stock.receive([stock.StockLine(variant.pk, 5)], reference=str(repetition))
        for customer in customers:
            fill_cart_if_empty(customer, variant)
        answers = at_once([ordering(c, key=str(uuid7())) for c in customers])
        assert answers.count("out_of_stock") == BUYERS - 5
        balance = Stock.objects.get(pk=variant.pk)
        assert (balance.on_hand, balance.reserved) == (5 * repetition,) * 2
        assert Order.objects.count() == 5 * repetition
        assert list(stock.verify()) == []


def fill_cart_if_empty(customer: User, variant: Variant) -> None:
    if carts.find_cart(carts.Shopper(customer=customer)) is None:
        fill_cart(customer, variant)


def test_same_click_ten_times_makes_one_order() -> None:
    customer = CustomerFactory()
    fill_cart(customer, VariantFactory(on_hand=50))
    answers = at_once([ordering(customer, key="click-0000-0000-0001")] * 10)
    assert Order.objects.count() == 1
    assert set(answers) <= {Order.objects.get().number, "idempotency_in_progress"}


def test_two_keys_for_one_cart_make_one_order() -> None:
    customer = CustomerFactory()
    fill_cart(customer, VariantFactory(on_hand=50))

    def trying(key: str) -> Callable[[], str]:
        job = ordering(customer, key=key)

        def run() -> str:
            try:
                return job()
            except carts.CartNotFound as gone:
                return gone.code

        return run

    answers = at_once([trying(f"key-{n:020}") for n in range(8)])
    assert Order.objects.count() == 1
    assert set(answers) <= {Order.objects.get().number, "cart_not_found", "cart_empty"}


def test_baskets_in_opposite_order_do_not_deadlock() -> None:
    first, second = VariantFactory(on_hand=20), VariantFactory(on_hand=20)
    customers = [CustomerFactory() for _ in range(30)]
    for number, customer in enumerate(customers):
        pair = (second, first) if number % 2 else (first, second)
        fill_cart(customer, *pair)
    answers = at_once([ordering(c, key=str(uuid7())) for c in customers])
    assert answers.count("out_of_stock") == 10
    assert list(stock.verify()) == []


def test_one_notification_many_times_at_once_confirms_once(gateway: Midtrans) -> None:
    order = make_order()
    charges.start_payment(order.number)
    body = json.dumps(gateway.pay(f"{order.number}-01")).encode()
    at_once([lambda: notifications.receive(body)] * 20)
    assert Order.objects.get().status == Order.Status.CONFIRMED
    assert order.events.filter(kind="status").count() == 1
    assert GatewayEvent.objects.count() == 1


def test_two_tabs_get_one_payment_page(gateway: Midtrans) -> None:
    order = make_order()
    attempts = at_once([lambda: charges.start_payment(order.number)] * 8)
    tokens = {attempt.snap_token for attempt in attempts if attempt.snap_token}
    assert tokens == {PaymentAttempt.objects.get().snap_token}
    made = [r for r in gateway.requests if r.path == "/snap/v1/transactions"]
    assert len(made) == 1


def test_expiry_by_two_workers_releases_once(gateway: Midtrans) -> None:
    variant = VariantFactory(on_hand=5)
    for _ in range(4):
        make_order(variant=variant)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET expires_at = now() - interval '1 day'")
    ended = at_once([expiry.expire_due] * 4)
    assert sum(ended) == 4
    assert Stock.objects.get(pk=variant.pk).reserved == 0
    assert list(stock.verify()) == []


def test_signing_in_on_two_devices_merges_a_guests_cart_once() -> None:
    customer, variant = CustomerFactory(), VariantFactory(on_hand=50)
    guest, token = carts.open_cart(carts.Shopper())
    carts.add_item(guest, variant=variant, quantity=3)
    # Her cart is there already: making it would line the requests up by itself.
    carts.open_cart(carts.Shopper(customer=customer))
    shopper = carts.Shopper(customer=customer, token=token)
    at_once([lambda: carts.open_cart(shopper)] * 8)
    cart = carts.find_cart(carts.Shopper(customer=customer))
    assert cart is not None
    assert list(cart.lines.values_list("quantity", flat=True)) == [3]


def test_one_tracking_number_typed_twice_at_once_ships_one_order() -> None:
    orders = [make_order() for _ in range(4)]
    for order in orders:
        with transaction.atomic():
            transitions.confirm(order, paid_at=timezone.now())
            transitions.start_processing(order, actor=None)

    def shipping(number: str) -> Callable[[], str]:
        def job() -> str:
            try:
                fulfilment.ship(
                    number, courier="JNE", tracking_number="JNE001", actor=None
                )
            except Conflict as refusal:
                return refusal.code
            return "shipped"

        return job

    answers = at_once([shipping(order.number) for order in orders])
    assert sorted(answers) == ["shipped", *["tracking_number_taken"] * 3]
    assert Order.objects.filter(status="shipped").count() == 1
