"""Self-service flows: their objects and the nodes of their forms.

A flow knows its transport (`api`), so that browser flows are a second value of
`Flow.type` with cookies and a real CSRF token, not another kind of object.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.kratos.identities import Json, now, timestamp

LIFESPAN = timedelta(minutes=10)

PASSWORD_POLICY = 4000005
WRONG_CREDENTIALS = 4000006
DUPLICATE_IDENTIFIER = 4000007
MISSING_PROPERTY = 4000002

TEXTS = {
    WRONG_CREDENTIALS: (
        "The provided credentials are invalid, check for spelling mistakes in your "
        "password or username, email address, or phone number."
    ),
    DUPLICATE_IDENTIFIER: (
        "An account with the same identifier (email, phone, username, ...) exists "
        "already."
    ),
}


@dataclass(slots=True)
class Flow:
    """One attempt to sign in or to register."""

    kind: str  # "login" or "registration"
    request_url: str
    type: str = "api"
    refresh: bool = False
    requested_aal: str = "aal1"
    issued_at: datetime = field(default_factory=now)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def expires_at(self) -> datetime:
        """Return the end of its life, in UTC."""
        return self.issued_at + LIFESPAN

    @property
    def is_expired(self) -> bool:
        """Return whether it may not be submitted any more."""
        return now() >= self.expires_at


def message(number: int, text: str = "", *, context: Json | None = None) -> Json:
    """Return a message as the forms carry it."""
    return {
        "id": number,
        "text": text or TEXTS[number],
        "type": "error",
        "context": context or {},
    }


def flow_body(
    flow: Flow,
    *,
    base_url: str,
    values: Json | None = None,
    form_messages: list[Json] | None = None,
    field_messages: dict[str, list[Json]] | None = None,
) -> Json:
    """Return the flow as the API shows it, with what was typed and its errors."""
    build = _login_nodes if flow.kind == "login" else _registration_nodes
    nodes = build(values or {})
    for node in nodes:
        name = node["attributes"]["name"]
        node["messages"] = (field_messages or {}).get(name, [])
    form: Json = {
        "action": f"{base_url}/self-service/{flow.kind}?flow={flow.id}",
        "method": "POST",
        "nodes": nodes,
    }
    if form_messages:
        form["messages"] = form_messages
    return {**_head(flow), "ui": form}


def _head(flow: Flow) -> Json:
    head: Json = {
        "id": flow.id,
        "type": flow.type,
        "expires_at": timestamp(flow.expires_at),
        "issued_at": timestamp(flow.issued_at),
        "request_url": flow.request_url,
        "organization_id": None,
        "state": "choose_method",
    }
    if flow.kind == "login":
        head |= {
            "created_at": timestamp(flow.issued_at),
            "updated_at": timestamp(flow.issued_at),
            "refresh": flow.refresh,
            "requested_aal": flow.requested_aal,
        }
    return head


def _login_nodes(values: Json) -> list[Json]:
    return [
        _csrf_node(),
        _input("identifier", "text", "default", label=(1070004, "ID"), value=values),
        _input(
            "password",
            "password",
            "password",
            label=(1070001, "Password"),
            autocomplete="current-password",
        ),
        _submit((1010001, "Sign in")),
    ]


def _registration_nodes(values: Json) -> list[Json]:
    return [
        _csrf_node(),
        _input(
            "traits.email",
            "email",
            "password",
            label=(1070002, "E-mail"),
            value=values,
            autocomplete="email",
        ),
        _input(
            "password",
            "password",
            "password",
            label=(1070001, "Password"),
            autocomplete="new-password",
        ),
        _optional("traits.name.first", "text", "First name", values),
        _optional("traits.name.last", "text", "Last name", values),
        _optional("traits.phone", "tel", "Phone", values),
        _submit((1040001, "Sign up")),
    ]


def _csrf_node() -> Json:
    # Kratos leaves the token of an API flow empty.
    return _node("default", {"name": "csrf_token", "type": "hidden", "value": ""})


def _submit(label: tuple[int, str]) -> Json:
    attributes = {"name": "method", "type": "submit", "value": "password"}
    return _node("password", attributes, label=label, required=False)


def _optional(name: str, kind: str, title: str, values: Json) -> Json:
    node = _input(name, kind, "password", label=(1070002, title), value=values)
    node["attributes"].pop("required")
    return node


def _input(
    name: str,
    kind: str,
    group: str,
    *,
    label: tuple[int, str],
    value: Json | None = None,
    autocomplete: str = "",
) -> Json:
    attributes: Json = {"name": name, "type": kind}
    if value and value.get(name):
        attributes["value"] = value[name]
    if autocomplete:
        attributes["autocomplete"] = autocomplete
    return _node(group, attributes, label=label)


def _node(
    group: str,
    attributes: Json,
    *,
    label: tuple[int, str] | None = None,
    required: bool = True,
) -> Json:
    extra: dict[str, Any] = {"disabled": False, "node_type": "input"}
    if required:
        extra["required"] = True
    meta: Json = {}
    if label:
        meta = {"label": {"id": label[0], "text": label[1], "type": "info"}}
    return {
        "type": "input",
        "group": group,
        "attributes": {**attributes, **extra},
        "messages": [],
        "meta": meta,
    }
