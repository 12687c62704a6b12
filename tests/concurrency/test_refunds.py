"""Two people press the button, and two workers wake, at the same moment."""

import json
from functools import partial

import pytest

from accounts.models import User
from karima import invariants
from karima.errors import StoreError
from orders.models import Order
from payments.models import GatewayTransaction, Refund
from payments.services import charges, notifications, refund_sending, refunds
from payments.services.refunds import Wish
from payments.services.watching import INVARIANTS
from sandbox.midtrans import Midtrans
from tests.concurrency.at_once import at_once
from tests.factories import StaffFactory, VariantFactory, make_order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(gateway: Midtrans) -> Order:
    order = make_order(variant=VariantFactory(on_hand=5))
    charges.start_payment(order.number)
    body = gateway.pay(f"{order.number}-01", "gopay")
    notifications.receive(json.dumps(body).encode())
    return order


def test_amount_is_promised_once(order: Order) -> None:
    people = [StaffFactory() for _ in range(6)]
    part = order.grand_total // 2

    def ask(actor: User) -> str:
        wish = Wish(reason="Habis", amount=part)
        try:
            refunds.request_refund(order.number, wish, actor=actor)
        except StoreError as refusal:
            return refusal.code
        return "asked"

    answers = at_once([partial(ask, actor) for actor in people])
    assert sorted(answers) == ["asked", "asked", *["nothing_to_refund"] * 4]
    assert GatewayTransaction.objects.get().refund_claimed == order.grand_total


def test_refund_is_sent_by_one_worker(order: Order, gateway: Midtrans) -> None:
    wish = Wish(reason="Habis", amount=10_000)
    asked = refunds.request_refund(order.number, wish, actor=StaffFactory())
    at_once([partial(refund_sending.send, asked.pk)] * 6)
    sent = [r for r in gateway.requests if r.path.endswith("/refund")]
    assert len(sent) == 1
    assert Refund.objects.get().state == "confirmed"
    assert [i.name for i in INVARIANTS if invariants.find(i).count] == []
