"""The order pages: what they show, what their buttons do, and what they refuse."""

from typing import Any

import pytest
from django.test import Client

from catalog.models import Stock
from orders.models import Order, OrderEvent, Shipment
from payments.models import PaymentIssue
from payments.services import charges
from sandbox.midtrans import Midtrans
from tests.factories import VariantFactory, make_order
from tests.fixtures_staff import StaffClient
from tests.payments.admin_pages import (
    order_page,
    packed_order,
    page,
    paid_order,
    shipped_order,
    status_of,
    text_of,
)

pytestmark = pytest.mark.django_db

Status = Order.Status
SHIP = {"courier": "JNE", "tracking_number": "jne-0001"}


def listed(client: Client, **query: str) -> set[str]:
    response = client.get(page("orders_order_changelist"), query)
    return {order.number for order in response.context["cl"].result_list}


def test_list_opens_within_twelve_queries(
    owner: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        paid_order()
    owner.get("/admin/")
    with django_assert_max_num_queries(12):
        response = owner.get(page("orders_order_changelist"), {"q": "GMS"})
    assert response.status_code == 200


def test_list_shows_the_order_as_the_shop_reads_it(owner: Client) -> None:
    order = make_order(variant=VariantFactory(on_hand=9, price=75_000), quantity=2)
    Order.objects.update(placed_at="2026-11-23T17:30:00Z")
    shown = text_of(owner.get(page("orders_order_changelist")))
    for fact in (order.number, "24-11-2026 00:30 WIB", "Aisyah Putri", "Rp 170.000"):
        assert fact in shown


@pytest.mark.parametrize(
    "term", ["Aisyah", "0812-3456-7801", "+6281234567801", "aisyah@", "GMS-X", "RESI7"]
)
def test_search_finds_the_order(owner: Client, term: str) -> None:
    order = paid_order(variant=VariantFactory(on_hand=1, sku="GMS-X"))
    Shipment.objects.create(
        order=order, courier="JNE", tracking_number="RESI7", shipped_at=order.placed_at
    )
    Order.objects.filter(pk=paid_order().pk).update(
        contact_name="Budi", contact_phone="+6281111111111", contact_email="b@x.example"
    )
    assert listed(owner, q=term) == {order.number}


def test_queues_hold_what_waits_for_the_staff(owner: Client) -> None:
    unpaid, paid, packed = make_order(), paid_order(), packed_order()
    shipped = shipped_order()
    PaymentIssue.objects.create(
        kind="reversed", subject="t-1", detail="Ditarik", order=shipped
    )
    assert listed(owner, antrean="bayar") == {unpaid.number}
    assert listed(owner, antrean="kemas") == {paid.number}
    assert listed(owner, antrean="kirim") == {packed.number}
    assert listed(owner, antrean="masalah") == {shipped.number}


def test_page_shows_everything_to_pack_and_send(owner: Client) -> None:
    order = paid_order(variant=VariantFactory(on_hand=3, sku="GMS-7"), quantity=3)
    shown = text_of(owner.get(order_page(order)))
    for fact in (
        "GMS-7",
        "Rp 450.000",
        "Jl. Ir. H. Juanda No. 100",
        "https://wa.me/6281234567801",
        "Pesanan dibuat",
        "Kembalikan uang",
    ):
        assert fact in " ".join(shown.split())


@pytest.mark.parametrize(
    ("make", "buttons"),
    [
        (make_order, {"check-payment", "cancel"}),
        (paid_order, {"pack", "check-payment"}),
        (packed_order, {"ship"}),
        (shipped_order, {"deliver", "return"}),
    ],
)
def test_page_offers_only_the_moves_that_fit(
    owner: Client, make: Any, buttons: set[str]
) -> None:
    response = owner.get(order_page(make()))
    assert {move.name for move in response.context["page"].moves} == buttons


def test_page_takes_no_post(owner: Client) -> None:
    order = paid_order()
    response = owner.post(order_page(order), {"status": "completed"})
    assert response.status_code == 405
    assert status_of(order) == Status.CONFIRMED


def test_orders_are_neither_added_nor_deleted(owner: Client) -> None:
    order = paid_order()
    assert owner.get(page("orders_order_add")).status_code == 403
    assert owner.post(order_page(order, "delete"), {"post": "yes"}).status_code == 403


def test_packing_is_recorded_under_the_name_of_who_packs(owner: Client) -> None:
    order = paid_order()
    response = owner.post(order_page(order, "pack"), follow=True)
    assert "mulai dikemas" in text_of(response)
    event = OrderEvent.objects.filter(order=order).latest("id")
    assert (event.to_value, str(event.actor)) == (Status.PROCESSING, "Staf owner")


def test_move_that_does_not_fit_is_refused_in_words(owner: Client) -> None:
    order = make_order()
    response = owner.post(order_page(order, "pack"), follow=True)
    assert "tidak dapat menjadi Dikemas" in text_of(response)
    assert status_of(order) == Status.PENDING


def test_move_is_not_made_by_following_a_link(owner: Client) -> None:
    order = paid_order()
    assert owner.get(order_page(order, "pack")).status_code == 405
    assert status_of(order) == Status.CONFIRMED


def test_move_needs_the_csrf_token(staff_client: StaffClient) -> None:
    order = paid_order()
    client = staff_client("owner", enforce_csrf_checks=True)
    assert client.post(order_page(order, "pack")).status_code == 403
    assert status_of(order) == Status.CONFIRMED


def test_shipping_takes_the_goods_out_of_stock(owner: Client) -> None:
    order = packed_order()
    assert owner.get(order_page(order, "ship")).status_code == 200
    owner.post(order_page(order, "ship"), SHIP)
    assert status_of(order) == Status.SHIPPED
    assert order.shipment.tracking_number == "JNE-0001"
    balance = Stock.objects.get(variant__in=order.lines.values("variant"))
    assert (balance.on_hand, balance.reserved) == (4, 0)


def test_shipping_without_a_tracking_number_asks_again(owner: Client) -> None:
    order = packed_order()
    response = owner.post(order_page(order, "ship"), {"courier": "JNE"})
    assert response.context["form"].errors.keys() == {"tracking_number"}
    assert status_of(order) == Status.PROCESSING


def test_tracking_number_of_another_order_keeps_the_form(owner: Client) -> None:
    shipped_order("JNE-0001")
    order = packed_order()
    response = owner.post(order_page(order, "ship"), SHIP)
    shown = text_of(response)
    assert "Nomor resi ini sudah dipakai pesanan lain." in shown
    assert 'value="jne-0001"' in shown
    assert status_of(order) == Status.PROCESSING


def test_return_needs_a_note_and_gives_the_goods_back(owner: Client) -> None:
    order = shipped_order()
    owner.post(order_page(order, "return"), {"note": ""})
    assert status_of(order) == Status.SHIPPED
    owner.post(order_page(order, "return"), {"note": "Alamat tidak ditemukan"})
    assert status_of(order) == Status.RETURNED
    assert Stock.objects.get(variant__in=order.lines.values("variant")).on_hand == 5


def test_cancelling_ends_the_payment_and_lets_the_stock_go(
    owner: Client, gateway: Midtrans
) -> None:
    order = make_order()
    charges.start_payment(order.number)
    owner.post(order_page(order, "cancel"), {"note": "Salah ukuran"})
    assert status_of(order) == Status.CANCELLED
    assert order.payment_attempts.get().state == "closed"
    assert OrderEvent.objects.filter(order=order).latest("id").note == "Salah ukuran"
    assert Stock.objects.get(variant__in=order.lines.values("variant")).reserved == 0


def test_paid_order_is_not_cancelled_without_a_refund(owner: Client) -> None:
    order = paid_order()
    response = owner.post(order_page(order, "cancel"), {"note": "Batal"})
    assert "tidak menunggu pembayaran" in text_of(response)
    assert status_of(order) == Status.CONFIRMED


def test_checking_the_payment_finds_what_never_arrived(
    owner: Client, gateway: Midtrans
) -> None:
    order = make_order()
    attempt = charges.start_payment(order.number)
    gateway.pay(attempt.provider_order_id, "bca_va")
    owner.post(order_page(order, "check-payment"))
    assert status_of(order) == Status.CONFIRMED


def test_gateway_that_does_not_answer_is_a_message(
    owner: Client, gateway: Midtrans
) -> None:
    order = make_order()
    charges.start_payment(order.number)
    gateway.faults.set("down")
    response = owner.post(order_page(order, "check-payment"), follow=True)
    assert "Pembayaran sedang tidak tersedia" in text_of(response)


def test_wrong_gateway_key_is_a_message(
    owner: Client, gateway: Midtrans, settings: Any
) -> None:
    order = make_order()
    charges.start_payment(order.number)
    settings.MIDTRANS_SERVER_KEY = "wrong"
    response = owner.post(order_page(order, "check-payment"), follow=True)
    assert "Kunci Midtrans toko ini ditolak" in text_of(response)


def test_bulk_packing_says_which_orders_it_refused(owner: Client) -> None:
    first, second, unpaid = paid_order(), paid_order(), make_order()
    response = owner.post(
        page("orders_order_changelist"),
        {
            "action": "pack_selected",
            "_selected_action": [str(o.pk) for o in (first, second, unpaid)],
        },
        follow=True,
    )
    shown = text_of(response)
    assert "2 pesanan mulai dikemas." in shown
    assert f"1 pesanan tidak dapat dikemas: Pesanan {unpaid.number}" in shown
    assert {status_of(first), status_of(second)} == {Status.PROCESSING}
    assert status_of(unpaid) == Status.PENDING
