"""The page that customers come back to learns of their payment by itself."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.models import User
from payments.clients import midtrans
from payments.clients.midtrans import GatewayUnavailable
from payments.services import charges
from sandbox.midtrans import Midtrans
from tests.factories import VariantFactory, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(
    gateway: Midtrans, aisyah: User, client_of: Callable[..., APIClient]
) -> Callable[[], Any]:
    """Return a function that gets the payment of Aisyah's order, as her page does."""
    order = make_order(aisyah, variant=VariantFactory(on_hand=5))
    charges.start_payment(order.number)
    client = client_of(aisyah)
    return lambda: client.get(f"/api/v1/orders/{order.number}/payment").json()


def attempt_id(gateway: Midtrans) -> str:
    return str(next(iter(gateway._ledger.snaps.values())).order_id)


def statuses(gateway: Midtrans) -> int:
    return sum(request.path.endswith("/status") for request in gateway.requests)


def test_payment_without_a_notification_is_seen(
    ask: Callable[[], Any], gateway: Midtrans
) -> None:
    gateway.pay(attempt_id(gateway), "gopay")
    assert ask()["state"] == "paid"


def test_midtrans_is_asked_once_in_fifteen_seconds(
    ask: Callable[[], Any], gateway: Midtrans
) -> None:
    for _ in range(5):
        assert ask()["state"] == "open"
    assert statuses(gateway) == 1
    gateway.pay(attempt_id(gateway), "gopay")
    assert ask()["state"] == "open"
    cache.clear()
    assert ask()["state"] == "paid"
    asked = statuses(gateway)
    cache.clear()
    assert ask()["state"] == "paid"
    assert statuses(gateway) == asked


def test_page_is_answered_while_midtrans_is_not_there(
    ask: Callable[[], Any], gateway: Midtrans
) -> None:
    gateway.faults.set("down")
    assert ask()["state"] == "open"


def test_midtrans_is_left_alone_after_five_failures(gateway: Midtrans) -> None:
    gateway.faults.set("server_error")
    for _ in range(8):
        with pytest.raises(GatewayUnavailable):
            midtrans.get_status("KRM-X-01")
    assert statuses(gateway) == 5
    gateway.faults.clear()
    midtrans.breaker.answered()
    assert midtrans.get_status("KRM-X-01") is None


def test_refusals_do_not_count_as_failures(gateway: Midtrans) -> None:
    for _ in range(8):
        assert midtrans.get_status("KRM-X-01") is None
    assert statuses(gateway) == 8
