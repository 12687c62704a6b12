"""The parts of a page, made from the nodes of a Kratos form.

Pure: JSON in, dataclasses out. Whatever a node holds is text to be escaped; links and
pictures are kept only when they lead to our own hosts or carry their own bytes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from accounts.pages.texts import FIELDS, SUCCESSES, translate
from accounts.services import return_addresses

Json = Mapping[str, Any]
Tone = Literal["error", "info", "success"]

PARTS = "accounts/pages/parts"

# Labels that Kratos builds from the identity schema.
GENERATED_LABEL = 1070002
USED_CODE = 1050014

TEXT_TYPES = frozenset({"text", "email", "password", "tel", "number", "url", "date"})
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+")
UNSAFE_IN_ID = re.compile(r"[^A-Za-z0-9_-]+")

AUTOCOMPLETE = {
    "identifier": "username",
    "traits.email": "email",
    "traits.name.first": "given-name",
    "traits.name.last": "family-name",
    "traits.phone": "tel",
    "code": "one-time-code",
    "totp_code": "one-time-code",
    "lookup_secret": "off",
}
INPUT_MODES = {"code": "numeric", "totp_code": "numeric", "identifier": "email"}
HINTS = {
    "new-password": "Paling sedikit 8 karakter. Beberapa kata sekaligus pun baik.",
    "totp_code": "Enam angka yang tampil di aplikasi autentikator Anda.",
    "traits.phone": "Misalnya 0812-3456-7890.",
}
TAKING_AWAY = ("_unlink", "_disable", "_remove", "unlink")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A sentence of Kratos, translated."""

    text: str
    tone: Tone = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A value that goes back as it came, the anti-CSRF token above all."""

    template: ClassVar[str] = f"{PARTS}/hidden.html"
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A field to fill in, or to tick, or to choose from when it has options."""

    template: ClassVar[str] = f"{PARTS}/input.html"
    id: str
    name: str
    type: str
    label: str
    value: str = ""
    autocomplete: str = ""
    input_mode: str = ""
    pattern: str = ""
    max_length: str = ""
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    messages: tuple[Message, ...] = ()
    is_required: bool = False
    is_disabled: bool = False
    is_checked: bool = False

    @property
    def has_error(self) -> bool:
        return any(message.tone == "error" for message in self.messages)

    @property
    def described_by(self) -> str:
        """Return the ids of what a screen reader says after the label."""
        ids = [f"{self.id}-hint"] if self.hint else []
        return " ".join(ids + ([f"{self.id}-messages"] if self.messages else []))


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button that sends the form. `is_removal`: it takes something away."""

    template: ClassVar[str] = f"{PARTS}/button.html"
    name: str
    value: str
    label: str
    is_disabled: bool = False
    is_removal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Something to read, such as the secret of an authenticator app."""

    template: ClassVar[str] = f"{PARTS}/text.html"
    id: str
    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """Recovery codes; one that was used shows no more."""

    template: ClassVar[str] = f"{PARTS}/codes.html"
    id: str
    label: str
    codes: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture that carries its own bytes."""

    template: ClassVar[str] = f"{PARTS}/picture.html"
    id: str
    label: str
    source: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link to one of our own hosts."""

    template: ClassVar[str] = f"{PARTS}/link.html"
    label: str
    address: str


Part = Hidden | Input | Button | Text | Codes | Picture | Link


def part_of(node: Json, *, prefix: str = "") -> Part | None:
    """Return the part that a node becomes, or None for what cannot be shown.

    Scripts, and buttons that only a script can serve, are such. `prefix` keeps ids
    apart when two forms have a field of one name.
    """
    attributes = _mapping(node.get("attributes"))
    kind = node.get("type") or attributes.get("node_type")
    if kind == "input":
        return _from_input(node, attributes, prefix)
    if kind == "text":
        return _from_text(node, attributes)
    if kind == "img":
        return _from_image(node, attributes)
    return _from_anchor(attributes) if kind == "a" else None


def messages_of(holder: Json) -> tuple[Message, ...]:
    """Return the messages of a node, or of the whole form, that say anything."""
    given = holder.get("messages")
    rows = [_mapping(row) for row in given] if isinstance(given, list) else []
    made = (Message(text=translate(row), tone=_tone(row)) for row in rows)
    return tuple(message for message in made if message.text)


def _tone(message: Json) -> Tone:
    if message.get("id") in SUCCESSES or message.get("type") == "success":
        return "success"
    return "error" if message.get("type") == "error" else "info"


