"""What the customer is told of an order, and when nobody is told."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Message
from accounts.services import messages
from orders.models import Order
from orders.services import order_messages, transitions
from tests.factories import make_order

pytestmark = pytest.mark.django_db


def told(order: Order) -> list[str]:
    rows = Message.objects.filter(order_number=order.number).order_by("id")
    assert {row.recipient for row in rows} == {order.contact_email}
    assert {row.customer_id for row in rows} == {order.customer_id}
    return [row.event.removeprefix("order_") for row in rows]


def test_way_of_an_order_is_told_step_by_step() -> None:
    order = make_order()
    transitions.confirm(order, paid_at=timezone.now())
    transitions.start_processing(order, actor=None)
    transitions.ship(order, courier="JNE", tracking_number="jne001", actor=None)
    transitions.deliver(order)
    assert told(order) == ["placed", "paid", "shipped", "delivered"]
    shipped = Message.objects.get(event="order_shipped")
    assert "JNE dengan nomor resi JNE001" in shipped.body
    messages.send_due()
    assert len(mail.outbox) == 4


def test_end_of_an_order_is_told() -> None:
    expired, cancelled = make_order(), make_order()
    transitions.expire(expired)
    transitions.cancel(cancelled, actor=None)
    assert told(expired) == ["placed", "expired"]
    assert told(cancelled) == ["placed", "cancelled"]


def test_order_that_is_paid_twice_over_time_is_told_twice() -> None:
    order = make_order()
    transitions.confirm(order, paid_at=timezone.now())
    transitions.unpay(order, note="Ditarik")
    later = timezone.now() + timedelta(minutes=5)
    transitions.confirm(order, paid_at=later)
    assert told(order) == ["placed", "paid", "paid"]


def test_message_leads_to_the_order() -> None:
    order = make_order()
    body = Message.objects.get(event="order_placed").body
    assert f"/orders/{order.number}" in body
    assert "WIB" in body


def test_erased_person_is_not_written_to() -> None:
    order = make_order()
    Message.objects.all().delete()
    order.contact_email = ""
    order_messages.tell(order, "order_cancelled")
    assert not Message.objects.exists()
