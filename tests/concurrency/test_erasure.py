"""A customer who orders and closes the account at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from accounts.models import PrivacyRequest, User
from accounts.services import erasure
from accounts.services.customers import AccountInactive
from accounts.services.privacy_requests import PrivacyRequestOpen
from orders.models import Order
from payments.services import privacy_erasure, privacy_export
from payments.services.privacy_erasure import ErasureBlocked
from tests.concurrency.at_once import at_once
from tests.factories import CustomerFactory, VariantFactory, make_order

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("empty_queue"),
]

ROUNDS = 5


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_account_is_not_closed_over_a_new_order(_round: int) -> None:
    customer, variant = CustomerFactory(), VariantFactory(on_hand=5)

    def order() -> str:
        try:
            make_order(customer, variant=variant)
        except AccountInactive:
            return "refused"
        return "ordered"

    def close() -> str:
        try:
            privacy_erasure.request_erasure(customer)
        except ErasureBlocked:
            return "refused"
        return "closed"

    outcome = at_once([order, close])
    is_active = User.objects.get(pk=customer.pk).is_active
    found = (Order.objects.count(), is_active)
    assert (outcome, found) in [
        (["ordered", "refused"], (1, True)),
        (["refused", "closed"], (0, False)),
    ]


def test_order_waits_for_a_closing_that_is_under_way() -> None:
    customer, variant = CustomerFactory(), VariantFactory(on_hand=5)

    def order() -> str:
        try:
            make_order(customer, variant=variant)
        except AccountInactive:
            return "refused"
        finally:
            connection.close()
        return "ordered"

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=customer.pk)
            erasure.deactivate(customer)
            ordering = pool.submit(order)
            while not (ordering.done() or somebody_waits_for_a_lock()):
                pass
        assert ordering.result() == "refused"
    assert not Order.objects.exists()


def somebody_waits_for_a_lock() -> bool:
    query = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return bool(cursor.fetchone()[0])


def test_two_requests_at_once_make_one() -> None:
    customer = CustomerFactory()

    def ask() -> str:
        try:
            privacy_export.request_export(customer)
        except PrivacyRequestOpen:
            return "open"
        return "made"

    assert sorted(at_once([ask] * 4)) == ["made", "open", "open", "open"]
    assert PrivacyRequest.objects.count() == 1
