"""Every example of the contract has the effect that its manifest states."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from orders.models import Order
from payments.clients import midtrans_notification
from payments.clients.midtrans_notification import BadSignature, MalformedNotification
from payments.models import (
    GatewayEvent,
    GatewayTransaction,
    PaymentAttempt,
    PaymentIssue,
)
from payments.services import notifications
from sandbox.midtrans import Midtrans
from tests.factories import VariantFactory, make_order

pytestmark = pytest.mark.django_db

CONTRACT = Path(__file__).parents[1] / "contracts" / "midtrans"
MANIFEST = json.loads((CONTRACT / "MANIFEST.json").read_text())
EFFECTS = {
    row["file"].removeprefix("notifications/"): row["effect"]
    for row in MANIFEST["files"]
    if row["file"].startswith("notifications/")
}

# What the effect's first words mean for the order and its payment.
STANDINGS = {
    "PENDING": ("pending", "pending"),
    "PAID": ("confirmed", "paid"),
    "PAID (no-op after 21)": ("confirmed", "paid"),
    "REVIEW": ("pending", "challenge"),
    "AUTHORIZED (feature off: alert)": ("pending", "pending"),
    "ATTEMPT_DENIED (order stays open)": ("pending", "failed"),
    "ATTEMPT_FAILED (order stays open)": ("pending", "failed"),
    "EXPIRED": ("pending", "expired"),
    "CANCELLED": ("pending", "cancelled"),
    "VOIDED (money released: reverse the order)": ("pending", "reversed"),
    "REFUND_REQUESTED full": ("confirmed", "refunded"),
    "REFUNDED full": ("confirmed", "refunded"),
    "PARTIALLY_REFUNDED 120000": ("confirmed", "partially_refunded"),
    "CHARGEBACK (alert)": ("confirmed", "charged_back"),
    "CHARGEBACK partial (alert)": ("confirmed", "charged_back"),
}
# These are about money that came before.
AFTER_PAYMENT = ("VOIDED", "REFUND", "PARTIALLY_REFUNDED", "CHARGEBACK")
ALERTS = {"REVIEW": "challenge", "AUTHORIZED": "unknown_status"}


def read(name: str) -> dict[str, Any]:
    return json.loads((CONTRACT / name).read_text())


@pytest.fixture
def gateway(gateway: Midtrans, settings: Settings) -> Midtrans:
    settings.MIDTRANS_NOTIFICATION_KEYS = [MANIFEST["server_key"]]
    settings.MIDTRANS_MERCHANT_ID = MANIFEST["merchant_id"]
    return gateway


def order_for(body: dict[str, Any]) -> Order:
    """Return an order with an open attempt of the example's id and amount."""
    amount = int(body["gross_amount"].split(".")[0])
    order = make_order(variant=VariantFactory(on_hand=2, price=amount - 20_000))
    PaymentAttempt.objects.create(
        order=order,
        number=1,
        provider_order_id=body["order_id"],
        amount=amount,
        state=PaymentAttempt.State.OPEN,
        snap_token="token",
        expires_at=order.expires_at,
    )
    return order


def deliver(gateway: Midtrans, body: Any) -> None:
    """Deliver an example that the gateway stands by."""
    gateway.settings.scripted[body["transaction_id"]] = body
    notifications.receive(json.dumps(body).encode())


def paid_before(body: dict[str, Any]) -> dict[str, Any]:
    earlier = {**body, "transaction_status": "settlement", "status_code": "200"}
    for name in ("refund_amount", "refunds"):
        earlier.pop(name, None)
    earlier["signature_key"] = midtrans_notification.signature(
        order_id=body["order_id"],
        status_code="200",
        gross_amount=body["gross_amount"],
        key=MANIFEST["server_key"],
    )
    if body["transaction_status"] == "cancel":
        earlier["transaction_status"] = "capture"
    return earlier


def standing(order: Order) -> tuple[str, str]:
    order.refresh_from_db()
    return order.status, order.payment_status


@pytest.mark.parametrize(("name", "effect"), EFFECTS.items())
def test_notification_has_its_effect(gateway: Midtrans, name: str, effect: str) -> None:
    body = read(f"notifications/{name}")
    order = order_for(body)
    if effect.startswith(AFTER_PAYMENT):
        deliver(gateway, paid_before(body))
    deliver(gateway, body)
    assert standing(order) == STANDINGS[effect]
    outcome = GatewayEvent.objects.order_by("id").last().outcome
    assert outcome == GatewayEvent.Outcome.APPLIED


