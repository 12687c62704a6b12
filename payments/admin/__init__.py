from payments.admin.issues import PaymentIssueAdmin
from payments.admin.orders import OrderAdmin
from payments.admin.payments import GatewayEventAdmin, PaymentAttemptAdmin
from payments.admin.privacy import PrivacyRequestAdmin

__all__ = [
    "GatewayEventAdmin",
    "OrderAdmin",
    "PaymentAttemptAdmin",
    "PaymentIssueAdmin",
    "PrivacyRequestAdmin",
]
