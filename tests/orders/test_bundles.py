"""Bundles from the cart to the order, its stock and its money."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.models import User
from catalog.models import Bundle, Stock, Variant
from catalog.services import bundles
from karima.ids import uuid7
from orders.models import Cart, CartBundle, Order
from orders.services import cart as carts
from orders.services import cart_bundles, idempotency, transitions
from orders.services.checkout import Checkout, ItemsUnavailable, place_order
from payments.services import charges
from tests.factories import ADDRESS, CONTACT, BundleFactory, VariantFactory

pytestmark = pytest.mark.django_db


def add(client: APIClient, bundle: str, quantity: int = 1) -> Any:
    body = {"bundle": bundle, "quantity": quantity}
    return client.post("/api/v1/cart/items", body, format="json")


def order_of(customer: User) -> Order:
    request = Checkout(
        customer=customer, cart_token="", contact=CONTACT, address=ADDRESS
    )
    keyed = idempotency.keyed_request(str(uuid7()), scope="test", body={})
    return place_order(request, request=keyed).order


def fill(customer: User, bundle: Bundle, quantity: int = 1) -> Cart:
    cart, _ = carts.open_cart(carts.Shopper(customer=customer))
    cart_bundles.add(cart, bundle=bundles.find(bundle.slug), quantity=quantity)
    return cart


def reserved(variant: Variant) -> int:
    return Stock.objects.get(pk=variant.pk).reserved


@pytest.fixture
def pair(db: None) -> tuple[Variant, Variant]:
    return (
        VariantFactory(on_hand=5, price=289_000),
        VariantFactory(on_hand=7, price=150_000),
    )


def test_a_bundle_is_one_thing_in_the_cart(
    client_of: Callable[..., APIClient], aisyah: User, pair: tuple[Variant, Variant]
) -> None:
    bundle = BundleFactory(price=400_000, parts={pair[0]: 1, pair[1]: 2})
    client = client_of(aisyah)
    add(client, bundle.slug)
    cart = add(client, bundle.slug).json()
    assert cart["items"] == []
    [row] = cart["bundles"]
    assert (row["quantity"], row["unit_price"], row["total"]) == (2, 400_000, 800_000)
    assert [part["quantity"] for part in row["parts"]] == [2, 4]
    assert cart["totals"]["items"] == 800_000
    assert cart["item_count"] == 6
    path = f"/api/v1/cart/bundles/{row['id']}"
    changed = client.patch(path, {"quantity": 1}, format="json").json()
    assert changed["totals"]["items"] == 400_000
    assert client.delete(path).json()["bundles"] == []


def test_more_bundles_than_the_parts_allow_are_refused(
    client_of: Callable[..., APIClient], aisyah: User, pair: tuple[Variant, Variant]
) -> None:
    bundle = BundleFactory(parts={pair[0]: 1, pair[1]: 2})
    answer = add(client_of(aisyah), bundle.slug, 4)
    assert (answer.status_code, answer.json()["available"]) == (409, 3)
    assert not CartBundle.objects.exists()


def test_an_unknown_bundle_leaves_no_cart(client_of: Callable[..., APIClient]) -> None:
    assert add(client_of(), "tidak-ada").json()["code"] == "bundle_not_found"
    assert not Cart.objects.exists()


def test_naming_a_variant_and_a_bundle_is_refused(
    client_of: Callable[..., APIClient],
) -> None:
    body = {"bundle": "a", "sku": "B"}
    answer = client_of().post("/api/v1/cart/items", body, format="json")
    assert answer.json()["errors"][0]["code"] == "variant_required"


def test_the_order_holds_the_parts_at_the_price_of_the_bundle(
    client_of: Callable[..., APIClient], aisyah: User, pair: tuple[Variant, Variant]
) -> None:
    bundle = BundleFactory(price=500_001, parts={pair[0]: 1, pair[1]: 2})
    fill(aisyah, bundle, quantity=2)
    order = order_of(aisyah)
    lines = list(order.lines.order_by("id"))
    assert sum(line.total for line in lines) == order.items_total == 1_000_002
    assert [line.unit_price for line in lines] == [289_000, 150_000]
    assert all(line.discount > 0 for line in lines)
    assert (reserved(pair[0]), reserved(pair[1])) == (2, 4)
    answer = client_of(aisyah).get(f"/api/v1/orders/{order.number}").json()
    assert answer["bundles"][0]["total"] == 1_000_002
    assert {item["bundle"] for item in answer["items"]} == {bundle.slug}
    bill = charges._items(order)
    assert sum(item.price * item.quantity for item in bill) == order.grand_total


def test_a_variant_alone_and_in_two_bundles_is_three_lines(
    aisyah: User, pair: tuple[Variant, Variant]
) -> None:
    cart = fill(aisyah, BundleFactory(parts={pair[0]: 1, pair[1]: 1}))
    fill(aisyah, BundleFactory(parts={pair[0]: 2}))
    carts.add_item(cart, variant=pair[0], quantity=1)
    order = order_of(aisyah)
    assert order.lines.filter(variant=pair[0]).count() == 3
    assert reserved(pair[0]) == 4
    transitions.cancel(transitions.lock_order(order.number), actor=None)
    assert (reserved(pair[0]), reserved(pair[1])) == (0, 0)


def test_a_bundle_that_left_the_shop_stops_the_order(
    aisyah: User, pair: tuple[Variant, Variant]
) -> None:
    bundle = BundleFactory(parts={pair[0]: 1})
    cart = fill(aisyah, bundle)
    Bundle.objects.update(is_active=False)
    with pytest.raises(ItemsUnavailable) as refusal:
        order_of(aisyah)
    assert refusal.value.errors[0]["bundle"] == bundle.slug
    assert not Order.objects.exists()
    assert reserved(pair[0]) == 0
    [notice] = cart_bundles.notices(cart_bundles.rows_of(cart))
    assert notice.code == "unavailable"


def test_a_guests_bundles_come_along_at_sign_in(
    aisyah: User, pair: tuple[Variant, Variant]
) -> None:
    bundle = BundleFactory(parts={pair[0]: 1})
    fill(aisyah, bundle)
    guest, token = carts.open_cart(carts.Shopper())
    cart_bundles.add(guest, bundle=bundles.find(bundle.slug), quantity=2)
    cart, _ = carts.open_cart(carts.Shopper(customer=aisyah, token=token))
    assert [row.quantity for row in cart.bundles.all()] == [3]


def test_a_cart_of_bundles_costs_the_same_however_long(
    client_of: Callable[..., APIClient],
    aisyah: User,
    django_assert_max_num_queries: Any,
) -> None:
    for _ in range(3):
        fill(aisyah, BundleFactory(parts={VariantFactory(on_hand=3): 1}))
    with django_assert_max_num_queries(12):
        client_of(aisyah).get("/api/v1/cart")


@given(
    total=st.integers(1, 5_000_000),
    parts=st.lists(
        st.tuples(st.integers(1, 2_000_000), st.integers(1, 200)),
        min_size=1,
        max_size=6,
    ),
)
def test_no_rupiah_is_lost_and_no_line_breaks_its_rules(
    total: int, parts: list[tuple[int, int]]
) -> None:
    shares = cart_bundles.shares(total, parts)
    paid = [
        unit_price * pieces - discount
        for (unit_price, discount), (_, pieces) in zip(shares, parts, strict=True)
    ]
    assert sum(paid) == total
    assert all(discount >= 0 for _, discount in shares)
    assert all(amount >= 0 for amount in paid)
    if total <= sum(price * pieces for price, pieces in parts):
        assert [unit for unit, _ in shares] == [price for price, _ in parts]
