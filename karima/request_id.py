"""The identifier that joins a request, its log lines and the calls made for it."""

import re
import secrets
from contextvars import ContextVar

HEADER = "X-Request-ID"

# Long enough for a UUID or a proxy's ray id; nothing that could forge a log line.
ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,64}")

_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """Return the id of the request being answered, or an empty string outside one."""
    return _current.get()


def begin(offered: str) -> str:
    """Make the offered id the current one, or a new id when it is not acceptable."""
    request_id = offered if ACCEPTABLE.fullmatch(offered) else secrets.token_hex(16)
    _current.set(request_id)
    return request_id


def end() -> None:
    """Forget the id, so that a reused thread does not log under it."""
    _current.set("")
