"""Some actions want the person, not just a session that may have been left open."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.clients import kratos_flows
from accounts.clients.kratos import Session
from karima.errors import Forbidden


class ReauthenticationRequired(Forbidden):
    """The person signed in too long ago; `redirect_browser_to` is where to do it."""

    code = "reauthentication_required"
    title = "Reauthentication required"
    detail = "Demi keamanan, silakan masuk sekali lagi lalu ulangi permintaan ini."


def check_recent(session: Session | None) -> None:
    """Refuse a session whose person has not shown who they are of late.

    As long as Kratos itself lets a password be changed without asking for it again. A
    renewed sign-in (`refresh=true`) keeps the session and its credential. Raises
    `ReauthenticationRequired`.
    """
    longest = timedelta(seconds=settings.KRATOS_PRIVILEGED_SESSION_MAX_AGE)
    if session is None or timezone.now() - session.authenticated_at > longest:
        where = kratos_flows.begin_url("login", refresh="true")
        raise ReauthenticationRequired(redirect_browser_to=where)
