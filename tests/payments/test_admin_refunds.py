"""The pages of refunds: asked for on the order, decided, paid by bank, and refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from orders.models import Order
from payments.models import Refund
from payments.services import charges, notifications
from sandbox.midtrans import Midtrans
from tests.factories import VariantFactory, make_order
from tests.fixtures_staff import StaffClient
from tests.payments.admin_pages import order_page, page, status_of, text_of

pytestmark = pytest.mark.django_db

Paid = Callable[[str], Order]
ACCOUNT = {"bank": "BCA", "number": "800 123-4567", "holder": "Aisyah Putri"}


@pytest.fixture
def paid(gateway: Midtrans, private_files: Path) -> Paid:
    """Return a function that gives an order paid by a method."""

    def pay(method: str) -> Order:
        order = make_order(variant=VariantFactory(on_hand=5, price=150_000))
        attempt = charges.start_payment(order.number)
        body = gateway.pay(attempt.provider_order_id, method)
        notifications.receive(json.dumps(body).encode())
        return order

    return pay


def form_of(client: Client, order: Order) -> dict[str, Any]:
    """Return what the form of a refund is filled with when it opens."""
    form = client.get(page("payments_refund_request", order.pk)).context["form"]
    initial: dict[str, Any] = form.initial
    if not initial.pop("by_transfer"):
        return initial
    return {**initial, "by_transfer": "on"}


def ask(client: Client, order: Order, **answers: str) -> Any:
    body = {**form_of(client, order), "reason": "Ukuran habis", **answers}
    return client.post(page("payments_refund_request", order.pk), body, follow=True)


def step(client: Client, name: str, **body: Any) -> Any:
    refund = Refund.objects.get()
    return client.post(page(f"payments_refund_{name}", refund.pk), body, follow=True)


def test_refund_by_one_form(owner: Client, paid: Paid) -> None:
    order = paid("gopay")
    assert "Kembalikan uang" in text_of(owner.get(order_page(order)))
    shown = text_of(ask(owner, order, amount="Rp 50.000"))
    assert "Rp 50.000 dikembalikan ke pembeli." in shown
    assert "Dikembalikan sebagian" in shown
    assert form_of(owner, order)["amount"] == "120.000"
    shown = text_of(ask(owner, order))
    assert "Kembalikan uang" not in shown
    assert status_of(order) == "confirmed"


def test_form_that_is_sent_twice_gives_the_money_once(
    owner: Client, paid: Paid, gateway: Midtrans
) -> None:
    order = paid("gopay")
    body = {**form_of(owner, order), "reason": "Ukuran habis", "amount": "10.000"}
    for _ in range(2):
        owner.post(page("payments_refund_request", order.pk), body)
    assert gateway.transactions(f"{order.number}-01")[0].refunded == 10_000


def test_order_is_cancelled_with_its_refund(owner: Client, paid: Paid) -> None:
    order = paid("gopay")
    shown = text_of(ask(owner, order, cancel_order="on"))
    assert status_of(order) == "cancelled"
    assert "Rp 170.000 dikembalikan ke pembeli." in shown


@pytest.mark.parametrize("amount", ["", "1,5", "-5", "0", "200.000", "1.50", "abc"])
def test_wrong_amount_is_asked_for_again(
    owner: Client, paid: Paid, amount: str
) -> None:
    order = paid("gopay")
    shown = text_of(ask(owner, order, amount=amount))
    assert "Jumlah" in shown
    assert not Refund.objects.exists()


def test_bank_that_refuses_is_told_at_once(
    owner: Client, paid: Paid, gateway: Midtrans
) -> None:
    order = paid("gopay")
    gateway.settings.bank_denies_refunds = True
    shown = text_of(ask(owner, order))
    assert "Rp 170.000 tidak kembali. Midtrans menolak (202)" in shown
    assert "Pengembalian dana ditolak" in shown


def test_outage_is_told_and_mends_itself(
    owner: Client, paid: Paid, gateway: Midtrans
) -> None:
    order = paid("gopay")
    body = {**form_of(owner, order), "reason": "Ukuran habis"}
    gateway.faults.set("down")
    shown = text_of(
        owner.post(page("payments_refund_request", order.pk), body, follow=True)
    )
    assert "Midtrans belum menjawab. Toko mencoba lagi sendiri." in shown


def test_second_person_approves(
    staff_client: StaffClient, paid: Paid, settings: Settings
) -> None:
    settings.REFUND_APPROVAL_ABOVE = 100_000
    order, cs = paid("gopay"), staff_client("cs")
    shown = text_of(ask(cs, order))
    assert "Rp 170.000 menunggu persetujuan orang lain." in shown
    refund = Refund.objects.get()
    assert cs.post(page("payments_refund_approve", refund.pk)).status_code == 403
    finance = staff_client("finance")
    listed = finance.get(page("payments_refund_changelist"), {"menunggu": "setuju"})
    assert order.number in text_of(listed)
    assert "Setujui" in text_of(finance.get(page("payments_refund_change", refund.pk)))
    assert "Disetujui." in text_of(step(finance, "approve"))
    refund.refresh_from_db()
    assert refund.state == "confirmed"


def test_nobody_approves_what_they_asked_for(
    owner: Client, paid: Paid, settings: Settings
) -> None:
    settings.REFUND_APPROVAL_ABOVE = 0
    ask(owner, paid("gopay"))
    shown = text_of(owner.get(page("payments_refund_change", Refund.objects.get().pk)))
    assert "Setujui" not in shown
    assert "harus disetujui orang lain" in text_of(step(owner, "approve"))
    assert Refund.objects.get().state == "waiting"


def test_transfer_from_account_to_receipt(
    staff_client: StaffClient, paid: Paid
) -> None:
    order, cs, finance = paid("bca_va"), staff_client("cs"), staff_client("finance")
    shown = text_of(ask(cs, order))
    assert "menunggu ditransfer oleh keuangan" in shown
    step(cs, "account", **ACCOUNT)
    seen = text_of(cs.get(page("payments_refund_change", Refund.objects.get().pk)))
    assert "BCA, berakhiran 567" in seen
    assert "8001234567" not in seen
    waiting = finance.get(page("payments_refund_changelist"), {"menunggu": "transfer"})
    assert order.number in text_of(waiting)
    shown = text_of(
        finance.get(page("payments_refund_change", Refund.objects.get().pk))
    )
    assert "BCA 8001234567" in shown
    receipt = SimpleUploadedFile("bukti.pdf", b"%PDF-1.7 receipt")
    shown = text_of(step(finance, "pay", reference="TRX-9", proof=receipt))
    assert "Transfer tercatat dengan buktinya." in shown
    proof = page("payments_refund_proof", Refund.objects.get().pk)
    answer = finance.get(proof)
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 receipt"  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment")
    assert cs.get(proof).status_code == 403
    order.refresh_from_db()
    assert order.payment_status == "refunded"


def test_wrong_receipt_and_wrong_account_are_asked_for_again(
    owner: Client, paid: Paid
) -> None:
    ask(owner, paid("bca_va"))
    shown = text_of(step(owner, "account", **{**ACCOUNT, "number": "12a"}))
    assert "Isi 5 sampai 25 angka." in shown
    step(owner, "account", **ACCOUNT)
    program = SimpleUploadedFile("bukti.pdf", b"MZ program")
    shown = text_of(step(owner, "pay", reference="TRX-9", proof=program))
    assert "Bukti harus berupa PDF, JPG, atau PNG" in shown
    assert Refund.objects.get().state == "requested"


def test_steps_are_not_taken_by_opening_them(owner: Client, paid: Paid) -> None:
    ask(owner, paid("bca_va"))
    refund = Refund.objects.get()
    for name in ("approve", "withdraw", "account", "pay", "check"):
        owner.get(page(f"payments_refund_{name}", refund.pk))
    refund.refresh_from_db()
    assert (refund.state, refund.tries) == ("requested", 0)


@pytest.mark.parametrize(
    ("move", "status"), [("accept-card", "confirmed"), ("refuse-card", "pending")]
)
def test_card_that_is_held_is_decided(
    owner: Client, gateway: Midtrans, move: str, status: str
) -> None:
    order = make_order(variant=VariantFactory(on_hand=5))
    charges.start_payment(order.number)
    body = gateway.challenge(f"{order.number}-01")
    notifications.receive(json.dumps(body).encode())
    shown = text_of(owner.get(order_page(order)))
    assert "Terima kartu" in shown
    owner.post(order_page(order, move))
    assert status_of(order) == status
    again = text_of(owner.post(order_page(order, move), follow=True))
    assert "Tidak ada pembayaran kartu" in again
    assert "Terima kartu" not in again


def test_refunds_open_within_twelve_queries(
    owner: Client, paid: Paid, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        ask(owner, paid("gopay"))
    with django_assert_max_num_queries(12):
        assert owner.get(page("payments_refund_changelist")).status_code == 200