def test_every_effect_of_the_manifest_is_known() -> None:
    assert set(EFFECTS.values()) == set(STANDINGS)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("30-capture-challenge-credit_card.json", "challenge"),
        ("31-authorize-credit_card.json", "unknown_status"),
        ("53-cancel-credit_card-after-capture.json", "reversed"),
        ("64-chargeback-credit_card.json", "chargeback"),
        ("65-partial_chargeback-credit_card.json", "chargeback"),
    ],
)
def test_notification_alerts_the_staff(gateway: Midtrans, name: str, kind: str) -> None:
    body = read(f"notifications/{name}")
    order_for(body)
    if EFFECTS[name].startswith(AFTER_PAYMENT):
        deliver(gateway, paid_before(body))
    deliver(gateway, body)
    assert PaymentIssue.objects.get().kind == kind


def test_deny_is_not_terminal_for_its_order(gateway: Midtrans) -> None:
    bodies = [
        read("notifications/40-deny-bank-credit_card.json"),
        read("notifications/41-deny-fds-credit_card.json"),
        read("notifications/42-settlement-gopay-after-two-denies.json"),
    ]
    order = order_for(bodies[0])
    for body in bodies:
        deliver(gateway, body)
    assert standing(order) == ("confirmed", "paid")
    assert GatewayTransaction.objects.count() == 3


def test_capture_and_settlement_confirm_once(gateway: Midtrans) -> None:
    first = read("notifications/21-capture-accept-credit_card.json")
    order = order_for(first)
    deliver(gateway, first)
    deliver(gateway, read("notifications/22-settlement-credit_card-next-day.json"))
    assert order.events.filter(kind="status").count() == 1


def test_refund_is_requested_then_confirmed_by_the_bank(gateway: Midtrans) -> None:
    asked = read("notifications/60-refund-gopay-requested.json")
    order_for(asked)
    deliver(gateway, paid_before(asked))
    deliver(gateway, asked)
    assert GatewayTransaction.objects.get().refund_confirmed_at is None
    deliver(gateway, read("notifications/61-refund-gopay-bank_confirmed.json"))
    assert GatewayTransaction.objects.get().refund_confirmed_at is not None


def test_refunds_are_cumulative(gateway: Midtrans) -> None:
    part = read("notifications/62-partial_refund-credit_card.json")
    order = order_for(part)
    deliver(gateway, paid_before(part))
    deliver(gateway, part)
    assert GatewayTransaction.objects.get().refunded_total == 120_000
    deliver(
        gateway, read("notifications/63-refund-credit_card-second-part-completes.json")
    )
    assert GatewayTransaction.objects.get().refunded_total == 545_000
    assert standing(order)[1] == "refunded"


def test_bank_that_replaces_the_order_id_is_understood(gateway: Midtrans) -> None:
    body = read("notifications/23-settlement-bank_transfer-bsi-bisnap.json")
    order = order_for(body)
    gateway.settings.scripted[body["transaction_id"]] = read(
        "api/status-200-bsi-order_id-replaced.json"
    )
    notifications.receive(json.dumps(body).encode())
    assert standing(order) == ("confirmed", "paid")


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("bad-signature.json", BadSignature),
        ("tampered-amount.json", BadSignature),
        ("signature-wrong-server-key.json", BadSignature),
        ("missing-fields.json", MalformedNotification),
    ],
)
def test_hostile_example_is_refused_without_a_trace(
    gateway: Midtrans, name: str, error: type[Exception]
) -> None:
    order = order_for(read("notifications/10-settlement-bank_transfer-bca.json"))
    with pytest.raises(error):
        notifications.receive((CONTRACT / "invalid" / name).read_bytes())
    assert standing(order) == ("pending", "unpaid")
    assert not GatewayEvent.objects.exists()


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("wrong-amount-signed.json", "mismatch"),
        ("foreign-merchant-signed.json", "mismatch"),
        ("unknown-order-signed.json", "unknown_order"),
        ("dashboard-test-notification.json", "unknown_order"),
    ],
)
def test_authentic_example_that_does_not_fit_is_put_aside(
    gateway: Midtrans, name: str, outcome: str
) -> None:
    order = order_for(read("notifications/10-settlement-bank_transfer-bca.json"))
    deliver(gateway, read(f"invalid/{name}"))
    assert standing(order) == ("pending", "unpaid")
    assert GatewayEvent.objects.get().outcome == outcome
    assert PaymentIssue.objects.get().kind == outcome


def test_forged_status_on_a_real_signature_pays_nothing(gateway: Midtrans) -> None:
    forged = read("invalid/forged-status-on-real-signature.json")
    order = order_for(forged)
    notifications.receive(json.dumps(forged).encode())
    assert standing(order) == ("pending", "unpaid")
    assert GatewayEvent.objects.get().outcome == "unconfirmed"
