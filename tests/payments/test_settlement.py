"""Midtrans's settlement report against the books: read again, it changes nothing."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from orders.models import Order
from payments.models import GatewayTransaction, PaymentIssue
from payments.services import charges, notifications, settlement
from sandbox.midtrans import Midtrans
from tests.factories import VariantFactory, make_order

pytestmark = pytest.mark.django_db

HEAD = "Order ID,Transaction ID,Transaction type,Amount,Fee\n"


@pytest.fixture
def order(gateway: Midtrans) -> Order:
    """Give an order of Rp 170.000, paid by GoPay."""
    order = make_order(variant=VariantFactory(on_hand=5))
    charges.start_payment(order.number)
    body = gateway.pay(f"{order.number}-01", "gopay")
    notifications.receive(json.dumps(body).encode())
    return order


def row(order: Order, amount: str = "170000.00", kind: str = "Payment") -> str:
    paid = GatewayTransaction.objects.get()
    return f"{order.number}-01,{paid.transaction_id},{kind},{amount},3400\n"


def whys(text: str, *, dry_run: bool = False) -> list[str]:
    result = settlement.compare(text.encode(), dry_run=dry_run)
    return [difference.why for difference in result.differences]


@pytest.mark.parametrize(
    "amount",
    ["170000", "170000.00", "170.000", "Rp170.000", '"Rp 170.000,00"', '"170,000.00"'],
)
def test_row_that_matches(order: Order, amount: str) -> None:
    result = settlement.compare((HEAD + row(order, amount)).encode())
    assert (result.rows, result.paid, result.fees) == (1, 170_000, 3_400)
    assert result.differences == []


def test_semicolons_marks_and_further_columns(order: Order) -> None:
    text = f"\ufeffTanggal;Order ID;Amount\n2026-11-25;{order.number}-01;170000\n\n"
    assert whys(text) == []


def test_differences_are_listed_and_raised_once(order: Order) -> None:
    text = HEAD + row(order, "169000") + "KRM-X-01,t-x,Payment,5000,0\n"
    assert whys(text, dry_run=True) == [
        "Di toko jumlahnya Rp\u00a0170.000.",
        "Toko tidak mengenal pembayaran ini.",
    ]
    assert not PaymentIssue.objects.exists()
    for _ in range(2):
        assert len(whys(text)) == 2
    kinds = PaymentIssue.objects.values_list("kind", flat=True).order_by("kind")
    assert list(kinds) == ["mismatch", "unknown_order"]


def test_refund_that_the_books_do_not_know(order: Order, gateway: Midtrans) -> None:
    text = HEAD + row(order) + row(order, "10000", "Refund")
    assert whys(text) == ["Di toko baru Rp\u00a00 kembali."]
    body = gateway.refund(f"{order.number}-01", 10_000)
    notifications.receive(json.dumps(body).encode())
    assert whys(text) == []


def test_payment_twice_in_a_report(order: Order) -> None:
    assert whys(HEAD + row(order) * 2) == ["Dua kali di laporan."]


@pytest.mark.parametrize(
    "text",
    ["", "a,b\n1,2\n", HEAD + "KRM-X-01,t,Payment,12.5,0\n", HEAD + "K,t,P,x,0\n"],
)
def test_what_is_no_report_changes_nothing(text: str) -> None:
    with pytest.raises(settlement.BadReport):
        settlement.compare(text.encode())
    with pytest.raises(settlement.BadReport):
        settlement.compare(b"\xff\xfe\x00")
    assert not PaymentIssue.objects.exists()


def test_command_lists_what_differs(order: Order, tmp_path: Path) -> None:
    report, said = tmp_path / "laporan.csv", StringIO()
    report.write_text(HEAD + row(order))
    call_command("compare_settlement", str(report), stdout=said)
    assert "1 rows: Rp\u00a0170.000 paid" in said.getvalue()
    report.write_text(HEAD + row(order, "1"))
    with pytest.raises(CommandError) as failure:
        call_command("compare_settlement", str(report), "--dry-run", stdout=said)
    assert failure.value.returncode == 1
    assert f"line 2  {order.number}-01" in said.getvalue()
    with pytest.raises(CommandError) as failure:
        call_command("compare_settlement", str(tmp_path / "none"))
    assert failure.value.returncode == 2
