"""Snap and Core API of the stand-in reproduce every example of the contract."""

import base64
from typing import Any

import pytest
import urllib3

from sandbox.midtrans import Midtrans
from tests.sandbox.client import ask, example, shape

ORDER = "KS-20260115-000001-01"
IDS = {"transaction_id", "transaction_time", "refund_chargeback_id", "id", "token"}


def basic(key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def snap(midtrans: Midtrans, body: Any) -> urllib3.BaseHTTPResponse:
    url = f"{midtrans.snap_base_url}/transactions"
    return ask("POST", url, body=body, headers=basic(midtrans.server_key))


def core(
    midtrans: Midtrans, method: str, path: str, body: Any = None
) -> urllib3.BaseHTTPResponse:
    url = f"{midtrans.core_base_url}/v2/{path}"
    return ask(method, url, body=body, headers=basic(midtrans.server_key))


def order(order_id: str = ORDER, amount: int = 389000, **more: Any) -> dict[str, Any]:
    details = {"order_id": order_id, "gross_amount": amount}
    return {"transaction_details": details, **more}


def fixed(body: dict[str, Any]) -> dict[str, Any]:
    """Leave out what differs from one run to the next."""
    return {name: value for name, value in body.items() if name not in IDS}


def test_token_is_made_as_in_the_example(midtrans: Midtrans) -> None:
    answer = snap(midtrans, order())
    body = answer.json()
    assert answer.status == 201
    assert shape(body) == shape(example("midtrans/api/snap-201.json"))
    page = f"{midtrans.core_base_url}/snap/v4/redirection/{body['token']}"
    assert body["redirect_url"] == page


def test_missing_order_id_is_the_example(midtrans: Midtrans) -> None:
    answer = snap(midtrans, {"transaction_details": {"gross_amount": 1000}})
    assert answer.status == 400
    assert answer.json() == example("midtrans/api/snap-400-required.json")


def test_wrong_sum_is_the_example(midtrans: Midtrans) -> None:
    item = {"id": "A", "name": "Gamis", "price": 100000, "quantity": 3}
    answer = snap(midtrans, order(item_details=[item]))
    assert answer.status == 400
    assert answer.json() == example("midtrans/api/snap-400-sum.json")


@pytest.mark.parametrize("language", ["en", "id"])
def test_order_id_in_use_is_the_example(midtrans: Midtrans, language: str) -> None:
    midtrans.settings.language = language
    snap(midtrans, order())
    midtrans.pending(ORDER)
    answer = snap(midtrans, order())
    assert answer.status == 400
    expected = example(f"midtrans/api/snap-400-order_id-used-{language}.json")
    assert answer.json() == expected


def test_wrong_key_is_the_example(midtrans: Midtrans) -> None:
    url = f"{midtrans.snap_base_url}/transactions"
    answer = ask("POST", url, body=order(), headers=basic("other"))
    assert answer.status == 401
    assert answer.json() == example("midtrans/api/snap-401.json")


@pytest.mark.parametrize(
    "details",
    [
        {"order_id": "KS 1", "gross_amount": 1000},
        {"order_id": "KS/1", "gross_amount": 1000},
        {"order_id": "K" * 51, "gross_amount": 1000},
        {"order_id": "KS-1", "gross_amount": 1000.5},
        {"order_id": "KS-1", "gross_amount": "1000"},
        {"order_id": "KS-1", "gross_amount": 0},
    ],
)
def test_bad_details_are_refused(midtrans: Midtrans, details: dict[str, Any]) -> None:
    assert snap(midtrans, {"transaction_details": details}).status == 400


@pytest.mark.parametrize(
    "change",
    [
        {"id": "x" * 51},
        {"name": "x" * 51},
        {"name": "Gamis | M"},
        {"price": 1000.0},
        {"quantity": 0},
    ],
)
def test_bad_items_are_refused(midtrans: Midtrans, change: dict[str, Any]) -> None:
    item = {"id": "A", "name": "Gamis", "price": 1000, "quantity": 1} | change
    assert snap(midtrans, order(amount=1000, item_details=[item])).status == 400


def test_duplicate_item_ids_are_refused(midtrans: Midtrans) -> None:
    item = {"id": "A", "name": "Gamis", "price": 500, "quantity": 1}
    assert snap(midtrans, order(amount=1000, item_details=[item, item])).status == 400


def test_second_token_kills_the_first_before_a_method_is_chosen(
    midtrans: Midtrans,
) -> None:
    first = snap(midtrans, order()).json()["redirect_url"]
    second = snap(midtrans, order()).json()["redirect_url"]
    assert ask("GET", first).status == 404
    assert ask("GET", second).status == 200


def cancel_session(midtrans: Midtrans, token: str) -> urllib3.BaseHTTPResponse:
    url = f"{midtrans.snap_base_url}/transactions/{token}/cancel"
    return ask("POST", url, headers=basic(midtrans.server_key))


def test_unused_session_is_cancelled_as_in_the_example(midtrans: Midtrans) -> None:
    token = snap(midtrans, order()).json()["token"]
    answer = cancel_session(midtrans, token)
    expected = example("midtrans/api/snap-session-cancel-200.json")
    assert answer.status == 200
    assert shape(answer.json()) == shape(expected)
    assert cancel_session(midtrans, token).status == 400


def test_session_in_use_is_not_cancelled(midtrans: Midtrans) -> None:
    token = snap(midtrans, order()).json()["token"]
    midtrans.pending(ORDER)
    answer = cancel_session(midtrans, token)
    expected = example("midtrans/api/snap-session-cancel-in-progress.json")
    assert answer.status == 400
    assert answer.json() == expected


def test_token_alone_is_no_transaction(midtrans: Midtrans) -> None:
    snap(midtrans, order())
    answer = core(midtrans, "GET", f"{ORDER}/status")
    expected = example("midtrans/api/status-404.json")
    assert answer.status == 404
    assert fixed(answer.json()) == fixed(expected)


def test_errors_can_come_with_http_200(midtrans: Midtrans) -> None:
    midtrans.settings.errors_over_http_200 = True
    answer = core(midtrans, "GET", "nothing/status")
    assert (answer.status, answer.json()["status_code"]) == (200, "404")


def test_core_refuses_another_key_as_in_the_example(midtrans: Midtrans) -> None:
    url = f"{midtrans.core_base_url}/v2/{ORDER}/status"
    answer = ask("GET", url, headers=basic("other"))
    assert answer.status == 401
    assert fixed(answer.json()) == fixed(example("midtrans/api/status-401.json"))


@pytest.mark.parametrize(
    ("deed", "name"),
    [
        ("pending", "status-201-pending"),
        ("pay", "status-200-settlement"),
        ("expire", "status-407-expire"),
    ],
)
def test_status_has_the_shape_of_the_example(
    midtrans: Midtrans, deed: str, name: str
) -> None:
    snap(midtrans, order())
    getattr(midtrans, deed)(ORDER, "bca_va")
    body = core(midtrans, "GET", f"{ORDER}/status").json()
    expected = example(f"midtrans/api/{name}.json")
    same = ("transaction_status", "status_code", "status_message", "gross_amount")
    assert shape(body) == shape(expected)
    assert [body[field] for field in same] == [expected[field] for field in same]


def test_status_is_found_by_transaction_id(midtrans: Midtrans) -> None:
    snap(midtrans, order())
    identifier = midtrans.pay(ORDER, "gopay")["transaction_id"]
    body = core(midtrans, "GET", f"{identifier}/status").json()
    assert body["order_id"] == ORDER


def test_bi_snap_method_replaces_the_order_id(midtrans: Midtrans) -> None:
    snap(midtrans, order())
    identifier = midtrans.pay(ORDER, "bsi_va")["transaction_id"]
    body = core(midtrans, "GET", f"{identifier}/status").json()
    expected = example("midtrans/api/status-200-bsi-order_id-replaced.json")
    assert shape(body) == shape(expected)
    assert body["order_id"] == body["transaction_id"] == identifier
    assert core(midtrans, "GET", f"{ORDER}/status").status == 404


def test_paid_transaction_speaks_for_the_order(midtrans: Midtrans) -> None:
    snap(midtrans, order())
    midtrans.pending(ORDER, "bca_va")
    midtrans.pay(ORDER, "gopay")
    midtrans.expire(ORDER, "bca_va")
    body = core(midtrans, "GET", f"{ORDER}/status").json()
    assert (body["transaction_status"], body["payment_type"]) == ("settlement", "gopay")


def test_cancel_of_pending_is_the_example(midtrans: Midtrans) -> None:
    expected = example("midtrans/api/cancel-200.json")
    snap(midtrans, order(expected["order_id"]))
    midtrans.pending(expected["order_id"], "bca_va")
    answer = core(midtrans, "POST", f"{expected['order_id']}/cancel")
    assert answer.status == 200
    assert fixed(answer.json()) == fixed(expected)
    assert midtrans.notifications[-1].body["status_code"] == "202"


def test_cancel_of_settled_is_the_412_example(midtrans: Midtrans) -> None:
    snap(midtrans, order())
    midtrans.pay(ORDER)
    answer = core(midtrans, "POST", f"{ORDER}/cancel")
    assert answer.status == 200
    assert answer.json() == example("midtrans/api/cancel-412.json")


def test_expire_is_the_407_example(midtrans: Midtrans) -> None:
    expected = example("midtrans/api/expire-407.json")
    snap(midtrans, order(expected["order_id"]))
    midtrans.pending(expected["order_id"], "bca_va")
    answer = core(midtrans, "POST", f"{expected['order_id']}/expire")
    assert answer.status == 200
    assert fixed(answer.json()) == fixed(expected)


@pytest.mark.parametrize(
    ("action", "status", "fraud"),
    [("approve", "capture", "accept"), ("deny", "deny", "deny")],
)
def test_challenge_is_approved_or_denied(
    midtrans: Midtrans, action: str, status: str, fraud: str
) -> None:
    snap(midtrans, order())
    assert midtrans.challenge(ORDER)["status_code"] == "201"
    body = core(midtrans, "POST", f"{ORDER}/{action}").json()
    assert (body["transaction_status"], body["fraud_status"]) == (status, fraud)
    again = core(midtrans, "POST", f"{ORDER}/{action}").json()
    assert again["status_code"] == "412"


REFUND_ORDER = "KS-20260115-000008-01"
REFUND = {"refund_key": "KS-20260115-000008-R1", "reason": "Stok habis"}


def paid_by_gopay(midtrans: Midtrans) -> None:
    snap(midtrans, order(REFUND_ORDER, 154600))
    midtrans.pay(REFUND_ORDER, "gopay")


def refund(midtrans: Midtrans, body: dict[str, Any]) -> urllib3.BaseHTTPResponse:
    return core(midtrans, "POST", f"{REFUND_ORDER}/refund", body)


def test_refund_is_the_example_and_notifies_twice(midtrans: Midtrans) -> None:
    paid_by_gopay(midtrans)
    body = refund(midtrans, REFUND).json()
    expected = example("midtrans/api/refund-200.json")
    asked, confirmed = [n.body for n in midtrans.notifications[-2:]]
    assert fixed(body) == fixed(expected)
    assert shape(body) == shape(expected)
    assert "bank_confirmed_at" not in asked["refunds"][0]
    assert "bank_confirmed_at" in confirmed["refunds"][0]
    assert asked["signature_key"] == confirmed["signature_key"]


def test_parts_add_up_to_a_full_refund(midtrans: Midtrans) -> None:
    paid_by_gopay(midtrans)
    first = refund(midtrans, {"refund_key": "R1", "amount": 54600}).json()
    second = refund(midtrans, {"refund_key": "R2", "amount": 100000}).json()
    assert first["transaction_status"] == "partial_refund"
    assert second["transaction_status"] == "refund"
    assert midtrans.notifications[-1].body["refund_amount"] == "154600.00"


def test_repeated_refund_key_is_the_406_example(midtrans: Midtrans) -> None:
    paid_by_gopay(midtrans)
    refund(midtrans, {"refund_key": "R1", "amount": 1000})
    answer = refund(midtrans, {"refund_key": "R1", "amount": 1000})
    assert answer.status == 200
    assert answer.json() == example("midtrans/api/refund-406-duplicate-key.json")


def test_refund_above_the_rest_is_the_414_example(midtrans: Midtrans) -> None:
    paid_by_gopay(midtrans)
    answer = refund(midtrans, {"refund_key": "R1", "amount": 154601})
    assert answer.json() == example("midtrans/api/refund-414-amount.json")


def test_virtual_account_is_not_refundable(midtrans: Midtrans) -> None:
    snap(midtrans, order())
    midtrans.pay(ORDER, "bca_va")
    answer = core(midtrans, "POST", f"{ORDER}/refund", REFUND)
    assert answer.json() == example("midtrans/api/refund-412.json")


def test_refund_denied_by_the_bank_is_the_202_example(midtrans: Midtrans) -> None:
    paid_by_gopay(midtrans)
    midtrans.settings.bank_denies_refunds = True
    answer = refund(midtrans, REFUND)
    expected = example("midtrans/api/refund-202-denied-by-bank.json")
    assert answer.status == 200
    assert fixed(answer.json()) == fixed(expected)


def test_internal_error_has_the_shape_of_the_example(midtrans: Midtrans) -> None:
    midtrans.faults.set("server_error")
    answer = snap(midtrans, order())
    assert answer.status == 500
    assert answer.json() == example("midtrans/api/snap-500.json")


def test_hang_does_the_work_and_loses_the_answer(midtrans: Midtrans) -> None:
    snap(midtrans, order())
    midtrans.pending(ORDER)
    midtrans.faults.set("hang", times=1)
    with pytest.raises(urllib3.exceptions.ProtocolError):
        core(midtrans, "POST", f"{ORDER}/cancel")
    body = core(midtrans, "GET", f"{ORDER}/status").json()
    assert body["transaction_status"] == "cancel"
