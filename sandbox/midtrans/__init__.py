"""A stand-in for Midtrans: Snap, Core API, a payment page and notifications."""

from sandbox.midtrans.notifications import Disturbances, Notification
from sandbox.midtrans.payloads import sign
from sandbox.midtrans.server import (
    MERCHANT_ID,
    SERVER_KEY,
    Midtrans,
    run_midtrans,
)

__all__ = [
    "MERCHANT_ID",
    "SERVER_KEY",
    "Disturbances",
    "Midtrans",
    "Notification",
    "run_midtrans",
    "sign",
]
