from payments.admin.issues import PaymentIssueAdmin
from payments.admin.orders import OrderAdmin
from payments.admin.payments import GatewayEventAdmin, PaymentAttemptAdmin
from payments.admin.privacy import PrivacyRequestAdmin
from payments.admin.refunds import RefundAdmin

__all__ = [
    "GatewayEventAdmin",
    "OrderAdmin",
    "PaymentAttemptAdmin",
    "PaymentIssueAdmin",
    "PrivacyRequestAdmin",
    "RefundAdmin",
]
