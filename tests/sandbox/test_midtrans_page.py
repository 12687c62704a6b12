"""The payment page of the stand-in, used as a browser without scripts uses it."""

from typing import Any

import pytest

from sandbox.midtrans import Midtrans
from tests.sandbox.client import ask
from tests.sandbox.test_midtrans_api import order, snap

ORDER = "KS-20260115-000001-01"
FINISH = "http://127.0.0.1:8080/orders/1/payment?lang=id"


def open_page(midtrans: Midtrans, **more: Any) -> str:
    return str(snap(midtrans, order(ORDER, **more)).json()["redirect_url"])


def click(url: str, action: str, method: str = "bca_va") -> str:
    answer = ask("POST", url, form={"action": action, "method": method})
    assert answer.status == 303
    return ask("GET", url).data.decode()


def test_page_shows_amount_items_and_methods(midtrans: Midtrans) -> None:
    item = {"id": "A", "name": "Gamis <Aisyah>", "price": 389000, "quantity": 1}
    text = ask("GET", open_page(midtrans, item_details=[item])).data.decode()
    assert "Rp389.000" in text
    assert "Gamis &lt;Aisyah&gt;" in text
    for method in ("bca_va", "gopay", "other_qris", "credit_card"):
        assert f'value="{method}"' in text


def test_page_loads_nothing_from_elsewhere(midtrans: Midtrans) -> None:
    text = ask("GET", open_page(midtrans)).data.decode()
    assert "http://" not in text
    assert "https://" not in text
    assert "<script" not in text


def test_page_offers_only_the_enabled_methods(midtrans: Midtrans) -> None:
    text = ask("GET", open_page(midtrans, enabled_payments=["gopay"])).data.decode()
    assert 'value="gopay"' in text
    assert 'value="bca_va"' not in text


@pytest.mark.parametrize(
    ("action", "method", "text", "status"),
    [
        ("pay", "gopay", "Pembayaran berhasil", "settlement"),
        ("pay", "credit_card", "Pembayaran berhasil", "capture"),
        ("pending", "bca_va", "Menunggu pembayaran", "pending"),
        ("deny", "credit_card", "Pembayaran ditolak", "deny"),
        ("expire", "bca_va", "Pembayaran kedaluwarsa", "expire"),
    ],
)
def test_click_shows_its_result_and_notifies(
    midtrans: Midtrans, action: str, method: str, text: str, status: str
) -> None:
    assert text in click(open_page(midtrans), action, method)
    bodies = [item.body for item in midtrans.notifications]
    assert [body["transaction_status"] for body in bodies] == [status]


def test_result_links_back_to_the_shop(midtrans: Midtrans) -> None:
    text = click(open_page(midtrans, callbacks={"finish": FINISH}), "pay", "gopay")
    query = f"&order_id={ORDER}&status_code=200&transaction_status=settlement"
    assert (FINISH + query).replace("&", "&amp;") in text


def test_script_address_is_not_linked(midtrans: Midtrans) -> None:
    text = click(
        open_page(midtrans, callbacks={"finish": "javascript:alert(1)"}), "pay"
    )
    assert "javascript:" not in text


def test_denied_customer_may_pay_with_another_method(midtrans: Midtrans) -> None:
    url = open_page(midtrans)
    click(url, "deny", "credit_card")
    assert "Pembayaran berhasil" in click(url, "pay", "gopay")
    states = [row.status for row in midtrans.transactions(ORDER)]
    assert states == ["deny", "settlement"]


def test_paid_page_takes_no_second_payment(midtrans: Midtrans) -> None:
    url = open_page(midtrans)
    click(url, "pay", "gopay")
    click(url, "pay", "gopay")
    assert len(midtrans.transactions(ORDER)) == 1
    assert 'name="action"' not in ask("GET", url).data.decode()


def test_pending_account_shows_its_number_and_can_be_paid(midtrans: Midtrans) -> None:
    url = open_page(midtrans)
    text = click(url, "pending", "bca_va")
    number = midtrans.transactions(ORDER)[0].fields["va_numbers"][0]["va_number"]
    assert number in text
    assert "Pembayaran berhasil" in click(url, "pay", "bca_va")


def test_unknown_token_is_a_404_page_in_indonesian(midtrans: Midtrans) -> None:
    url = f"{midtrans.core_base_url}/snap/v4/redirection/nothing"
    answer = ask("GET", url)
    assert answer.status == 404
    assert "tidak berlaku" in answer.data.decode()
