from accounts.models.user import StaffIdentity, User

__all__ = ["StaffIdentity", "User"]
