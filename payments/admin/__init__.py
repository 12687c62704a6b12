from payments.admin.issues import PaymentIssueAdmin
from payments.admin.orders import OrderAdmin
from payments.admin.payments import GatewayEventAdmin, PaymentAttemptAdmin

__all__ = [
    "GatewayEventAdmin",
    "OrderAdmin",
    "PaymentAttemptAdmin",
    "PaymentIssueAdmin",
]
