from accounts.admin.api_keys import ApiKeyAdmin
from accounts.admin.messages import MessageAdmin, MessageTemplateAdmin
from accounts.admin.people import (
    CustomerAdmin,
    ResellerApplicationAdmin,
    StaffAuditEntryAdmin,
    StaffIdentityAdmin,
)

__all__ = [
    "ApiKeyAdmin",
    "CustomerAdmin",
    "MessageAdmin",
    "MessageTemplateAdmin",
    "ResellerApplicationAdmin",
    "StaffAuditEntryAdmin",
    "StaffIdentityAdmin",
]
