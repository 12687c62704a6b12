"""Goods that are back are told to who waits, and goods that run low to the staff."""

import re

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from accounts.models import Message
from accounts.services import roles
from accounts.services.staff import add_staff
from catalog.models import Stock, StockAlert, Variant
from catalog.services import stock, stock_alerts, stock_messages
from catalog.services.stock import StockLine
from catalog.services.stock_alerts import Contact
from tests.factories import VariantFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("empty_queue"),
]

EMAIL = "aisyah@karima.example"


def wait_for(variant: Variant, email: str = EMAIL) -> str:
    return stock_alerts.ask(
        variant_id=variant.pk, contact=Contact(email=email), customer=None
    )


def came_back() -> Variant:
    variant = VariantFactory()
    wait_for(variant)
    receive(variant)
    return variant


def receive(variant: Variant) -> None:
    with transaction.atomic():
        stock.receive([StockLine(variant.pk, 2)])


def state() -> str:
    return StockAlert.objects.earliest("id").state


def test_who_waits_is_told_once() -> None:
    variant = came_back()
    stock_messages.tell_due()
    stock_messages.tell_due()
    message = Message.objects.get()
    assert (message.event, message.recipient) == ("back_in_stock", EMAIL)
    assert f"/products/{variant.product.slug}" in message.body
    assert state() == "ended"


def test_goods_that_are_gone_again_are_not_promised() -> None:
    variant = came_back()
    Stock.objects.filter(pk=variant.pk).update(reserved=2)
    stock_messages.tell_due()
    assert not Message.objects.exists()
    assert state() == "open"
    Stock.objects.filter(pk=variant.pk).update(reserved=0)
    StockAlert.objects.update(state="due", due_at="2026-11-25T00:00Z")
    stock_messages.tell_due()
    assert Message.objects.count() == 1


def test_who_asked_again_meanwhile_waits_once() -> None:
    variant = came_back()
    Stock.objects.filter(pk=variant.pk).update(reserved=2)
    wait_for(variant)
    stock_messages.tell_due()
    assert sorted(StockAlert.objects.values_list("state", flat=True)) == [
        "ended",
        "open",
    ]


def test_who_ended_it_is_not_told() -> None:
    variant = VariantFactory()
    token = wait_for(variant)
    receive(variant)
    stock_alerts.end(token)
    stock_messages.tell_due()
    assert not Message.objects.exists()


def test_link_of_the_message_ends_all_of_the_address() -> None:
    came_back()
    other = VariantFactory()
    wait_for(other)
    wait_for(other, "eko@karima.example")
    stock_messages.tell_due()
    found = re.search(r"stop\?token=(\S+)", Message.objects.get().body)
    assert found
    address = f"/api/v1/stock-alerts/{found[1]}"
    assert APIClient().delete(address).status_code == 204
    assert APIClient().delete(address).status_code == 204
    left = StockAlert.objects.filter(state="open")
    assert [alert.email for alert in left] == ["eko@karima.example"]
    assert APIClient().delete(f"{address}x").status_code == 404


def test_goods_that_run_low_are_told_each_day_to_who_receives_stock() -> None:
    roles.sync()
    add_staff("gudang@karima.example", full_name="Gita", groups=["warehouse"])
    add_staff("uang@karima.example", full_name="Umar", groups=["finance"])
    low = VariantFactory(on_hand=1)
    Stock.objects.filter(pk=low.pk).update(low_stock_threshold=3)
    plenty = VariantFactory(on_hand=50)
    stock_messages.tell_low()
    stock_messages.tell_low()
    message = Message.objects.get()
    assert message.recipient == "gudang@karima.example"
    assert f"{low.sku} {low.product.name}: sisa 1" in message.body
    assert plenty.sku not in message.body


def test_nobody_is_told_of_nothing() -> None:
    roles.sync()
    add_staff("gudang@karima.example", full_name="Gita", groups=["warehouse"])
    stock_messages.tell_low()
    assert not Message.objects.exists()
