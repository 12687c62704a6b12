"""Notifications of the stand-in: shapes, signatures, delivery and retries."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from sandbox.midtrans import SERVER_KEY, Midtrans
from sandbox.midtrans.notifications import retries_after
from sandbox.server import Server
from tests.sandbox.client import CONTRACTS, ask, example, shape
from tests.sandbox.test_midtrans_api import order, snap

ORDER = "KS-20260115-000001-01"
MANIFEST = example("midtrans/MANIFEST.json")
UNVERIFIABLE = {
    "invalid/bad-signature.json",
    "invalid/tampered-amount.json",
    "invalid/signature-wrong-server-key.json",
    "invalid/missing-fields.json",
}
Answer = Callable[[dict[str, Any]], int]


def verifies(body: dict[str, Any], key: str) -> bool:
    """Check a signature by the documented rule, written here on its own."""
    names = ("order_id", "status_code", "gross_amount")
    text = "".join(str(body.get(name, "")) for name in names) + key
    return hashlib.sha512(text.encode()).hexdigest() == body.get("signature_key")


def signed_examples() -> list[str]:
    names = [row["file"] for row in MANIFEST["files"]]
    return [n for n in names if "signature_key" in example(f"midtrans/{n}")]


def test_manifest_names_every_example() -> None:
    root = CONTRACTS / "midtrans"
    files = {str(path.relative_to(root)) for path in root.glob("*/*.json")}
    assert files == {row["file"] for row in MANIFEST["files"]}


@pytest.mark.parametrize("name", signed_examples())
def test_example_verifies_or_not_as_the_manifest_says(name: str) -> None:
    body = example(f"midtrans/{name}")
    assert verifies(body, MANIFEST["server_key"]) == (name not in UNVERIFIABLE)


CASES: list[tuple[str, Callable[[Midtrans], dict[str, Any]]]] = [
    ("01-pending-bank_transfer-bca", lambda m: m.pending(ORDER, "bca_va")),
    ("02-pending-echannel-mandiri", lambda m: m.pending(ORDER, "echannel")),
    ("03-pending-qris-gopay", lambda m: m.pending(ORDER, "qris")),
    ("04-pending-cstore-indomaret", lambda m: m.pending(ORDER, "indomaret")),
    ("05-pending-credit_card-3ds", lambda m: m.pending(ORDER, "credit_card")),
    ("10-settlement-bank_transfer-bca", lambda m: m.pay(ORDER, "bca_va")),
    ("11-settlement-bank_transfer-bni", lambda m: m.pay(ORDER, "bni_va")),
    ("13-settlement-echannel-mandiri", lambda m: m.pay(ORDER, "echannel")),
    ("14-settlement-gopay", lambda m: m.pay(ORDER, "gopay")),
    ("15-settlement-shopeepay", lambda m: m.pay(ORDER, "shopeepay")),
    ("16-settlement-qris-gopay", lambda m: m.pay(ORDER, "qris")),
    ("17-settlement-cstore-indomaret", lambda m: m.pay(ORDER, "indomaret")),
    ("19-settlement-akulaku", lambda m: m.pay(ORDER, "akulaku")),
    ("21-capture-accept-credit_card", lambda m: m.pay(ORDER, "credit_card")),
    ("23-settlement-bank_transfer-bsi-bisnap", lambda m: m.pay(ORDER, "bsi_va")),
    ("30-capture-challenge-credit_card", lambda m: m.challenge(ORDER)),
    ("40-deny-bank-credit_card", lambda m: m.deny(ORDER)),
    ("41-deny-fds-credit_card", lambda m: m.deny(ORDER, by_fraud_check=True)),
    ("50-expire-bank_transfer-bca", lambda m: m.expire(ORDER, "bca_va")),
    ("51-expire-gopay", lambda m: m.expire(ORDER, "gopay")),
]
LATER: list[tuple[str, str, Callable[[Midtrans], dict[str, Any]]]] = [
    ("22-settlement-credit_card-next-day", "credit_card", lambda m: m.settle(ORDER)),
    (
        "53-cancel-credit_card-after-capture",
        "credit_card",
        lambda m: m.force_status(ORDER, "cancel"),
    ),
    ("61-refund-gopay-bank_confirmed", "gopay", lambda m: m.refund(ORDER)),
    (
        "64-chargeback-credit_card",
        "credit_card",
        lambda m: m.force_status(ORDER, "chargeback"),
    ),
    (
        "65-partial_chargeback-credit_card",
        "credit_card",
        lambda m: m.force_status(ORDER, "partial_chargeback"),
    ),
]


def assert_like(body: dict[str, Any], name: str) -> None:
    expected = example(f"midtrans/notifications/{name}.json")
    same = ("transaction_status", "status_code", "payment_type", "currency")
    assert shape(body) == shape(expected)
    assert [body[field] for field in same] == [expected[field] for field in same]
    assert body.get("fraud_status") == expected.get("fraud_status")
    assert verifies(body, SERVER_KEY)


@pytest.mark.parametrize(("name", "deed"), CASES, ids=[name for name, _ in CASES])
def test_notification_has_the_shape_of_the_example(
    midtrans: Midtrans, name: str, deed: Callable[[Midtrans], dict[str, Any]]
) -> None:
    snap(midtrans, order(ORDER))
    assert_like(deed(midtrans), name)


@pytest.mark.parametrize(
    ("name", "method", "deed"), LATER, ids=[name for name, _, _ in LATER]
)
def test_later_notification_has_the_shape_of_the_example(
    midtrans: Midtrans,
    name: str,
    method: str,
    deed: Callable[[Midtrans], dict[str, Any]],
) -> None:
    snap(midtrans, order(ORDER))
    midtrans.pay(ORDER, method)
    assert_like(deed(midtrans), name)


def test_card_refund_in_part_has_the_shape_of_the_example(midtrans: Midtrans) -> None:
    snap(midtrans, order(ORDER))
    midtrans.pay(ORDER, "credit_card")
    midtrans.settle(ORDER)
    midtrans.refund(ORDER, 120000)
    assert_like(midtrans.notifications[-2].body, "62-partial_refund-credit_card")


def test_custom_fields_come_back(midtrans: Midtrans) -> None:
    snap(midtrans, order(ORDER, custom_field1="attempt:1"))
    assert midtrans.pay(ORDER)["custom_field1"] == "attempt:1"


class Receiver:
    """A shop that answers notifications as a test wants, and keeps them."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.bodies: list[dict[str, Any]] = []
        self.agents: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        body = json.loads(request.get_data())
        self.bodies.append(body)
        self.agents.append(request.headers["User-Agent"])
        status = self._answer(body)
        headers = {"Location": "/elsewhere"} if 300 <= status < 400 else {}
        return Response(status=status, headers=headers)(environ, start_response)


