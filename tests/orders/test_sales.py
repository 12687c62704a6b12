"""Pieces sold: of paid orders alone, and what `popular` makes of them."""

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Product, Variant
from catalog.services import answers
from orders.models import Order
from orders.services import sales, transitions
from payments import tasks
from tests.factories import VariantFactory, make_order
from tests.payments.person import deliver

pytestmark = pytest.mark.django_db


def sold(variant: Variant) -> int:
    sales.count_sold()
    return Product.objects.get(pk=variant.product_id).sold_count


def paid(variant: Variant, quantity: int) -> Order:
    order = make_order(variant=variant, quantity=quantity)
    with transaction.atomic():
        transitions.confirm(
            transitions.lock_order(order.number), paid_at=timezone.now()
        )
    return order


def test_pieces_of_paid_orders_count() -> None:
    variant = VariantFactory(on_hand=20)
    make_order(variant=variant, quantity=1)
    assert sold(variant) == 0
    paid(variant, 2)
    deliver(make_order(variant=variant, quantity=3))
    assert sold(variant) == 5


def test_all_variants_of_a_product_count_together() -> None:
    variant = VariantFactory(on_hand=20)
    other = VariantFactory(product=variant.product, on_hand=20)
    paid(variant, 2)
    paid(other, 3)
    assert sold(variant) == 5


def test_what_is_called_off_or_sent_back_counts_no_more() -> None:
    variant = VariantFactory(on_hand=20)
    cancelled, unpaid, returned = (paid(variant, n) for n in (1, 2, 4))
    assert sold(variant) == 7
    with transaction.atomic():
        transitions.cancel(transitions.lock_order(cancelled.number), actor=None)
    assert sold(variant) == 6
    with transaction.atomic():
        transitions.unpay(transitions.lock_order(unpaid.number), note="Ditarik")
    assert sold(variant) == 4
    with transaction.atomic():
        order = transitions.lock_order(returned.number)
        transitions.start_processing(order, actor=None)
        transitions.ship(order, courier="JNE", tracking_number="JNE1", actor=None)
        transitions.record_return(order, actor=None, note="Kekecilan")
    assert sold(variant) == 0


def test_a_second_count_changes_nothing() -> None:
    paid(VariantFactory(on_hand=9), 2)
    assert (sales.count_sold(), sales.count_sold()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_lists_follow_what_sells() -> None:
    rows = [VariantFactory(on_hand=9) for _ in range(3)]
    path = "/api/v1/products?sort=popular"
    before = APIClient().get(path)
    paid(rows[0], 2)
    paid(rows[1], 5)
    tasks.count_sold(timestamp=0)
    # What other processes share stays: only another version has another answer.
    answers.forget()
    after = APIClient().get(path)
    found = [row["id"] for row in after.json()["results"]]
    assert found == [rows[n].product_id for n in (1, 0, 2)]
    assert before["ETag"] != after["ETag"]


def test_a_command_counts_the_orders_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    paid(VariantFactory(on_hand=9), 2)
    call_command("count_sold")
    assert capsys.readouterr().out == "1 products changed.\n"
