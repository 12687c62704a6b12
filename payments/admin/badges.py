"""The color of every status: green needs nothing, orange waits, red needs a person."""

from orders.models import Order
from payments.models import GatewayEvent, PaymentAttempt, PaymentIssue, Refund

Status, PaymentStatus = Order.Status, Order.PaymentStatus
Outcome, Kind = GatewayEvent.Outcome, PaymentIssue.Kind

ORDER_BADGES: dict[str, str] = dict.fromkeys(Status.values, "") | {
    Status.PENDING: "warning",
    Status.CONFIRMED: "primary",
    Status.PROCESSING: "primary",
    Status.SHIPPED: "info",
    Status.DELIVERED: "success",
    Status.COMPLETED: "success",
    Status.RETURNED: "danger",
}

PAYMENT_BADGES: dict[str, str] = dict.fromkeys(PaymentStatus.values, "") | {
    PaymentStatus.PENDING: "warning",
    PaymentStatus.CHALLENGE: "danger",
    PaymentStatus.PAID: "success",
    PaymentStatus.FAILED: "danger",
    PaymentStatus.REVERSED: "danger",
    PaymentStatus.PARTIALLY_REFUNDED: "info",
    PaymentStatus.REFUNDED: "info",
    PaymentStatus.CHARGED_BACK: "danger",
}

ATTEMPT_BADGES: dict[str, str] = dict.fromkeys(PaymentAttempt.State.values, "") | {
    PaymentAttempt.State.CREATING: "warning",
    PaymentAttempt.State.OPEN: "warning",
    PaymentAttempt.State.PAID: "success",
}

OUTCOME_BADGES: dict[str, str] = dict.fromkeys(Outcome.values, "") | {
    Outcome.RECEIVED: "warning",
    Outcome.APPLIED: "success",
    Outcome.UNKNOWN_ORDER: "danger",
    Outcome.MISMATCH: "danger",
    Outcome.UNCONFIRMED: "danger",
    Outcome.UNKNOWN_STATUS: "danger",
}

ISSUE_BADGES: dict[str, str] = dict.fromkeys(Kind.values, "danger") | {
    Kind.CHALLENGE: "warning",
    Kind.UNKNOWN_STATUS: "warning",
    Kind.UNCONFIRMED: "warning",
}

REFUND_BADGES: dict[str, str] = dict.fromkeys(Refund.State.values, "") | {
    Refund.State.WAITING: "warning",
    Refund.State.REQUESTED: "warning",
    Refund.State.ACCEPTED: "info",
    Refund.State.CONFIRMED: "success",
    Refund.State.DENIED: "danger",
}
