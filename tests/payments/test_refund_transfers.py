"""What Midtrans cannot refund goes by bank: account under lock and key, with proof."""

import json
from pathlib import Path

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from accounts.models import User
from karima import encryption, invariants
from orders.models import Order
from payments.models import GatewayTransaction, Refund
from payments.services import charges, notifications, refund_transfers, refunds
from payments.services import refund_sending as sending
from payments.services.refund_transfers import BankAccount
from payments.services.refunds import Wish
from payments.services.watching import INVARIANTS
from sandbox.midtrans import Midtrans
from tests.factories import StaffFactory, VariantFactory, make_order

pytestmark = pytest.mark.django_db

State, Kind = Refund.State, Refund.Kind
ACCOUNT = BankAccount("BCA", "8001234567", "Aisyah Putri")
RECEIPT = b"%PDF-1.7 receipt"


@pytest.fixture
def staff() -> User:
    return StaffFactory()


@pytest.fixture
def order(gateway: Midtrans, private_files: Path) -> Order:
    order = make_order(variant=VariantFactory(on_hand=5))
    attempt = charges.start_payment(order.number)
    body = gateway.pay(attempt.provider_order_id, "bca_va")
    notifications.receive(json.dumps(body).encode())
    order.refresh_from_db()
    return order


def ask(order: Order, staff: User, amount: int | None = None) -> Refund:
    wish = Wish(reason="Salah kirim", amount=amount, account=ACCOUNT)
    return refunds.request_refund(order.number, wish, actor=staff)


def transfer(asked: Refund, staff: User, proof: bytes = RECEIPT) -> None:
    refund_transfers.record_transfer(
        asked.pk, proof=proof, reference="TRX-1", actor=staff
    )
    asked.refresh_from_db()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def broken() -> list[str]:
    return [i.name for i in INVARIANTS if invariants.find(i).count]


def test_virtual_account_is_refunded_by_transfer(
    order: Order, staff: User, gateway: Midtrans, private_files: Path
) -> None:
    asked = ask(order, staff)
    assert (asked.kind, asked.state) == (Kind.MANUAL, State.REQUESTED)
    sending.send(asked.pk)
    assert sending.send_due() == 0
    transfer(asked, staff)
    assert (asked.state, asked.paid_by) == (State.CONFIRMED, staff)
    assert [path.read_bytes() for path in files(private_files)] == [RECEIPT]
    order.refresh_from_db()
    assert order.payment_status == "refunded"
    assert broken() == []
    assert not [r for r in gateway.requests if r.path.endswith("/refund")]


def test_parts_by_transfer_count(order: Order, staff: User) -> None:
    transfer(ask(order, staff, 10_000), staff)
    order.refresh_from_db()
    assert order.payment_status == "partially_refunded"
    transfer(ask(order, staff), staff)
    order.refresh_from_db()
    assert order.payment_status == "refunded"
    assert broken() == []


def test_late_news_of_the_payment_does_not_undo_a_transfer(
    order: Order, staff: User, gateway: Midtrans
) -> None:
    transfer(ask(order, staff), staff)
    attempt = charges.latest_attempt(order.number)
    assert attempt is not None
    for item in gateway.notifications:
        notifications.receive(json.dumps(item.body | {"again": 1}).encode())
    order.refresh_from_db()
    assert order.payment_status == "refunded"


def test_account_is_unreadable_in_the_database(order: Order, staff: User) -> None:
    asked = ask(order, staff)
    with connection.cursor() as cursor:
        cursor.execute("SELECT bank_account FROM payments_refund")
        stored = cursor.fetchone()[0]
    assert ACCOUNT.number not in stored
    assert "Aisyah" not in stored
    assert refund_transfers.account_of(asked) == ACCOUNT


def test_account_survives_a_new_secret_and_not_its_loss(
    order: Order, staff: User, settings: Settings
) -> None:
    asked = ask(order, staff)
    old, new = settings.ENCRYPTION_KEYS, ["ab" * 64]
    settings.ENCRYPTION_KEYS = [*new, *old]
    assert refund_transfers.account_of(asked) == ACCOUNT
    settings.ENCRYPTION_KEYS = new
    with pytest.raises(encryption.Unreadable):
        refund_transfers.account_of(asked)


@pytest.mark.parametrize(
    "proof", [b"", b"MZ program", b"<html>%PDF-", b"%PDF-" + b"x" * 5 * 1024 * 1024]
)
def test_bad_proof_is_refused_and_leaves_nothing(
    order: Order, staff: User, private_files: Path, proof: bytes
) -> None:
    asked = ask(order, staff)
    with pytest.raises(refund_transfers.BadProof):
        transfer(asked, staff, proof)
    assert files(private_files) == []
    assert GatewayTransaction.objects.get().returned_total == 0


