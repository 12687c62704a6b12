"""Placing an order: everything or nothing, and once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from catalog.models import Stock, Variant
from catalog.services import prices, products, stock
from orders.models import Cart, IdempotencyRecord, Order, OrderEvent
from orders.services import cart as carts
from orders.services import checkout, idempotency
from orders.services.checkout import (
    CartEmpty,
    Checkout,
    ItemsUnavailable,
    TotalChanged,
)
from orders.services.idempotency import (
    IdempotencyInProgress,
    IdempotencyKeyReused,
    StoredRefusal,
    keyed_request,
)
from tests.factories import (
    ADDRESS,
    CONTACT,
    CustomerFactory,
    VariantFactory,
    make_order,
)

pytestmark = pytest.mark.django_db

KEY = "key-0000-0000-0001"


@pytest.fixture
def filled_cart(aisyah: User) -> Callable[..., Cart]:
    """Give a function that puts variants into Aisyah's cart."""

    def fill(*variants: Variant, quantity: int = 1) -> Cart:
        cart, _ = carts.open_cart(carts.Shopper(customer=aisyah))
        for variant in variants:
            carts.add_item(cart, variant=variant, quantity=quantity)
        return cart

    return fill


def order_as(customer: User, *, key: str = KEY, body: Any = None, **wish: Any) -> Any:
    request = keyed_request(key, scope="test", body=body or {})
    wanted = Checkout(
        customer=customer, cart_token="", contact=CONTACT, address=ADDRESS, **wish
    )
    return checkout.place_order(wanted, request=request)


def test_order_keeps_what_was_agreed(
    aisyah: User, filled_cart: Callable[..., Cart]
) -> None:
    variant = VariantFactory(on_hand=5, price=150_000, weight_grams=450)
    filled_cart(variant, quantity=2)
    order = order_as(aisyah).order
    prices.change_price(variant, price=990_000)
    line = order.lines.get()
    assert (line.sku, line.quantity, line.unit_price, line.total) == (
        variant.sku,
        2,
        150_000,
        300_000,
    )
    assert (order.items_total, order.shipping_cost, order.grand_total) == (
        300_000,
        20_000,
        320_000,
    )


def test_order_reserves_stock_and_empties_the_cart(
    aisyah: User, filled_cart: Callable[..., Cart]
) -> None:
    variant = VariantFactory(on_hand=5)
    cart = filled_cart(variant, quantity=2)
    order = order_as(aisyah).order
    assert Stock.objects.get(pk=variant.pk).reserved == 2
    assert variant.movements.get(kind="reserve").reference == order.number
    cart.refresh_from_db()
    assert cart.state == Cart.State.ORDERED
    assert carts.find_cart(carts.Shopper(customer=aisyah)) is None


def test_order_waits_for_payment_for_a_day(
    aisyah: User, filled_cart: Callable[..., Cart]
) -> None:
    filled_cart(VariantFactory(on_hand=5))
    order = order_as(aisyah).order
    assert order.status == Order.Status.PENDING
    assert order.expires_at - order.placed_at == timedelta(days=1)
    assert order.events.get().kind == OrderEvent.Kind.PLACED


def test_same_request_gives_the_same_order(
    aisyah: User, filled_cart: Callable[..., Cart]
) -> None:
    filled_cart(VariantFactory(on_hand=5))
    first = order_as(aisyah)
    again = order_as(aisyah)
    assert again.order == first.order
    assert (first.replayed, again.replayed) == (False, True)
    assert Order.objects.count() == 1


def test_same_key_for_another_request_is_refused(
    aisyah: User, filled_cart: Callable[..., Cart]
) -> None:
    filled_cart(VariantFactory(on_hand=5))
    order_as(aisyah, body={"notes": "a"})
    with pytest.raises(IdempotencyKeyReused):
        order_as(aisyah, body={"notes": "b"})


def test_refusal_is_remembered(aisyah: User, filled_cart: Callable[..., Cart]) -> None:
    cart = filled_cart(VariantFactory(on_hand=5))
    cart.lines.all().delete()
    with pytest.raises(CartEmpty):
        order_as(aisyah)
    filled_cart(VariantFactory(on_hand=5))
    with pytest.raises(StoredRefusal) as refusal:
        order_as(aisyah)
    assert (refusal.value.status, refusal.value.code) == (409, "cart_empty")
    assert refusal.value.headers == {"Idempotency-Replayed": "true"}
    assert not Order.objects.exists()


def test_running_request_is_not_run_twice(
    aisyah: User, filled_cart: Callable[..., Cart]
) -> None:
    filled_cart(VariantFactory(on_hand=5))
    idempotency.claim(keyed_request(KEY, scope="test", body={}))
    with pytest.raises(IdempotencyInProgress):
        order_as(aisyah)


def test_dead_request_is_taken_over_and_cannot_come_back(
    aisyah: User, filled_cart: Callable[..., Cart]
) -> None:
    filled_cart(VariantFactory(on_hand=5))
    dead = idempotency.claim(keyed_request(KEY, scope="test", body={}))
    IdempotencyRecord.objects.update(locked_at=timezone.now() - timedelta(minutes=1))
    order = order_as(aisyah).order
    with pytest.raises(IdempotencyInProgress):
        idempotency.finish(dead, order=order)


