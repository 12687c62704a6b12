"""Kratos flows as documents, small enough to see what a test is about."""

from typing import Any

from accounts.pages.forms import Kind

Json = dict[str, Any]

FLOW_ID = "0f4a6a34-6c0e-4a3e-9d2c-6a0a3c1d9b11"
CSRF = "c2VjcmV0LXRva2VuLW9mLXRoaXMtZmxvdw=="


def message(number: int, text: str = "", *, kind: str = "info", **context: Any) -> Json:
    """Return a message; `kind` is Kratos's type: info, error or success."""
    return {"id": number, "text": text, "type": kind, "context": context}


def node(
    group: str,
    attributes: Json,
    *,
    label: Json | None = None,
    messages: list[Json] | None = None,
    kind: str = "input",
) -> Json:
    """Return a node of the form."""
    return {
        "type": kind,
        "group": group,
        "attributes": {**attributes, "node_type": kind},
        "messages": messages or [],
        "meta": {"label": label} if label else {},
    }


def field(
    name: str,
    *,
    group: str = "default",
    type: str = "text",
    label: Json | None = None,
    messages: list[Json] | None = None,
    **attributes: Any,
) -> Json:
    """Return an input of the form."""
    given = {"name": name, "type": type, "disabled": False, **attributes}
    return node(group, given, label=label, messages=messages)


def csrf() -> Json:
    """Return the hidden token that every flow of a browser has."""
    return field("csrf_token", type="hidden", value=CSRF, required=True)


def submit(group: str, label: Json, *, name: str = "method", value: str = "") -> Json:
    """Return a button of the form."""
    return field(name, group=group, type="submit", value=value or group, label=label)


def login_nodes() -> list[Json]:
    """Return the form of v1.1.0 with an e-mail and a password."""
    return [
        csrf(),
        field("identifier", required=True, label=message(1070004, "ID")),
        field(
            "password",
            group="password",
            type="password",
            required=True,
            autocomplete="current-password",
            label=message(1070001, "Password"),
        ),
        submit("password", message(1010001, "Sign in")),
    ]


def flow(nodes: list[Json], *, messages: list[Json] | None = None, **more: Any) -> Json:
    """Return a flow whose form has these nodes."""
    action = f"http://127.0.0.1:4433/self-service/login?flow={FLOW_ID}"
    ui = {"action": action, "method": "POST", "nodes": nodes}
    if messages:
        ui["messages"] = messages
    return {"id": FLOW_ID, "type": "browser", "state": "choose_method", "ui": ui} | more


KINDS: tuple[Kind, ...] = (
    "login",
    "registration",
    "recovery",
    "verification",
    "settings",
)


def registration_nodes(**errors: Json) -> list[Json]:
    """Return the form of v1.1.0; `errors` are messages by the last part of a name."""

    def of(name: str) -> list[Json]:
        return [errors[name]] if name in errors else []

    def trait(name: str, title: str, **more: Any) -> Json:
        label = message(1070002, title, title=title)
        last = name.rpartition(".")[2]
        return field(name, group="password", label=label, messages=of(last), **more)

    return [
        csrf(),
        trait("traits.email", "E-mail", type="email", required=True, value="a@b.id"),
        field(
            "password",
            group="password",
            type="password",
            required=True,
            autocomplete="new-password",
            label=message(1070001, "Password"),
            messages=of("password"),
        ),
        trait("traits.name.first", "First name"),
        trait("traits.name.last", "Last name"),
        trait("traits.phone", "Phone", type="tel"),
        submit("password", message(1040001, "Sign up")),
    ]


def code_nodes(number: int = 1070011) -> list[Json]:
    """Return the form that asks for a mailed code."""
    return [
        csrf(),
        field("method", group="code", type="hidden", value="code"),
        field("code", group="code", required=True, label=message(number, "Code")),
        submit("code", message(1070005, "Submit")),
        submit("code", message(1070008, "Resend code"), name="email", value="a@b.id"),
    ]


def second_factor_nodes() -> list[Json]:
    """Return the form of a sign-in with an app's code or a recovery code."""
    return [
        csrf(),
        field(
            "totp_code", group="totp", required=True,
            label=message(1010006, "Authentication code"),
        ),
        submit("totp", message(1010009, "Use Authenticator")),
        field(
            "lookup_secret", group="lookup_secret", required=True,
            label=message(1010007, "Backup recovery code"),
        ),
        submit("lookup_secret", message(1010010, "Use backup recovery code")),
    ]  # fmt: skip


def picture(source: str) -> Json:
    """Return the QR code of an authenticator app."""
    attributes = {"id": "totp_qr", "src": source, "width": 256, "height": 256}
    label = message(1050005, "Authenticator app QR code")
    return node("totp", attributes, label=label, kind="img")


def enrolment_nodes(source: str = "data:image/png;base64,iVBORw0KGgo=") -> list[Json]:
    """Return the section of the settings that sets up an authenticator app."""
    secret = message(1050006, "JBSWY3DPEHPK3PXP", secret="JBSWY3DPEHPK3PXP")
    return [
        picture(source),
        node(
            "totp", {"id": "totp_secret_key", "text": secret}, kind="text",
            label=message(1050017, "This is your authenticator app secret."),
        ),
        field(
            "totp_code", group="totp", required=True,
            label=message(1070006, "Verify code"),
        ),
        submit("totp", message(1070003, "Save")),
    ]  # fmt: skip


def recovery_codes() -> Json:
    """Return twelve recovery codes, of which the second was used."""
    rows = [message(1050009, f"code{n:02}", secret=f"code{n:02}") for n in range(12)]
    rows[1] = message(1050014, "Secret was used at ...", used_at="2026-01-05T01:00:00Z")
    text = message(1050015, "code00, used, ...", secrets=rows)
    attributes = {"id": "lookup_secret_codes", "text": text}
    label = message(1050010, "These are your back up recovery codes.")
    return node("lookup_secret", attributes, label=label, kind="text")


def settings_nodes() -> list[Json]:
    """Return the settings with everything on them."""
    email = message(1070002, "E-mail", title="E-mail")
    return [
        csrf(),
        field(
            "traits.email", group="profile", type="email", required=True,
            value="aisyah@karima.example", label=email,
        ),
        submit("profile", message(1070003, "Save")),
        field(
            "password", group="password", type="password", required=True,
            autocomplete="new-password", label=message(1070001, "Password"),
        ),
        submit("password", message(1070003, "Save")),
        *enrolment_nodes(),
        recovery_codes(),
        submit(
            "lookup_secret", message(1050011, "Confirm"),
            name="lookup_secret_confirm", value="true",
        ),
    ]  # fmt: skip
