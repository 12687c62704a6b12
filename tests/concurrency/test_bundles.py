"""Bundles and single pieces race for the last of a part."""

import pytest

from accounts.models import User
from catalog.models import Bundle, Stock
from catalog.services import bundles
from orders.models import Order
from orders.services import cart as carts
from orders.services import cart_bundles
from tests.concurrency.at_once import at_once
from tests.concurrency.test_checkout import fill_cart, ordering
from tests.factories import BundleFactory, CustomerFactory, VariantFactory

pytestmark = pytest.mark.django_db(transaction=True)

BUYERS = 24


def test_the_last_part_goes_to_one_bundle_or_one_piece() -> None:
    scarce, plenty = VariantFactory(on_hand=1), VariantFactory(on_hand=500)
    other = VariantFactory(on_hand=500)
    first = BundleFactory(parts={scarce: 1, plenty: 1})
    second = BundleFactory(parts={plenty: 2, scarce: 1, other: 1})
    buyers = [CustomerFactory() for _ in range(BUYERS)]
    for number, buyer in enumerate(buyers):
        if number % 3:
            put(buyer, (first, second)[number % 2])
        else:
            fill_cart(buyer, scarce)
    answers = at_once([ordering(b, key=f"key-{b.pk}-0000") for b in buyers])
    [number] = [answer for answer in answers if answer.startswith("KRM-")]
    assert set(answers) - {number} == {"out_of_stock"}
    order = Order.objects.get()
    held = {line.variant_id: line.quantity for line in order.lines.all()}
    for variant in (scarce, plenty, other):
        balance = Stock.objects.get(pk=variant.pk)
        assert balance.reserved == held.get(variant.pk, 0)
    for bundle in Bundle.objects.all():
        assert '"available":0' in bundle.document


def put(buyer: User, bundle: Bundle) -> None:
    cart, _ = carts.open_cart(carts.Shopper(customer=buyer))
    cart_bundles.add(cart, bundle=bundles.find(bundle.slug), quantity=1)
