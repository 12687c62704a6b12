from payments.models.gateway import (
    GatewayEvent,
    GatewayTransaction,
    PaymentAttempt,
    PaymentIssue,
)
from payments.models.refund import Refund

__all__ = [
    "GatewayEvent",
    "GatewayTransaction",
    "PaymentAttempt",
    "PaymentIssue",
    "Refund",
]
