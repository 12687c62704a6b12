"""The form on which people change their profile, their password and second factors."""

from datetime import datetime

from sandbox.kratos import nodes, totp
from sandbox.kratos.flows import Flow
from sandbox.kratos.identities import Identity, Json
from sandbox.kratos.messages import label
from sandbox.kratos.traits import flat, trait_nodes

SAVE = label(1070003, "Save")
LOOKUP = "lookup_secret"
REGENERATE = label(1050008, "Generate new backup recovery codes")
CODES_LABEL = label(
    1050010, "These are your back up recovery codes. Please keep them in a safe place!"
)
SECRET_LABEL = label(
    1050017,
    "This is your authenticator app secret. Use it if you can not scan the QR code.",
)


def settings_nodes(flow: Flow, identity: Identity) -> list[Json]:
    """Return what this person may change, in Kratos's order of groups."""
    return [
        *_profile(flow, identity),
        *_password(),
        *_lookup(flow, identity),
        *_totp(flow, identity),
    ]


def _profile(flow: Flow, identity: Identity) -> list[Json]:
    values = flow.values or flat(identity.traits)
    submit = nodes.button("profile", "method", "profile", label=SAVE)
    return [*trait_nodes("profile", values), submit]


def _password() -> list[Json]:
    title = label(1070001, "Password")
    return [
        nodes.field(
            "password",
            "password",
            "password",
            label=title,
            required=True,
            autocomplete="new-password",
        ),
        nodes.button("password", "method", "password", label=SAVE),
    ]


def _totp(flow: Flow, identity: Identity) -> list[Json]:
    if identity.totp_secret:
        title = label(1050004, "Unlink TOTP Authenticator App")
        return [nodes.button("totp", "totp_unlink", "true", label=title)]
    secret = flow.totp_secret
    picture = totp.picture(secret, identity.email)
    shown = label(1050006, secret, context={"secret": secret})
    return [
        nodes.image(
            "totp",
            "totp_qr",
            picture,
            label=label(1050005, "Authenticator app QR code"),
            size=totp.QR_PIXELS,
        ),
        nodes.text("totp", "totp_secret_key", shown, label=SECRET_LABEL),
        nodes.field(
            "totp",
            "totp_code",
            "text",
            label=label(1070006, "Verify code"),
            required=True,
        ),
        nodes.button("totp", "method", "totp", label=SAVE),
    ]


def _lookup(flow: Flow, identity: Identity) -> list[Json]:
    if flow.new_lookup_codes:
        fresh = [{"code": code} for code in flow.new_lookup_codes]
        confirm = label(1050011, "Confirm backup recovery codes")
        return [_codes(fresh), _switch("confirm", confirm)]
    if not identity.lookup_codes:
        return [_switch("regenerate", REGENERATE)]
    disable = _switch("disable", label(1050016, "Disable this method"))
    if flow.lookup_revealed:
        return [
            _codes(identity.lookup_codes),
            disable,
            _switch("regenerate", REGENERATE),
        ]
    reveal = label(1050007, "Reveal backup recovery codes")
    return [_switch("reveal", reveal), disable]


def _switch(action: str, title: Json) -> Json:
    return nodes.button(LOOKUP, f"{LOOKUP}_{action}", "true", label=title)


def _codes(codes: list[Json]) -> Json:
    secrets = [_shown(code) for code in codes]
    plain = ["used" if code.get("used_at") else code["code"] for code in codes]
    content = label(1050015, ", ".join(plain), context={"secrets": secrets})
    return nodes.text(LOOKUP, f"{LOOKUP}_codes", content, label=CODES_LABEL)


def _shown(code: Json) -> Json:
    used_at = code.get("used_at")
    if not used_at:
        return label(1050009, code["code"], context={"secret": code["code"]})
    moment = datetime.fromisoformat(used_at)
    context = {"used_at": used_at, "used_at_unix": int(moment.timestamp())}
    text = f"Secret was used at {moment:%Y-%m-%d %H:%M:%S +0000 UTC}"
    return label(1050014, text, context=context)
