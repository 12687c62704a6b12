"""A customer who shops as people do never meets a limit."""

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from karima import redis
from karima.ratelimits import callers
from orders.models import Order
from sandbox.kratos import Kratos
from sandbox.midtrans import Midtrans
from tests.factories import VariantFactory
from tests.journeys.test_walk import walk

pytestmark = pytest.mark.django_db(transaction=True)


def counted_scopes() -> set[str]:
    client = redis.client()
    assert client is not None
    keys = client.scan_iter(f"{callers.PREFIX}:*")
    return {key.decode().split(":")[2] for key in keys}


def test_walk_stays_within_the_limits(
    live_server: LiveServer, kratos: Kratos, gateway: Midtrans, limits: Settings
) -> None:
    limits.KRATOS_INTERNAL_URL = kratos.public_url
    gateway.notify_at(f"{live_server.url}/api/v1/payments/midtrans/notification")
    VariantFactory(on_hand=5)
    assert '"status": "confirmed"' in walk(live_server.url, kratos.public_url)
    assert Order.objects.get().status == "confirmed"
    assert "checkout" in counted_scopes()
