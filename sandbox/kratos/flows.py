"""Self-service flows and the objects by which the API shows them."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.kratos.identities import Json, now, timestamp

# As deploy/kratos says; the other kinds have Kratos's own default.
LIFESPANS = {"login": timedelta(minutes=10), "registration": timedelta(minutes=10)}
LIFESPAN = timedelta(hours=1)
CODE_LIFESPAN = timedelta(minutes=15)
CHOOSE_METHOD = "choose_method"
SENT_EMAIL = "sent_email"
PASSED = "passed_challenge"
SHOW_FORM = "show_form"
SUCCESS = "success"
KINDS = ("login", "registration", "recovery", "verification", "settings")


@dataclass(slots=True)
class Flow:
    """One attempt to sign in, to register, to prove an address or to change oneself."""

    kind: str
    request_url: str
    type: str = "api"  # or "browser"
    return_to: str = ""
    refresh: bool = False
    requested_aal: str = "aal1"
    csrf_token: str = ""
    state: str = CHOOSE_METHOD
    issued_at: datetime = field(default_factory=now)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    # What was typed, and what was wrong with it.
    values: Json = field(default_factory=dict)
    messages: list[Json] = field(default_factory=list)
    field_messages: dict[str, list[Json]] = field(default_factory=dict)
    continue_with: list[Json] = field(default_factory=list)
    # Whose settings or whose session; empty for a stranger.
    identity_id: str = ""
    # Recovery and verification: the address, and the code that was mailed to it.
    address: str = ""
    code: str = ""
    code_expires_at: datetime = field(default_factory=now)
    attempts: int = 0
    # Settings: what is offered but not yet confirmed.
    totp_secret: str = ""
    new_lookup_codes: list[str] = field(default_factory=list)
    lookup_revealed: bool = False
    # Settings: the form that waits until the person has signed in again.
    paused: Json = field(default_factory=dict)

    @property
    def is_browser(self) -> bool:
        """Return whether it was begun for a browser."""
        return self.type == "browser"

    @property
    def expires_at(self) -> datetime:
        """Return the end of its life, in UTC."""
        return self.issued_at + LIFESPANS.get(self.kind, LIFESPAN)

    @property
    def is_expired(self) -> bool:
        """Return whether it may not be submitted any more."""
        return now() >= self.expires_at

    def complain(self, *form: Json, **fields: Json) -> None:
        """Replace what was wrong before; a field's name has "__" for its dots."""
        self.messages = list(form)
        self.field_messages = {
            name.replace("__", "."): [problem] for name, problem in fields.items()
        }


def head(flow: Flow) -> Json:
    """Return all of a flow but its form."""
    body: Json = {
        "id": flow.id,
        "type": flow.type,
        "expires_at": timestamp(flow.expires_at),
        "issued_at": timestamp(flow.issued_at),
        "request_url": flow.request_url,
        "state": flow.state,
    }
    if flow.return_to:
        body["return_to"] = flow.return_to
    if flow.kind in ("login", "registration"):
        body["organization_id"] = None
    if flow.kind in ("recovery", "verification"):
        body["active"] = "code"
    if flow.kind == "settings":
        body["continue_with"] = flow.continue_with or None
    return body | (_login_head(flow) if flow.kind == "login" else {})


def _login_head(flow: Flow) -> Json:
    return {
        "created_at": timestamp(flow.issued_at),
        "updated_at": timestamp(flow.issued_at),
        "refresh": flow.refresh,
        "requested_aal": flow.requested_aal,
    }
