"""Examples for the API's description, true to what the demo shop answers."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from orders.api.examples import CHECKOUT_BODY, ORDER_BODY

PAYMENT_BODY: dict[str, Any] = {
    "state": "open",
    "amount": 598_000,
    "expires_at": "2026-11-24T05:00:10Z",
    "snap_token": "66e4fa55-fdac-4ef9-91b5-733b97d1b862",
    "redirect_url": "https://app.midtrans.com/snap/v4/redirection/66e4fa55-fdac-4ef9",
    "method": None,
    "instructions": {},
}

CHECKOUT = OpenApiExample("Checkout", CHECKOUT_BODY, request_only=True)
CHECKOUT_TO_KEPT_ADDRESS = OpenApiExample(
    "Checkout to an address that the customer keeps",
    {
        **{k: v for k, v in CHECKOUT_BODY.items() if k != "shipping_address"},
        "address_id": "019a0c5e-7a10-7c42-9d1f-3b8f5a6c2e11",
    },
    request_only=True,
)
PLACED = OpenApiExample(
    "Placed, waiting for payment",
    {"order": ORDER_BODY, "payment": PAYMENT_BODY},
    response_only=True,
    status_codes=["201"],
)
PAYMENT = OpenApiExample("Waiting for payment", PAYMENT_BODY, response_only=True)
NOTIFICATION = OpenApiExample(
    "A bank transfer has arrived",
    {
        "order_id": "KRM-261123-7F3K9Q-01",
        "status_code": "200",
        "gross_amount": "598000.00",
        "signature_key": "3d8f…",
        "transaction_id": "c112938e-5645-5055-ba88-b9801a8a75af",
        "transaction_status": "settlement",
        "fraud_status": "accept",
        "payment_type": "bank_transfer",
        "currency": "IDR",
        "merchant_id": "G123456789",
        "transaction_time": "2026-11-23 12:01:02",
    },
    request_only=True,
)
