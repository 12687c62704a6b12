"""A whole page, made from a Kratos flow: its title, its forms and what went wrong.

Kratos answers one list of nodes for every way to sign in. Without a script one HTML
form cannot serve several ways, since a browser insists on every required field; so
each way gets a form of its own, unless the ways share a field that people fill in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from accounts.pages.nodes import (
    Button,
    Codes,
    Hidden,
    Input,
    Message,
    Part,
    Picture,
    has_error,
    messages_of,
    part_of,
)
from accounts.services import return_addresses

Json = Mapping[str, Any]
Kind = Literal["login", "registration", "recovery", "verification", "settings"]

TITLES: dict[Kind, str] = {
    "login": "Masuk",
    "registration": "Daftar",
    "recovery": "Pulihkan akun",
    "verification": "Verifikasi alamat e-mail",
    "settings": "Pengaturan akun",
}
INTROS: dict[Kind, str] = {
    "login": "Selamat datang kembali. Silakan masuk ke akun Anda.",
    "registration": "Buat akun untuk berbelanja lebih cepat dan melacak pesanan Anda.",
    "recovery": "Tuliskan alamat e-mail akun Anda. Kami akan mengirim kode ke sana.",
    "verification": "Dengan alamat yang terverifikasi, kabar pesanan pasti sampai.",
    "settings": "",
}
CODE_INTRO = "Masukkan kode yang kami kirim ke e-mail Anda."
REAUTHENTICATION = "Konfirmasi identitas"
SECOND_FACTOR = "Verifikasi dua langkah"

SECTIONS = {
    "profile": ("Profil", "Nama dan alamat yang kami pakai untuk menghubungi Anda."),
    "password": (
        "Ganti kata sandi",
        "Pilih kata sandi baru yang tidak Anda pakai di tempat lain.",
    ),
    "totp": (
        "Verifikasi dua langkah",
        "Selain kata sandi, kami meminta kode dari aplikasi autentikator di ponsel "
        "Anda. Orang yang menebak kata sandi Anda tetap tidak dapat masuk.",
    ),
    "lookup_secret": (
        "Kode pemulihan",
        "Kode sekali pakai untuk masuk ketika ponsel Anda hilang. Cetak, atau simpan "
        "di tempat yang aman.",
    ),
    "oidc": ("Akun yang terhubung", ""),
    "saml": ("Akun yang terhubung", ""),
    "code": ("Kode lewat e-mail", ""),
}
OTHER_SECTION = ("Cara masuk lain", "")

PERSON = frozenset({"identifier", "traits.email"})

# Ways to sign in that need a script, which these pages do not have.
SCRIPTED = frozenset({"webauthn", "passkey"})
SCRIPTED_NOTE = (
    "Kunci keamanan dan passkey belum dapat dipakai di halaman ini. Silakan gunakan "
    "cara lain."
)
# Hidden values of these groups belong to the person, not to one way to sign in.
SHARED = frozenset({"default", "identifier_first", "profile"})
ORDER = ("default", "identifier_first", "profile", "password", "code", "totp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One HTML form. In the settings it is a section with a heading."""

    id: str
    parts: tuple[Part, ...]
    heading: str = ""
    intro: str = ""
    primary: Button | None = None

    @property
    def is_enrolling(self) -> bool:
        """Tell whether the form shows a picture to be scanned."""
        return any(isinstance(part, Picture) for part in self.parts)

    @property
    def codes(self) -> str:
        """Return the id of the recovery codes in it, or an empty text."""
        return next((part.id for part in self.parts if isinstance(part, Codes)), "")

    @property
    def has_nameless_password(self) -> bool:
        """Tell whether a password manager has to be told whose password it is."""
        fields = [part for part in self.parts if isinstance(part, Input)]
        names = {part.name for part in fields}
        return not names & PERSON and any(part.type == "password" for part in fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A line of the summary of errors; `field` is the id it leads to."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that the template shows."""

    kind: Kind
    title: str
    intro: str
    action: str
    forms: tuple[Form, ...]
    messages: tuple[Message, ...]
    troubles: tuple[Trouble, ...]
    focus: str
    person: str
    return_to: str
    unverified: str

    @property
    def outcome(self) -> str:
        """Return how the page's title begins, so that it is heard first."""
        if self.troubles:
            return "Kesalahan: "
        is_done = any(message.tone == "success" for message in self.messages)
        return "Berhasil: " if is_done else ""

    @property
    def is_step_up(self) -> bool:
        """Tell whether somebody who is signed in proves once more who they are."""
        return self.title in {REAUTHENTICATION, SECOND_FACTOR}


def page_of(kind: Kind, document: Json, *, action: str) -> Page:
    """Return the page of a flow whose form goes to `action`, whatever the flow says."""
    form = _mapping(document.get("ui"))
    nodes = [_mapping(node) for node in _list(form.get("nodes"))]
    forms = _forms(kind, nodes)
    messages = messages_of(form) + _scripted_note(kind, nodes)
    fields = [part for one in forms for part in one.parts if isinstance(part, Input)]
    return Page(
        kind=kind,
        title=_title(kind, document),
        intro=_intro(kind, document),
        action=action,
        forms=forms,
        messages=tuple(message for message in messages if message.tone != "error"),
        troubles=_troubles(messages, fields),
        focus=_focus(kind, fields),
        person=_person(forms, document),
        return_to=return_addresses.allowed(str(document.get("return_to") or "")),
        unverified=_unverified(kind, document),
    )


def _title(kind: Kind, document: Json) -> str:
    if kind == "login" and document.get("requested_aal") == "aal2":
        return SECOND_FACTOR
    if kind == "login" and document.get("refresh") is True:
        return REAUTHENTICATION
    return TITLES[kind]


def _intro(kind: Kind, document: Json) -> str:
    if document.get("state") == "sent_email":
        return CODE_INTRO
    if document.get("state") == "passed_challenge":
        return ""
    return "" if _title(kind, document) != TITLES[kind] else INTROS[kind]


def _forms(kind: Kind, nodes: Sequence[Json]) -> tuple[Form, ...]:
    groups: dict[str, list[Json]] = {}
    for node in nodes:
        if _is_usable(node):
            groups.setdefault(str(node.get("group") or "default"), []).append(node)
    ordered = sorted(groups, key=_rank)
    if kind != "settings" and _has_field(groups.get("default", [])):
        return (_form("form", _parts(n for name in ordered for n in groups[name])),)
    shared = _shared_values(groups)
    is_alone = len(groups.keys() - {"default"}) == 1
    made = (
        _section(
            name,
            _parts(groups[name], prefix="" if is_alone else f"{name}-"),
            shared,
            kind,
        )
        for name in ordered
    )
    return tuple(sorted(filter(_is_worth_showing, made), key=_is_way_back))


def _rank(group: str) -> int:
    return ORDER.index(group) if group in ORDER else len(ORDER)


def _is_usable(node: Json) -> bool:
    """Leave out what only a script can serve; a key may still be taken away."""
    if node.get("group") not in SCRIPTED:
        return True
    return str(_mapping(node.get("attributes")).get("name")).endswith("_remove")


def _has_field(nodes: Sequence[Json]) -> bool:
    return any(isinstance(part_of(node), Input) for node in nodes)


def _parts(nodes: Iterable[Json], *, prefix: str = "") -> tuple[Part, ...]:
    made = (part_of(node, prefix=prefix) for node in nodes)
    return tuple(part for part in made if part is not None)


def _shared_values(groups: Mapping[str, Sequence[Json]]) -> tuple[Hidden, ...]:
    parts = (part for name in groups if name in SHARED for part in _parts(groups[name]))
    return tuple(part for part in parts if isinstance(part, Hidden))


def _section(
    name: str, own: tuple[Part, ...], shared: tuple[Hidden, ...], kind: Kind
) -> Form:
    form = _form(name, tuple(dict.fromkeys((*shared, *own))))
    if kind != "settings":
        return form
    heading, intro = SECTIONS.get(name, OTHER_SECTION)
    return replace(form, heading=heading, intro=intro)


def _form(name: str, parts: tuple[Part, ...]) -> Form:
    """Return the form with its buttons at the end, the one of its purpose first."""
    buttons = [part for part in parts if isinstance(part, Button)]
    buttons.sort(key=_is_side_door)
    own = [button for button in buttons if not _is_side_door(button)]
    fields = [part for part in parts if not isinstance(part, Button)]
    return Form(id=name, parts=(*fields, *buttons), primary=own[0] if own else None)


def _is_side_door(button: Button) -> bool:
    """Tell a way back, a second sending or a removal from the form's purpose."""
    return button.is_removal or button.name in {"screen", "resend", "email"}


def _is_worth_showing(form: Form) -> bool:
    return any(not isinstance(part, Hidden) for part in form.parts)


def _is_way_back(form: Form) -> bool:
    """Tell whether the form only leads to the step before, so that it comes last."""
    buttons = [part for part in form.parts if isinstance(part, Button)]
    return [button.name for button in buttons] == ["screen"]


def _scripted_note(kind: Kind, nodes: Sequence[Json]) -> tuple[Message, ...]:
    groups = {node.get("group") for node in nodes}
    is_wanted = kind in {"login", "settings"} and groups & SCRIPTED
    return (Message(text=SCRIPTED_NOTE),) if is_wanted else ()


def _troubles(
    messages: Sequence[Message], fields: Sequence[Input]
) -> tuple[Trouble, ...]:
    general = [Trouble(text=m.text) for m in messages if m.tone == "error"]
    beside = [
        Trouble(text=f"{field.label}: {message.text}", field=field.id)
        for field in fields
        for message in field.messages
        if message.tone == "error"
    ]
    return (*general, *beside)


def _focus(kind: Kind, fields: Sequence[Input]) -> str:
    """Return the id to start at: the first error, else the first empty field.

    The settings have several forms, and nobody knows which one is wanted.
    """
    wrong = next((field.id for field in fields if has_error([field])), "")
    if wrong or kind == "settings":
        return wrong
    empty = (f.id for f in fields if not f.value and f.type != "checkbox")
    return next(empty, "")


def _person(forms: Sequence[Form], document: Json) -> str:
    """Return whose account it is, where the form does not ask for it.

    The settings name the identity; elsewhere Kratos hides the name in the form, once
    it knows.
    """
    traits = _mapping(_mapping(document.get("identity")).get("traits"))
    hidden = (p for form in forms for p in form.parts if isinstance(p, Hidden))
    names = (part.value for part in hidden if part.name in PERSON)
    return next(names, "") or str(traits.get("email") or "")


def _unverified(kind: Kind, document: Json) -> str:
    """Return the e-mail address that waits to be verified, on the settings page."""
    if kind != "settings":
        return ""
    identity = _mapping(document.get("identity"))
    rows = [_mapping(row) for row in _list(identity.get("verifiable_addresses"))]
    waiting = (row for row in rows if row.get("verified") is False)
    return next((str(row.get("value", "")) for row in waiting), "")


def _mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()
