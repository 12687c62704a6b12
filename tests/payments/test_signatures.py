"""The signature of every contract example, and what is read from it."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from payments.clients import midtrans_notification as notifications
from payments.clients.midtrans_notification import (
    BadSignature,
    MalformedNotification,
    parse_notification,
)

CONTRACT = Path(__file__).parents[1] / "contracts" / "midtrans"
MANIFEST = json.loads((CONTRACT / "MANIFEST.json").read_text())
GENUINE = [
    row["file"] for row in MANIFEST["files"] if row["file"].startswith("notifications/")
]
FORGED = [
    "invalid/bad-signature.json",
    "invalid/tampered-amount.json",
    "invalid/signature-wrong-server-key.json",
]


@pytest.fixture(autouse=True)
def contract_key(settings: Settings) -> None:
    settings.MIDTRANS_NOTIFICATION_KEYS = [MANIFEST["server_key"]]


def raw(name: str) -> bytes:
    return (CONTRACT / name).read_bytes()


@pytest.mark.parametrize("name", GENUINE)
def test_genuine_example_verifies(name: str) -> None:
    assert parse_notification(raw(name)) == json.loads(raw(name))


@pytest.mark.parametrize("name", FORGED)
def test_forged_example_is_refused(name: str) -> None:
    with pytest.raises(BadSignature):
        parse_notification(raw(name))


def test_example_without_a_signature_is_malformed() -> None:
    with pytest.raises(MalformedNotification):
        parse_notification(raw("invalid/missing-fields.json"))


def test_any_of_several_keys_may_have_signed(settings: Settings) -> None:
    settings.MIDTRANS_NOTIFICATION_KEYS = ["old-key", MANIFEST["server_key"]]
    assert parse_notification(raw(GENUINE[0]))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'{"order_id": 1}',
        b'{"a": 1, "a": 2}',
        b"[" * 100_000,
        b" " * 70_000,
    ],
)
def test_anything_else_is_malformed(body: Any) -> None:
    with pytest.raises(MalformedNotification):
        parse_notification(body)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status_code", "500"),
        ("gross_amount", "389000"),
        ("gross_amount", "-1.00"),
        ("gross_amount", 389000.0),
        ("signature_key", "é" * 128),
    ],
)
def test_reformatted_field_is_refused(field: str, value: object) -> None:
    body = json.loads(raw(GENUINE[0]))
    body[field] = value
    with pytest.raises((MalformedNotification, BadSignature)):
        parse_notification(json.dumps(body).encode())


def test_amount_is_read_as_whole_rupiah() -> None:
    assert notifications.parse_amount("389000.00") == 389_000
    assert notifications.parse_amount("389000.50") is None
    assert notifications.parse_amount("389.000,00") is None


def test_times_are_wib() -> None:
    body = json.loads(raw("notifications/10-settlement-bank_transfer-bca.json"))
    paid_at = notifications.report(body).paid_at
    assert paid_at.isoformat() == "2026-01-15T10:35:44+07:00"


def test_refund_counts_as_confirmed_once_the_bank_says_so() -> None:
    asked = json.loads(raw("notifications/60-refund-gopay-requested.json"))
    done = json.loads(raw("notifications/61-refund-gopay-bank_confirmed.json"))
    assert notifications.report(asked).refund_confirmed_at is None
    assert notifications.report(done).refund_confirmed_at is not None
    assert asked["signature_key"] == done["signature_key"]
    assert notifications.digest(asked) != notifications.digest(done)


def test_signature_and_saved_card_are_not_stored() -> None:
    kept = notifications.storable(
        {"order_id": "A", "signature_key": "s", "saved_token_id": "t"}
    )
    assert kept == {"order_id": "A"}
