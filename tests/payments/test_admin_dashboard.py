"""The admin's first page: what waits, and what was paid on which day in WIB."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from catalog.models import Stock
from orders.models import Order
from payments.admin.dashboard import Day, paid_days
from payments.models import PaymentIssue
from tests.factories import VariantFactory, make_order
from tests.fixtures_staff import StaffClient
from tests.payments.admin_pages import packed_order, paid_order, text_of

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)


def paid_at(moment: str) -> Order:
    order = paid_order()
    Order.objects.filter(pk=order.pk).update(paid_at=moment)
    return order


def test_cards_count_what_waits(owner: Client) -> None:
    make_order()
    paid_order()
    packed_order()
    Stock.objects.update(low_stock_threshold=0)
    PaymentIssue.objects.create(kind="mismatch", subject="t", detail="Beda")
    cards = owner.get("/admin/").context["cards"]
    assert {card.title: card.count for card in cards} == {
        "Perlu dikemas": 1,
        "Perlu dikirim": 1,
        "Menunggu bayar": 1,
        "Masalah pembayaran": 1,
        "Stok menipis": 0,
    }


def test_every_card_leads_somewhere(owner: Client) -> None:
    paid_order()
    for card in owner.get("/admin/").context["cards"]:
        assert owner.get(card.link).status_code == 200


def test_card_of_low_stock_counts_what_its_list_shows(owner: Client) -> None:
    VariantFactory(on_hand=5)
    VariantFactory(on_hand=6)
    VariantFactory(on_hand=1, is_active=False)
    Stock.objects.create(variant=VariantFactory(), on_hand=0)
    card = owner.get("/admin/").context["cards"][-1]
    assert card.count == 1
    assert owner.get(card.link).context["cl"].result_count == 1


def test_page_takes_at_most_ten_queries(
    owner: Client, django_assert_max_num_queries: Any
) -> None:
    paid_order()
    owner.get("/admin/")
    with django_assert_max_num_queries(10):
        owner.get("/admin/")


def test_day_begins_at_midnight_in_wib() -> None:
    paid_at("2026-11-22T16:59:59Z")
    paid_at("2026-11-22T17:00:00Z")
    *_, yesterday, today = paid_days(today=TODAY)
    assert yesterday == Day(date(2026, 11, 22), 1, 170_000)
    assert today == Day(TODAY, 1, 170_000)


def test_fortnight_has_a_place_for_every_day() -> None:
    paid_at("2026-11-09T16:59:59Z")
    paid_at("2026-11-09T17:00:00Z")
    days = paid_days(today=TODAY)
    assert [day.day.day for day in days] == list(range(10, 24))
    assert [day.orders for day in days] == [1] + [0] * 13


def test_money_that_went_back_is_no_revenue() -> None:
    order = paid_at("2026-11-23T05:00:00Z")
    Order.objects.filter(pk=order.pk).update(payment_status="refunded")
    assert paid_days(today=TODAY)[-1] == Day(TODAY, 0, 0)


def test_warehouse_sees_its_work_and_no_money(staff_client: StaffClient) -> None:
    response = staff_client("warehouse").get("/admin/")
    titles = [card.title for card in response.context["cards"]]
    assert titles == [
        "Perlu dikemas",
        "Perlu dikirim",
        "Menunggu bayar",
        "Stok menipis",
    ]
    assert "Omzet" not in text_of(response)


def test_every_entry_of_the_menu_opens(owner: Client) -> None:
    for group in owner.get("/admin/").context["sidebar_navigation"]:
        for item in group["items"]:
            # The settings of the store are one row, whose list leads straight to it.
            assert owner.get(item["link"], follow=True).status_code == 200


def test_menu_holds_what_the_role_may_open(staff_client: StaffClient) -> None:
    shown = text_of(staff_client("marketing").get("/admin/"))
    assert "/admin/catalog/product/" in shown
    assert "/admin/orders/order/" not in shown