@contextmanager
def shop(midtrans: Midtrans, answer: Answer) -> Iterator[Receiver]:
    """Give a shop that Midtrans notifies, with one order to pay."""
    receiver = Receiver(answer)
    snap(midtrans, order(ORDER))
    with Server(receiver, service="shop", host="127.0.0.1", port=0) as server:
        midtrans.notify_at(f"{server.url}/hook")
        yield receiver


def test_notification_is_posted_by_veritrans(midtrans: Midtrans) -> None:
    with shop(midtrans, lambda body: 200) as receiver:
        body = midtrans.pay(ORDER)
        midtrans.wait_delivered()
    assert receiver.bodies == [body]
    assert receiver.agents == ["Veritrans"]
    assert midtrans.notifications[0].state == "delivered"


@pytest.mark.parametrize(
    ("status", "deliveries", "state"),
    [
        (204, 1, "delivered"),
        (302, 1, "lost"),
        (400, 3, "given_up"),
        (403, 6, "given_up"),
        (404, 3, "given_up"),
        (429, 6, "given_up"),
        (500, 2, "given_up"),
        (503, 5, "given_up"),
    ],
)
def test_answer_decides_the_number_of_deliveries(
    midtrans: Midtrans, status: int, deliveries: int, state: str
) -> None:
    with shop(midtrans, lambda body: status) as receiver:
        midtrans.pay(ORDER)
        midtrans.wait_delivered()
    assert len(receiver.bodies) == deliveries
    assert midtrans.notifications[0].state == state
    assert midtrans.notifications[0].answers == [status] * deliveries


