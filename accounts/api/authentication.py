"""DRF's view of the Kratos session: 401 for a bad one, 503 when nobody can tell."""

from typing import ClassVar

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts.middleware import Credential, visitor_of
from accounts.models import User
from accounts.services import reauthentication
from karima import metrics

# Longer than any session token, shorter than any session cookie.
LONGEST_TOKEN = 64


class SessionInvalid(AuthenticationFailed):
    """The credential was sent, and there is no session behind it."""

    default_code = "session_invalid"
    default_detail = "Sesi Anda tidak berlaku lagi. Silakan masuk kembali."

    def __init__(self, credential: Credential) -> None:
        super().__init__()
        self.extra = {"hint": hint} if (hint := _hint(credential)) else {}


class KratosAuthentication(BaseAuthentication):
    """Authenticate the customer of the Kratos session.

    No credential is anonymous, which `IsAuthenticated` turns into 401; a bad one is
    401, and 503 says that nobody can tell. A public view has no authentication at all.
    """

    is_fresh: ClassVar[bool] = False

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        visitor = visitor_of(request._request)
        if visitor.credential.is_absent:
            return None
        user = visitor.user(fresh=self.wants_fresh(request))
        if user is None:
            metrics.auth_failed("session_invalid")
            raise SessionInvalid(visitor.credential)
        return user, None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def wants_fresh(self, request: Request) -> bool:
        """Tell whether Kratos is to be asked now, whatever is remembered."""
        return self.is_fresh


class OptionalKratosAuthentication(KratosAuthentication):
    """For endpoints of guests and customers, with the `AllowAny` permission.

    It behaves like its base; it has a name so that the API description can tell.
    """


class FreshKratosAuthentication(KratosAuthentication):
    """Ask Kratos now, for actions that move money or change the account."""

    is_fresh = True


class CarefulKratosAuthentication(KratosAuthentication):
    """Believe the memory for reading; ask Kratos now for everything that writes."""

    def wants_fresh(self, request: Request) -> bool:
        return request.method not in SAFE_METHODS


class RecentKratosAuthentication(FreshKratosAuthentication):
    """Ask Kratos now, and want the person to have signed in a short while ago."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        found = super().authenticate(request)
        if found:
            reauthentication.check_recent(visitor_of(request._request).session)
        return found


def customer_of(request: Request) -> User:
    """Return the signed-in customer, or refuse a guest with 401."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def _hint(credential: Credential) -> str:
    """Return what a developer most likely did wrong, in English."""
    if credential.is_ambiguous:
        return "The request carries two different session credentials; send one."
    if credential.is_access_token:
        return "The access token has ended. Get another from /api/v1/auth/handoff."
    if len(credential.token) > LONGEST_TOKEN:
        return (
            "The token looks like the session cookie's value. Send it as the "
            f"cookie {settings.KRATOS_COOKIE_NAME}, or use a session token, ory_st_..."
        )
    return ""
