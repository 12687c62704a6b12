"""The walk that `make demo` prints, line by line, ends in a paid order."""

import os
import subprocess
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from catalog.models import Stock, StockMovement
from orders.models import Order
from payments.models import GatewayEvent, PaymentAttempt
from sandbox.kratos import Kratos
from sandbox.midtrans import Midtrans
from tests.factories import VariantFactory

pytestmark = pytest.mark.django_db(transaction=True)

WALK = Path(__file__).parents[2] / "sandbox" / "walk.sh"


def walk(shop: str, kratos: str) -> str:
    done = subprocess.run(
        ["bash", "-e", str(WALK)],
        env={**os.environ, "SHOP": shop, "KRATOS": kratos},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_walk_ends_in_a_paid_order(
    live_server: LiveServer, kratos: Kratos, gateway: Midtrans, settings: Settings
) -> None:
    settings.KRATOS_INTERNAL_URL = kratos.public_url
    gateway.notify_at(f"{live_server.url}/api/v1/payments/midtrans/notification")
    variant = VariantFactory(on_hand=5)
    assert '"status": "confirmed"' in walk(live_server.url, kratos.public_url)
    order = Order.objects.get()
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    assert order.customer.email == "aisyah@karima.example"
    assert PaymentAttempt.objects.get().state == PaymentAttempt.State.PAID
    assert GatewayEvent.objects.get().outcome == GatewayEvent.Outcome.APPLIED
    balance = Stock.objects.get(variant=variant.pk)
    assert (balance.on_hand, balance.reserved) == (5, 1)
    assert StockMovement.objects.get(kind="reserve").reference == order.number