def test_second_transfer_is_refused_and_keeps_the_first_receipt(
    order: Order, staff: User, private_files: Path
) -> None:
    asked = ask(order, staff)
    transfer(asked, staff)
    for proof in (RECEIPT, b"%PDF-another"):
        with pytest.raises(refund_transfers.NoTransferDue):
            transfer(asked, staff, proof)
    assert [path.read_bytes() for path in files(private_files)] == [RECEIPT]
    assert GatewayTransaction.objects.get().returned_total == order.grand_total


def test_transfer_waits_for_an_account_and_for_approval(
    order: Order, staff: User, settings: Settings
) -> None:
    settings.REFUND_APPROVAL_ABOVE = 0
    wish = Wish(reason="Salah kirim")
    asked = refunds.request_refund(order.number, wish, actor=staff)
    with pytest.raises(refund_transfers.NoTransferDue):
        transfer(asked, staff)
    refunds.approve(asked.pk, actor=StaffFactory())
    with pytest.raises(refund_transfers.BankAccountRequired):
        transfer(asked, staff)
    refund_transfers.set_account(asked.pk, ACCOUNT)
    refunds.approve(asked.pk, actor=StaffFactory())
    transfer(asked, staff)
    with pytest.raises(refund_transfers.NoTransferDue):
        refund_transfers.set_account(asked.pk, ACCOUNT)


def test_account_that_is_changed_after_approval_is_approved_again(
    order: Order, staff: User, settings: Settings
) -> None:
    settings.REFUND_APPROVAL_ABOVE = 0
    asked = ask(order, staff)
    refunds.approve(asked.pk, actor=StaffFactory())
    mine = BankAccount("BCA", "9009009009", "Orang Dalam")
    refund_transfers.set_account(asked.pk, mine)
    with pytest.raises(refund_transfers.NoTransferDue):
        transfer(asked, staff)
    with pytest.raises(refunds.SecondPersonRequired):
        refunds.approve(asked.pk, actor=staff)


@pytest.mark.parametrize("news", ["chargeback", "partial_chargeback", "deny", "refund"])
@pytest.mark.parametrize("needs_approval", [True, False])
def test_money_that_is_gone_is_not_given_by_transfer_as_well(
    order: Order,
    staff: User,
    gateway: Midtrans,
    settings: Settings,
    news: str,
    needs_approval: bool,
) -> None:
    settings.REFUND_APPROVAL_ABOVE = 0 if needs_approval else 10**9
    asked = ask(order, staff)
    body = gateway.force_status(f"{order.number}-01", news)
    notifications.receive(json.dumps(body).encode())
    with pytest.raises(refunds.RefundClosed):
        refunds.approve(asked.pk, actor=StaffFactory())
    with pytest.raises(refund_transfers.NoTransferDue):
        transfer(asked, staff)
    assert GatewayTransaction.objects.get().returned_total == 0
    assert order.payment_issues.filter(kind="refund_denied").exists()


def test_part_given_in_the_dashboard_ends_the_transfer_that_no_longer_fits(
    order: Order, staff: User, gateway: Midtrans
) -> None:
    part = order.grand_total // 2
    first, second = ask(order, staff, part - 1), ask(order, staff, part)
    body = gateway.refund(f"{order.number}-01", part)
    notifications.receive(json.dumps(body).encode())
    with pytest.raises(refund_transfers.NoTransferDue):
        transfer(second, staff)
    transfer(first, staff)
    assert broken() == []


def test_order_that_is_cancelled_by_transfer_calls_no_bank_of_midtrans(
    staff: User, gateway: Midtrans, private_files: Path
) -> None:
    order = make_order(variant=VariantFactory(on_hand=5))
    attempt = charges.start_payment(order.number)
    body = gateway.pay(attempt.provider_order_id, "gopay")
    notifications.receive(json.dumps(body).encode())
    wish = Wish(reason="Dompet ditutup", by_transfer=True, account=ACCOUNT)
    (asked,) = refunds.cancel_and_refund(order.number, wish, actor=staff)
    assert asked.kind == Kind.MANUAL


def test_transfer_that_is_not_made_is_withdrawn(order: Order, staff: User) -> None:
    asked = ask(order, staff)
    refunds.withdraw(asked.pk, actor=staff, why="Pembeli memilih tukar barang")
    with pytest.raises(refund_transfers.NoTransferDue):
        transfer(asked, staff)
    assert broken() == []
