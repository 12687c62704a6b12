"""The courier: every mail is kept, none is sent.

The mails are written with the templates that production uses, in
deploy/kratos/courier-templates, of which only `{{ .Name }}` is understood.
"""

import re
import secrets
import uuid
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path

from karima.local import PROJECT
from sandbox.kratos.identities import Json, now, timestamp

TEMPLATES = PROJECT / "deploy" / "kratos" / "courier-templates"
PLACEHOLDER = re.compile(r"\{\{\s*\.(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as a person finds it. `code` is empty when it brings none."""

    kind: str  # "verification_code", "recovery_code", or one of them and "_invalid"
    to: str
    subject: str
    body: str
    html: str
    code: str
    sent_at: str
    id: str

    def to_json(self) -> Json:
        """Return everything, for the API and the state file."""
        return asdict(self)


def new_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(10**6):06}"


def code_mail(kind: str, to: str, *, code: str, url: str = "") -> Mail:
    """Return the mail that brings somebody a code; kind: "recovery" or so."""
    values = {
        "VerificationCode": code,
        "RecoveryCode": code,
        "VerificationURL": url,
        "To": to,
    }
    return _write(f"{kind}_code", "valid", to, values)


def unknown_address_mail(kind: str, to: str) -> Mail:
    """Return the mail to an address that no identity has."""
    return _write(f"{kind}_code", "invalid", to, {"To": to})


def _write(name: str, variant: str, to: str, values: dict[str, str]) -> Mail:
    folder = TEMPLATES / name / variant
    safe = {key: escape(value) for key, value in values.items()}
    return Mail(
        kind=name if variant == "valid" else f"{name}_{variant}",
        to=to,
        subject=_filled(folder / "email.subject.gotmpl", values).strip(),
        body=_filled(folder / "email.body.plaintext.gotmpl", values),
        html=_filled(folder / "email.body.gotmpl", safe),
        code=values.get("RecoveryCode", ""),
        sent_at=timestamp(now()),
        id=str(uuid.uuid4()),
    )


def _filled(path: Path, values: dict[str, str]) -> str:
    return PLACEHOLDER.sub(lambda match: values[match[1]], path.read_text("utf-8"))
