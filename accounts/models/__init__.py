from accounts.models.address import Address
from accounts.models.api_key import ApiKey
from accounts.models.audit import BreakGlassLink, StaffAuditEntry
from accounts.models.consent import Consent
from accounts.models.group import ApplicationEvent, CustomerGroup, ResellerApplication
from accounts.models.handoff import HandoffCode
from accounts.models.message import Message, MessageTemplate
from accounts.models.privacy_request import PrivacyRequest
from accounts.models.user import StaffIdentity, User

__all__ = [
    "Address",
    "ApiKey",
    "ApplicationEvent",
    "BreakGlassLink",
    "Consent",
    "CustomerGroup",
    "HandoffCode",
    "Message",
    "MessageTemplate",
    "PrivacyRequest",
    "ResellerApplication",
    "StaffAuditEntry",
    "StaffIdentity",
    "User",
]
