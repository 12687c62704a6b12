"""Reviews of one product are published at the same moment."""

from functools import partial

import pytest

from catalog.models import Product
from orders.services import reviews
from tests.concurrency.at_once import at_once
from tests.factories import CustomerFactory, StaffFactory, VariantFactory
from tests.orders.test_reviews import written

pytestmark = pytest.mark.django_db(transaction=True)


def test_none_is_missing_in_the_sum() -> None:
    variant, judge = VariantFactory(on_hand=20), StaffFactory()
    waiting = [written(CustomerFactory(), variant, 4) for _ in range(8)]
    at_once([partial(reviews.publish, row.pk, actor=judge) for row in waiting])
    product = Product.objects.get(pk=variant.product_id)
    assert (product.rating_count, product.rating_counts) == (8, [0, 0, 0, 8, 0])