def test_key_that_is_freed_meanwhile_counts_as_in_progress(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = keyed_request(KEY, scope="test", body={})
    first = idempotency.claim(request)
    lock = IdempotencyRecord.objects.select_for_update

    def lock_after_the_first_gave_up() -> Any:
        idempotency.give_up(first)
        return lock()

    monkeypatch.setattr(
        IdempotencyRecord.objects, "select_for_update", lock_after_the_first_gave_up
    )
    with pytest.raises(IdempotencyInProgress):
        idempotency.claim(request)


def test_own_failure_frees_the_key(
    aisyah: User, filled_cart: Callable[..., Cart], monkeypatch: pytest.MonkeyPatch
) -> None:
    filled_cart(VariantFactory(on_hand=5))

    def break_down(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(stock, "reserve", break_down)
        order_as(aisyah)
    assert not Order.objects.exists()
    assert order_as(aisyah).order.number


@pytest.mark.parametrize(
    "key",
    ["", "short", "x" * 256, "sixteen characters with space", "kunci-ünïcode-1234"],
)
def test_unusable_key_is_refused(key: str) -> None:
    with pytest.raises(idempotency.IdempotencyKeyRequired):
        keyed_request(key, scope="test", body={})


def test_key_may_stand_in_quotes() -> None:
    quoted = keyed_request(f'"{KEY}"', scope="test", body={})
    assert quoted == keyed_request(KEY, scope="test", body={})


def test_changed_total_is_not_charged_silently(
    aisyah: User, filled_cart: Callable[..., Cart]
) -> None:
    variant = VariantFactory(on_hand=5, price=150_000)
    cart = filled_cart(variant)
    prices.change_price(variant, price=160_000)
    with pytest.raises(TotalChanged) as refusal:
        order_as(aisyah, expected_total=170_000)
    assert refusal.value.extra == {"grand_total": 180_000}
    cart.refresh_from_db()
    assert cart.state == Cart.State.OPEN


def test_what_went_off_sale_is_not_sold(
    aisyah: User, filled_cart: Callable[..., Cart]
) -> None:
    variant = VariantFactory(on_hand=5)
    filled_cart(variant)
    products.archive(variant.product)
    with pytest.raises(ItemsUnavailable) as refusal:
        order_as(aisyah)
    assert refusal.value.errors[0]["sku"] == variant.sku
    assert Stock.objects.get(pk=variant.pk).reserved == 0


def test_short_stock_refuses_the_whole_order(
    aisyah: User, filled_cart: Callable[..., Cart]
) -> None:
    plenty, short = VariantFactory(on_hand=5), VariantFactory(on_hand=5)
    cart = filled_cart(plenty, short, quantity=3)
    stock.adjust(short.pk, new_on_hand=2, actor=None, note="hilang")
    with pytest.raises(stock.OutOfStock) as refusal:
        order_as(aisyah)
    assert [row["sku"] for row in refusal.value.errors] == [short.sku]
    assert not Order.objects.exists()
    assert Stock.objects.get(pk=plenty.pk).reserved == 0
    cart.refresh_from_db()
    assert cart.state == Cart.State.OPEN


def test_taken_number_is_drawn_again(
    aisyah: User, filled_cart: Callable[..., Cart], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = make_order().number
    numbers = iter([taken, taken, "KRM-261123-ZZZZZZ"])
    monkeypatch.setattr(checkout, "order_number", lambda now: next(numbers))
    filled_cart(VariantFactory(on_hand=5))
    assert order_as(aisyah).order.number == "KRM-261123-ZZZZZZ"


def test_database_refuses_a_total_that_does_not_add_up() -> None:
    order = make_order()
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(grand_total=1)


def test_history_cannot_be_rewritten() -> None:
    make_order()
    for statement in (
        "UPDATE orders_orderevent SET to_value = 'paid'",
        "DELETE FROM orders_orderevent",
    ):
        with (
            pytest.raises(IntegrityError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_old_keys_are_forgotten(aisyah: User, filled_cart: Callable[..., Cart]) -> None:
    filled_cart(VariantFactory(on_hand=5))
    order_as(aisyah)
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=73))
    assert idempotency.forget_old() == 1
    assert Order.objects.exists()


def test_guest_cart_is_not_merged_into_one_that_is_being_ordered(
    aisyah: User, filled_cart: Callable[..., Cart], monkeypatch: pytest.MonkeyPatch
) -> None:
    cart = filled_cart(VariantFactory(on_hand=5))
    guest, token = carts.open_cart(carts.Shopper())
    carts.add_item(guest, variant=VariantFactory(on_hand=5), quantity=1)
    find = carts._guest_cart

    def find_after_the_order(token: str) -> Cart | None:
        carts.mark_ordered(cart)
        return find(token)

    monkeypatch.setattr(carts, "_guest_cart", find_after_the_order)
    with pytest.raises(carts.CartNotFound):
        carts.open_cart(carts.Shopper(customer=aisyah, token=token))
    guest.refresh_from_db()
    assert (guest.state, guest.lines.count()) == (Cart.State.OPEN, 1)
    assert cart.lines.count() == 1


def test_guest_cart_comes_along_to_checkout() -> None:
    customer = CustomerFactory()
    guest, token = carts.open_cart(carts.Shopper())
    carts.add_item(guest, variant=VariantFactory(on_hand=5), quantity=1)
    request = keyed_request(KEY, scope="test", body={})
    placed = checkout.place_order(
        Checkout(customer=customer, cart_token=token, contact=CONTACT, address=ADDRESS),
        request=request,
    )
    assert placed.order.lines.count() == 1
