"""The forms of a flow: which nodes Kratos shows to whom, in which state.

Order and labels are those of v1.1.0; where v26.2.0 differs, the settings decide.
"""

from collections.abc import Callable

from sandbox.kratos import nodes
from sandbox.kratos.flows import PASSED, SENT_EMAIL, Flow, head
from sandbox.kratos.identities import Identity, Json, public_body
from sandbox.kratos.messages import label
from sandbox.kratos.settings import BrowserSettings
from sandbox.kratos.settings_form import settings_nodes
from sandbox.kratos.store import Store
from sandbox.kratos.traits import trait_nodes

PASSWORD = label(1070001, "Password")
SIGN_UP = label(1040001, "Sign up")
CONTINUE = label(1070009, "Continue")
SUBMIT = label(1070005, "Submit")

Build = Callable[[BrowserSettings, Flow, Identity | None], list[Json]]


def flow_body(store: Store, flow: Flow) -> Json:
    """Return the flow as the API shows it, with what was typed and its errors."""
    identity = store.identities.get(flow.identity_id)
    form: Json = {
        "action": f"{store.base_url}/self-service/{flow.kind}?flow={flow.id}",
        "method": "POST",
        "nodes": _nodes(store, flow, identity),
    }
    if flow.kind == "verification" and flow.state == PASSED:
        form |= {"action": _after_verification(store, flow), "method": "GET"}
    if flow.messages:
        form["messages"] = flow.messages
    body = {**head(flow), "ui": form}
    if flow.kind == "settings" and identity:
        body["identity"] = public_body(identity, base_url=store.base_url)
    return body


def _nodes(store: Store, flow: Flow, identity: Identity | None) -> list[Json]:
    if flow.kind == "verification" and flow.state == PASSED:
        href = _after_verification(store, flow)
        shown = [nodes.anchor("code", "continue", href, label=CONTINUE)]
    else:
        shown = FORMS[flow.kind](store.settings, flow, identity)
    shown.insert(0, nodes.csrf(flow.csrf_token))
    for node in shown:
        name = node["attributes"].get("name", "")
        if node["attributes"].get("type") not in ("submit", "hidden"):
            node["messages"] = flow.field_messages.get(name, [])
    return shown


def _after_verification(store: Store, flow: Flow) -> str:
    return flow.return_to or store.settings.default_return_url


def _login(
    settings: BrowserSettings, flow: Flow, identity: Identity | None
) -> list[Json]:
    if flow.requested_aal == "aal2":
        return _second_factor(identity)
    sign_in = (
        label(1010001, "Sign in")
        if settings.is_v1
        else label(1010022, "Sign in with password")
    )
    return [
        _identifier(settings, flow, identity),
        nodes.field(
            "password",
            "password",
            "password",
            label=PASSWORD,
            required=True,
            autocomplete="current-password",
        ),
        nodes.button("password", "method", "password", label=sign_in),
    ]


def _identifier(
    settings: BrowserSettings, flow: Flow, identity: Identity | None
) -> Json:
    if flow.refresh and identity:
        return nodes.hidden("default", "identifier", identity.email)
    if settings.is_v1:
        title = label(1070004, "ID")
    else:
        context = {"name": "traits.email", "title": "E-mail"}
        title = label(1070002, "E-mail", context=context)
    typed = flow.values.get("identifier", "")
    node = nodes.field(
        "default", "identifier", "text", label=title, value=typed, required=True
    )
    if not settings.is_v1:
        node["attributes"]["autocomplete"] = "username webauthn"
    return node


def _second_factor(identity: Identity | None) -> list[Json]:
    shown = []
    if identity and identity.totp_secret:
        code = label(1010006, "Authentication code")
        use = label(1010009, "Use Authenticator")
        shown += [
            nodes.field(
                "totp", "totp_code", "text", label=code, value="", required=True
            ),
            nodes.button("totp", "method", "totp", label=use),
        ]
    if identity and identity.lookup_codes:
        backup = label(1010007, "Backup recovery code")
        use = label(1010010, "Use backup recovery code")
        shown += [
            nodes.field(
                "lookup_secret",
                "lookup_secret",
                "text",
                label=backup,
                value="",
                required=True,
            ),
            nodes.button("lookup_secret", "method", "lookup_secret", label=use),
        ]
    return shown


def _registration(
    settings: BrowserSettings, flow: Flow, identity: Identity | None
) -> list[Json]:
    two_steps = flow.is_browser and not settings.is_v1
    if two_steps and not flow.values.get("profile_given"):
        submit = nodes.button("profile", "method", "profile", label=SIGN_UP)
        return [*trait_nodes("default", flow.values), submit]
    new_password = nodes.field(
        "password",
        "password",
        "password",
        label=PASSWORD,
        required=True,
        autocomplete="new-password",
    )
    submit = nodes.button("password", "method", "password", label=SIGN_UP)
    if not two_steps:
        email, *others = trait_nodes("password", flow.values)
        return [email, new_password, *others, submit]
    traits = trait_nodes("default", flow.values)
    back = label(1040008, "Back")
    return [
        *(_hide(node) for node in traits),
        new_password,
        submit,
        nodes.button("profile", "screen", "previous", label=back),
    ]


def _hide(node: Json) -> Json:
    given = node["attributes"]
    return nodes.hidden(node["group"], given["name"], given.get("value", ""))


def _recovery(
    settings: BrowserSettings, flow: Flow, identity: Identity | None
) -> list[Json]:
    return _by_code(settings, flow, label(1070010, "Recovery code"))


def _verification(
    settings: BrowserSettings, flow: Flow, identity: Identity | None
) -> list[Json]:
    return _by_code(settings, flow, label(1070011, "Verification code"))


def _by_code(settings: BrowserSettings, flow: Flow, title: Json) -> list[Json]:
    send = SUBMIT if settings.is_v1 else CONTINUE
    submit = nodes.button("code", "method", "code", label=send)
    if flow.state != SENT_EMAIL:
        return [_email(flow), submit]
    digits: Json = {} if settings.is_v1 else {"pattern": "[0-9]+", "maxlength": 6}
    typed = flow.values.get("code")
    code = nodes.field(
        "code", "code", "text", label=title, value=typed, required=True, **digits
    )
    shown = [code, nodes.hidden("code", "method", "code"), submit]
    if flow.address:
        again = label(1070008, "Resend code")
        shown.append(nodes.button("code", "email", flow.address, label=again))
    return shown


def _email(flow: Flow) -> Json:
    title = label(1070007, "Email")
    typed = flow.values.get("email")
    return nodes.field(
        "code", "email", "email", label=title, value=typed, required=True
    )


def _settings(
    settings: BrowserSettings, flow: Flow, identity: Identity | None
) -> list[Json]:
    return settings_nodes(flow, identity) if identity else []


FORMS: dict[str, Build] = {
    "login": _login,
    "registration": _registration,
    "recovery": _recovery,
    "verification": _verification,
    "settings": _settings,
}
