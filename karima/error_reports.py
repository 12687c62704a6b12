"""Faults of ours to Sentry, if there is one, without anything about people.

Off without SENTRY_DSN. What leaves is a traceback without the values of variables, the
name of the route and the id of the request, by which the log is found.
"""

from typing import Any

import sentry_sdk
from sentry_sdk.types import Event, Hint

from karima import request_id
from karima.scrubbing import scrub

# Who asked, for what, with which headers; what was logged before; where it runs.
DROPPED = ("request", "user", "breadcrumbs", "extra", "server_name", "modules")


def begin(dsn: str, *, environment: str, version: str) -> None:
    """Send faults to Sentry from now on; without a DSN do nothing."""
    if not dsn:
        return
    sentry_sdk.init(
        dsn,
        environment=environment,
        release=version,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=0.0,
        auto_session_tracking=False,
        before_send=without_people,
    )


def without_people(event: Event, hint: Hint) -> Event:
    """Return the event with what could tell of a person or a secret taken out."""
    parts: dict[str, Any] = {**event}
    for name in DROPPED:
        parts.pop(name, None)
    if identifier := request_id.current():
        parts.setdefault("tags", {})["request_id"] = identifier
    cleaned: Event = _scrubbed(parts)
    return cleaned


def _scrubbed(value: Any) -> Any:
    """Return the value with every text in it scrubbed, as a line of the log is."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {key: _scrubbed(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(inner) for inner in value]
    return value
