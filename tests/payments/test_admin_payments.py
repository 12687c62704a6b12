"""Payments, the gateway's news and open issues as the staff read and close them."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from orders.models import Order
from payments.models import GatewayEvent, PaymentIssue
from payments.services import charges, issues
from sandbox.midtrans import Midtrans
from tests.factories import StaffFactory, make_order
from tests.payments.admin_pages import order_page, page, text_of

pytestmark = pytest.mark.django_db

LISTS = [
    "payments_paymentattempt",
    "payments_gatewayevent",
    "payments_paymentissue",
    "orders_order",
    "accounts_user",
    "accounts_staffidentity",
]


@pytest.fixture
def order(gateway: Midtrans) -> Order:
    order = make_order()
    charges.start_payment(order.number)
    return order


@pytest.fixture
def event(order: Order) -> GatewayEvent:
    return GatewayEvent.objects.create(
        source="notification",
        digest="d" * 64,
        provider_order_id=f"{order.number}-01",
        body={"transaction_status": "settlement", "bank": "<b>bca</b>"},
    )


@pytest.fixture
def issue(order: Order) -> PaymentIssue:
    return PaymentIssue.objects.create(
        kind="double_payment", subject="t-2", detail="Dibayar dua kali.", order=order
    )


@pytest.mark.parametrize("name", LISTS)
def test_list_opens_within_twelve_queries(
    owner: Client,
    event: GatewayEvent,
    issue: PaymentIssue,
    name: str,
    django_assert_max_num_queries: Any,
) -> None:
    owner.get("/admin/")
    with django_assert_max_num_queries(12):
        response = owner.get(page(f"{name}_changelist"), {"q": "a"})
    assert response.status_code == 200


def test_attempt_opens_with_its_transactions(
    owner: Client, order: Order, gateway: Midtrans
) -> None:
    attempt = order.payment_attempts.get()
    gateway.pay(attempt.provider_order_id, "bca_va")
    owner.post(order_page(order, "check-payment"))
    shown = text_of(owner.get(page("payments_paymentattempt_change", attempt.pk)))
    assert attempt.transactions.get().transaction_id in shown
    assert "Lunas" in shown


def test_body_of_an_event_is_shown_but_never_run(
    owner: Client, event: GatewayEvent
) -> None:
    shown = text_of(owner.get(page("payments_gatewayevent_change", event.pk)))
    assert "&quot;bank&quot;: &quot;&lt;b&gt;bca&lt;/b&gt;&quot;" in shown


@pytest.mark.parametrize("name", LISTS)
def test_nothing_can_be_added(owner: Client, name: str) -> None:
    assert owner.get(page(f"{name}_add")).status_code == 403


def test_nothing_can_be_edited_or_deleted(
    owner: Client, order: Order, event: GatewayEvent, issue: PaymentIssue
) -> None:
    attempt = order.payment_attempts.get()
    for name, row in (
        ("payments_paymentattempt", attempt),
        ("payments_gatewayevent", event),
    ):
        changed = owner.post(page(f"{name}_change", row.pk), {"amount": "1"})
        assert changed.status_code == 403
    for name, row in (
        ("payments_paymentattempt", attempt),
        ("payments_gatewayevent", event),
        ("payments_paymentissue", issue),
    ):
        gone = owner.post(page(f"{name}_delete", row.pk), {"post": "yes"})
        assert gone.status_code == 403


def test_open_issues_come_first(owner: Client, issue: PaymentIssue) -> None:
    newer = PaymentIssue.objects.create(kind="mismatch", subject="t-3", detail="Beda")
    issues.resolve(newer, actor=StaffFactory(), resolution="Sudah benar")
    response = owner.get(page("payments_paymentissue_changelist"))
    assert list(response.context["cl"].result_list) == [issue, newer]


def test_order_page_warns_of_an_open_issue(
    owner: Client, order: Order, issue: PaymentIssue
) -> None:
    assert "Dibayar dua kali." in text_of(owner.get(order_page(order)))


def test_issue_is_closed_with_what_was_done(owner: Client, issue: PaymentIssue) -> None:
    owner.post(
        page("payments_paymentissue_resolve", issue.pk),
        {"resolution": "Satu dikembalikan"},
    )
    issue.refresh_from_db()
    assert issue.resolution == "Satu dikembalikan"
    assert issue.resolved_by == User.objects.get(email="owner@karima.example")


def test_issue_is_not_closed_without_a_word(owner: Client, issue: PaymentIssue) -> None:
    url = page("payments_paymentissue_resolve", issue.pk)
    assert owner.post(url, {"resolution": " "}).status_code == 200
    issue.refresh_from_db()
    assert issue.resolved_at is None


def test_issue_closed_by_another_is_a_message(
    owner: Client, issue: PaymentIssue
) -> None:
    issues.resolve(issue, actor=StaffFactory(), resolution="Sudah")
    url = page("payments_paymentissue_resolve", issue.pk)
    response = owner.post(url, {"resolution": "Lagi"}, follow=True)
    assert "Masalah ini sudah diselesaikan." in text_of(response)
    issue.refresh_from_db()
    assert issue.resolution == "Sudah"
