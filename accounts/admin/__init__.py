from accounts.admin.api_keys import ApiKeyAdmin
from accounts.admin.people import (
    CustomerAdmin,
    ResellerApplicationAdmin,
    StaffAuditEntryAdmin,
    StaffIdentityAdmin,
)

__all__ = [
    "ApiKeyAdmin",
    "CustomerAdmin",
    "ResellerApplicationAdmin",
    "StaffAuditEntryAdmin",
    "StaffIdentityAdmin",
]