def test_no_answer_is_retried_five_times() -> None:
    assert retries_after(None) == 5


def test_retry_ends_with_the_first_success(midtrans: Midtrans) -> None:
    answers = iter([503, 200])
    with shop(midtrans, lambda body: next(answers)):
        midtrans.pay(ORDER)
        midtrans.wait_delivered()
    assert midtrans.notifications[0].answers == [503, 200]


def test_permanent_redirect_is_followed_with_the_same_body(midtrans: Midtrans) -> None:
    answers = iter([308, 200])
    with shop(midtrans, lambda body: next(answers)) as receiver:
        midtrans.pay(ORDER)
        midtrans.wait_delivered()
    assert receiver.bodies[0] == receiver.bodies[1]
    assert midtrans.notifications[0].answers == [200]


def test_dropped_notification_never_arrives(midtrans: Midtrans) -> None:
    with shop(midtrans, lambda body: 200) as receiver:
        midtrans.disturb.drop = 1
        midtrans.pay(ORDER)
        midtrans.wait_delivered()
    assert receiver.bodies == []
    status = midtrans.status(ORDER)
    assert status is not None
    assert status["transaction_status"] == "settlement"


def test_duplicate_arrives_twice_with_the_same_body(midtrans: Midtrans) -> None:
    with shop(midtrans, lambda body: 200) as receiver:
        midtrans.disturb.duplicate = 1
        midtrans.pay(ORDER)
        midtrans.wait_delivered()
    assert len(receiver.bodies) == 2
    assert receiver.bodies[0] == receiver.bodies[1]


def test_held_notifications_can_arrive_in_reverse(midtrans: Midtrans) -> None:
    with shop(midtrans, lambda body: 200) as receiver:
        midtrans.disturb.hold = True
        midtrans.pending(ORDER)
        midtrans.pay(ORDER)
        midtrans.release(reverse=True)
        midtrans.wait_delivered()
    states = [body["transaction_status"] for body in receiver.bodies]
    assert states == ["settlement", "pending"]


def test_bad_signature_does_not_verify(midtrans: Midtrans) -> None:
    with shop(midtrans, lambda body: 200) as receiver:
        midtrans.disturb.bad_signature = 1
        midtrans.pay(ORDER)
        midtrans.wait_delivered()
    assert not verifies(receiver.bodies[0], SERVER_KEY)


def test_without_a_url_notifications_are_recorded(midtrans: Midtrans) -> None:
    snap(midtrans, order(ORDER))
    midtrans.pay(ORDER)
    assert [item.state for item in midtrans.notifications] == ["recorded"]


def test_deeds_and_disturbances_work_over_http(midtrans: Midtrans) -> None:
    root = f"{midtrans.core_base_url}/sandbox"
    snap(midtrans, order(ORDER))
    assert ask("POST", f"{root}/notifications", body={"drop": 1}).status == 200
    ask("POST", f"{root}/orders/{ORDER}/pending", body={"method": "gopay"})
    ask("POST", f"{root}/orders/{ORDER}/pay")
    rows = ask("GET", f"{root}/transactions").json()
    sent = ask("GET", f"{root}/notifications").json()
    assert [(row["method_name"], row["status"]) for row in rows] == [
        ("gopay", "settlement")
    ]
    assert [item["state"] for item in sent] == ["dropped", "recorded"]


def test_unknown_order_or_deed_is_404(midtrans: Midtrans) -> None:
    root = f"{midtrans.core_base_url}/sandbox/orders"
    assert ask("POST", f"{root}/nothing/pay").status == 404
    assert ask("POST", f"{root}/{ORDER}/dance").status == 404
