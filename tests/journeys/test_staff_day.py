"""A day of the staff: pack what was paid, send it, note that it arrived."""

import pytest
from django.test import Client

from catalog.models import Stock, StockMovement, Variant
from orders.models import Order, OrderEvent
from payments.services import charges
from sandbox.midtrans import Midtrans
from tests.factories import VariantFactory, make_order
from tests.fixtures_staff import StaffClient
from tests.payments.admin_pages import order_page, page, status_of, text_of

pytestmark = pytest.mark.django_db


def queue(client: Client, name: str) -> list[Order]:
    response = client.get(page("orders_order_changelist"), {"antrean": name})
    return list(response.context["cl"].result_list)


def press(client: Client, order: Order, move: str, **answers: str) -> str:
    """Press a button that the page offers, and return the page that follows."""
    offered = client.get(order_page(order)).context["page"].moves
    assert move in {known.name for known in offered}
    return text_of(client.post(order_page(order, move), answers, follow=True))


def test_a_parcel_leaves_and_arrives(
    staff_client: StaffClient, gateway: Midtrans
) -> None:
    variant: Variant = VariantFactory(on_hand=5)
    order = make_order(variant=variant, quantity=2)
    gateway.pay(charges.start_payment(order.number).provider_order_id, "bca_va")
    warehouse, finance = staff_client("warehouse"), staff_client("finance")

    press(finance, order, "check-payment")
    assert queue(warehouse, "kemas") == [order]

    press(warehouse, order, "pack")
    assert queue(warehouse, "kirim") == [order]

    shown = press(
        warehouse, order, "ship", courier="SiCepat", tracking_number="000123456"
    )
    assert "SiCepat 000123456" in shown
    balance = Stock.objects.get(pk=variant.pk)
    assert (balance.on_hand, balance.reserved) == (3, 0)

    press(warehouse, order, "deliver")
    press(warehouse, order, "complete")
    assert status_of(order) == Order.Status.COMPLETED
    assert not warehouse.get(order_page(order)).context["page"].moves

    events = OrderEvent.objects.filter(order=order, kind="status").order_by("id")
    assert [(event.to_value, str(event.actor or "")) for event in events] == [
        ("confirmed", ""),
        ("processing", "Staf warehouse"),
        ("shipped", "Staf warehouse"),
        ("delivered", "Staf warehouse"),
        ("completed", "Staf warehouse"),
    ]
    shipped = StockMovement.objects.get(variant=variant, kind="ship")
    assert str(shipped.actor) == "Staf warehouse"
