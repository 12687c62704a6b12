"""Who may open which page and take which step: every role against every one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import User
from catalog.models import StockTake
from orders.models import Order
from payments.models import PaymentIssue, Refund
from payments.services import charges, refunds
from payments.services.refund_transfers import BankAccount
from payments.services.refunds import Wish
from sandbox.midtrans import Midtrans
from tests.factories import (
    CustomerFactory,
    StaffFactory,
    VariantFactory,
    make_order,
)
from tests.fixtures_staff import StaffClient
from tests.payments.admin_pages import (
    order_page,
    packed_order,
    page,
    paid_order,
    really_paid,
    shipped_order,
)

pytestmark = pytest.mark.django_db

NOTE = {"note": "Karena"}
ROLES = ["owner", "manager", "cs", "warehouse", "marketing", "finance", ""]


@dataclass(frozen=True, slots=True)
class Case:
    """A request that somebody makes, and the roles to whom it is granted."""

    name: str
    request: Callable[[Client], int]
    roles: str


def opened(name: str) -> Callable[[Client], int]:
    return lambda client: client.get(page(f"{name}_changelist")).status_code


def moved(
    make: Callable[[], Order], move: str, answers: dict[str, str] | None = None
) -> Callable[[Client], int]:
    return lambda client: (
        client.post(order_page(make(), move), answers or {}).status_code
    )


def checked_payment(client: Client) -> int:
    order = make_order()
    charges.start_payment(order.number)
    return client.post(order_page(order, "check-payment")).status_code


def packed_in_bulk(client: Client) -> int:
    body = {"action": "pack_selected", "_selected_action": str(paid_order().pk)}
    client.post(page("orders_order_changelist"), body)
    return 302 if Order.objects.get().status == "processing" else 403


def order_read(client: Client) -> int:
    return client.get(order_page(paid_order())).status_code


def open_issue() -> PaymentIssue:
    return PaymentIssue.objects.create(kind="mismatch", subject="t", detail="Beda")


def issue_read(client: Client) -> int:
    return client.get(page("payments_paymentissue_change", open_issue().pk)).status_code


def resolved(client: Client) -> int:
    issue = open_issue()
    url = page("payments_paymentissue_resolve", issue.pk)
    return client.post(url, {"resolution": "Beres"}).status_code


def refund_asked_for(client: Client) -> int:
    order = really_paid("gopay")
    return client.get(page("payments_refund_request", order.pk)).status_code


def waiting_refund(method: str = "bca_va", limit: int = 0) -> Refund:
    order = really_paid(method)
    with override_settings(REFUND_APPROVAL_ABOVE=limit):
        wish = Wish(reason="Salah", account=BankAccount("BCA", "80012345", "Aisyah"))
        return refunds.request_refund(order.number, wish, actor=StaffFactory())


def refund_step(name: str, limit: int = 0, **body: Any) -> Callable[[Client], int]:
    def take(client: Client) -> int:
        refund = waiting_refund(limit=limit)
        address = page(f"payments_refund_{name}", refund.pk)
        answer = client.post(address, body or {"why": "Keliru"})
        return answer.status_code

    return take


def refund_read(client: Client) -> int:
    return client.get(page("payments_refund_change", waiting_refund().pk)).status_code


def card_accepted(client: Client) -> int:
    return client.post(order_page(paid_order(), "accept-card")).status_code


def customer_read(client: Client) -> int:
    return client.get(page("accounts_user_change", CustomerFactory().pk)).status_code


def received(client: Client) -> int:
    url = page("catalog_variant_receive_stock", VariantFactory().pk)
    return client.post(url, {"quantity": "3"}).status_code


def counted(client: Client) -> int:
    url = page("catalog_variant_adjust_stock", VariantFactory(on_hand=5).pk)
    return client.post(
        url, {"new_on_hand": "3", "reason": "damaged", "note": "Sobek"}
    ).status_code


def take_opened(client: Client) -> int:
    VariantFactory()
    body = {"title": "Opname", "category": ""}
    return client.post(page("catalog_stocktake_new"), body).status_code


def counted_take() -> StockTake:
    variant, actor = VariantFactory(on_hand=5), StaffFactory()
    take = StockTake.objects.create(title="Opname", opened_by=actor)
    line = {"counted": 4, "on_hand_then": 5, "movement_then": 0}
    take.lines.create(
        variant=variant, counted_by=actor, counted_at=timezone.now(), **line
    )
    return take


def take_read(client: Client) -> int:
    url = page("catalog_stocktake_differences", counted_take().pk)
    return client.get(url).status_code


def take_stepped(step: str) -> Callable[[Client], int]:
    def do(client: Client) -> int:
        url = page("catalog_stocktake_step", counted_take().pk)
        return client.post(url, {"step": step}).status_code

    return do


def low_read(client: Client) -> int:
    return client.get(page("catalog_variant_low_stock")).status_code


def threshold_set(client: Client) -> int:
    body = {f"t-{VariantFactory(on_hand=5).pk}": "3"}
    return client.post(page("catalog_variant_low_stock"), body).status_code


def product_added(client: Client) -> int:
    return client.get(page("catalog_product_add")).status_code


SHIP = {"courier": "JNE", "tracking_number": "R-1"}
SEE_STOCK = "owner manager cs warehouse marketing"
CASES = [
    Case("orders", opened("orders_order"), "owner manager cs warehouse finance"),
    Case("an order", order_read, "owner manager cs warehouse finance"),
    Case("an issue", issue_read, "owner manager cs finance"),
    Case("attempts", opened("payments_paymentattempt"), "owner manager cs finance"),
    Case("events", opened("payments_gatewayevent"), "owner manager cs finance"),
    Case("issues", opened("payments_paymentissue"), "owner manager cs finance"),
    Case("products", opened("catalog_product"), "owner manager cs warehouse marketing"),
    Case("stock", opened("catalog_variant"), "owner manager cs warehouse marketing"),
    Case(
        "movements",
        opened("catalog_stockmovement"),
        "owner manager cs warehouse marketing",
    ),
    Case("customers", opened("accounts_user"), "owner manager cs"),
    Case("a customer", customer_read, "owner manager cs"),
    Case("staff", opened("accounts_staffidentity"), "owner"),
    Case("pack", moved(paid_order, "pack"), "owner manager warehouse"),
    Case("pack in bulk", packed_in_bulk, "owner manager warehouse"),
    Case("ship", moved(packed_order, "ship", SHIP), "owner manager warehouse"),
    Case("deliver", moved(shipped_order, "deliver"), "owner manager warehouse"),
    Case("return", moved(shipped_order, "return", NOTE), "owner manager warehouse"),
    Case("cancel", moved(make_order, "cancel", NOTE), "owner manager cs"),
    Case("check payment", checked_payment, "owner manager cs finance"),
    Case("refunds", opened("payments_refund"), "owner manager cs finance"),
    Case("a refund", refund_read, "owner manager cs finance"),
    Case("ask for a refund", refund_asked_for, "owner manager cs finance"),
    Case("approve a refund", refund_step("approve"), "owner manager finance"),
    Case("withdraw a refund", refund_step("withdraw"), "owner manager cs finance"),
    Case("pay a refund", refund_step("pay", 10**9), "owner manager finance"),
    Case("decide on a card", card_accepted, "owner manager finance"),
    Case("resolve an issue", resolved, "owner manager finance"),
    Case("receive stock", received, "owner manager warehouse"),
    Case("correct stock", counted, "owner manager"),
    Case("stock takes", opened("catalog_stocktake"), SEE_STOCK),
    Case("a stock take", take_read, SEE_STOCK),
    Case("open a stock take", take_opened, "owner manager warehouse"),
    Case("close a stock take", take_stepped("close"), "owner manager warehouse"),
    Case("apply a stock take", take_stepped("apply"), "owner manager"),
    Case("low stock", low_read, SEE_STOCK),
    Case("set a threshold", threshold_set, "owner manager warehouse"),
    Case("bundles", opened("catalog_bundle"), SEE_STOCK),
    Case("reviews", opened("orders_review"), "owner manager cs marketing"),
    Case("add a product", product_added, "owner manager marketing"),
]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_role_is_granted_what_the_table_says(
    staff_client: StaffClient, gateway: Midtrans, case: Case, role: str
) -> None:
    answer = case.request(staff_client(role))
    granted = role in case.roles.split()
    assert answer in ({200, 302} if granted else {403})


def test_no_role_makes_a_superuser(staff_client: StaffClient) -> None:
    staff_client("owner")
    assert not User.objects.filter(is_superuser=True).exists()