def _from_input(node: Json, attributes: Json, prefix: str) -> Part | None:
    kind, name = attributes.get("type"), _text(attributes.get("name"))
    if kind == "hidden":
        return Hidden(name=name, value=_value(attributes))
    if kind == "submit":
        return _button(node, attributes, name)
    if kind == "button" or not name:
        return None
    return _field(node, attributes, prefix)


def _button(node: Json, attributes: Json, name: str) -> Button:
    return Button(
        name=name,
        value=_value(attributes),
        label=_label(node, name) or "Lanjutkan",
        is_disabled=attributes.get("disabled") is True,
        is_removal=name.endswith(TAKING_AWAY),
    )


def _field(node: Json, attributes: Json, prefix: str) -> Input:
    name, type_ = str(attributes["name"]), _input_type(attributes)
    autocomplete = _text(attributes.get("autocomplete")) or AUTOCOMPLETE.get(name, "")
    return Input(
        id=_id(f"{prefix}{name}"),
        name=name,
        type=type_,
        label=_label(node, name) or name,
        value="" if type_ == "password" else _value(attributes),
        autocomplete=autocomplete,
        input_mode=INPUT_MODES.get(name, ""),
        pattern=_text(attributes.get("pattern")),
        max_length=_positive(attributes.get("maxlength")),
        hint=_hint(name, autocomplete),
        options=_options(attributes.get("options")),
        messages=messages_of(node),
        is_required=attributes.get("required") is True,
        is_disabled=attributes.get("disabled") is True,
        is_checked=attributes.get("value") is True,
    )


def _input_type(attributes: Json) -> str:
    type_ = attributes.get("type")
    if type_ == "checkbox":
        return "checkbox"
    if type_ == "datetime-local":
        return "datetime-local"
    # A stray text trait that holds a phone number deserves the phone's keyboard.
    if attributes.get("name") == "traits.phone":
        return "tel"
    return str(type_) if type_ in TEXT_TYPES else "text"


def _hint(name: str, autocomplete: str) -> str:
    return HINTS.get(autocomplete) or HINTS.get(name, "")


def _options(given: object) -> tuple[tuple[str, str], ...]:
    rows = [_mapping(row) for row in given] if isinstance(given, list) else []
    return tuple(
        (_value(row), translate(_mapping(row.get("label"))) or _value(row))
        for row in rows
    )


def _from_text(node: Json, attributes: Json) -> Text | Codes:
    shown = _mapping(attributes.get("text"))
    identifier = _id(_text(attributes.get("id")) or "text")
    label = _label(node, "")
    secrets = _mapping(shown.get("context")).get("secrets")
    if isinstance(secrets, list):
        codes = tuple(_code(_mapping(secret)) for secret in secrets)
        return Codes(id=identifier, label=label, codes=codes)
    if identifier == "totp_secret_key":
        label = "Kunci rahasia, bila kode QR tidak dapat dipindai"
    return Text(id=identifier, label=label, text=translate(shown))


def _code(secret: Json) -> tuple[str, bool]:
    return translate(secret), secret.get("id") == USED_CODE


def _from_image(node: Json, attributes: Json) -> Picture | None:
    source = _text(attributes.get("src"))
    if not PICTURE.fullmatch(source):
        return None
    return Picture(
        id=_id(_text(attributes.get("id")) or "picture"),
        label=_label(node, "") or "Gambar",
        source=source,
        width=_size(attributes.get("width")),
        height=_size(attributes.get("height")),
    )


def _from_anchor(attributes: Json) -> Link | None:
    address = return_addresses.allowed(_text(attributes.get("href")))
    label = translate(_mapping(attributes.get("title"))) or "Lanjutkan"
    return Link(label=label, address=address) if address else None


def _label(node: Json, name: str) -> str:
    label = _mapping(_mapping(node.get("meta")).get("label"))
    if name in FIELDS and label.get("id") in {GENERATED_LABEL, None}:
        return FIELDS[name]
    return translate(label)


def _mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _value(attributes: Json) -> str:
    value = attributes.get("value")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def _positive(value: object) -> str:
    return str(value) if isinstance(value, int) and value > 0 else ""


def _size(value: object) -> int:
    return min(max(value, 1), 512) if isinstance(value, int) else 256


def _id(name: str) -> str:
    return UNSAFE_IN_ID.sub("-", name)


def has_error(parts: Sequence[Part]) -> bool:
    """Tell whether a field among the parts has an error."""
    return any(isinstance(part, Input) and part.has_error for part in parts)
