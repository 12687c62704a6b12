"""What a customer may tell Kratos about themselves: fields, reading and checking.

It follows deploy/kratos/identity.customer.schema.json.
"""

import re
from dataclasses import dataclass

from sandbox.kratos import nodes
from sandbox.kratos.identities import Json
from sandbox.kratos.messages import (
    NOT_AN_EMAIL,
    TOO_LONG,
    generic,
    label,
    message,
    missing,
)
from sandbox.kratos.settings import BrowserSettings

EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
ROOTS = {"email", "name", "phone"}


@dataclass(frozen=True, slots=True)
class Trait:
    """One field: its name in a form, its type there, its title and longest value."""

    name: str
    kind: str
    title: str
    longest: int
    autocomplete: str = ""


FIELDS = (
    Trait("traits.email", "email", "E-mail", 254, "email"),
    Trait("traits.name.first", "text", "First name", 100),
    Trait("traits.name.last", "text", "Last name", 100),
    Trait("traits.phone", "tel", "Phone", 20),
)


def trait_nodes(group: str, values: Json) -> list[Json]:
    """Return the fields, filled with these values by name."""
    return [_node(group, trait, values.get(trait.name)) for trait in FIELDS]


def _node(group: str, trait: Trait, value: object) -> Json:
    extra: Json = {"required": True} if trait.name == "traits.email" else {}
    if trait.autocomplete:
        extra["autocomplete"] = trait.autocomplete
    title = label(1070002, trait.title, context={"title": trait.title})
    return nodes.field(
        group, trait.name, trait.kind, label=title, value=value or None, **extra
    )


def flat(traits: Json) -> Json:
    """Return traits by the names of their fields."""
    values: Json = {}
    for name, value in traits.items():
        if isinstance(value, dict):
            values |= {f"traits.{name}.{part}": item for part, item in value.items()}
        else:
            values[f"traits.{name}"] = value
    return values


def nested(values: Json) -> Json:
    """Return the traits of a form. Empty fields count as left out."""
    traits: Json = {}
    for name, value in values.items():
        _, _, path = name.partition("traits.")
        if name.startswith("traits.") and value != "":
            root, _, part = path.partition(".")
            if part:
                traits.setdefault(root, {})[part] = value
            else:
                traits[root] = value
    return traits


def trait_errors(traits: Json, settings: BrowserSettings) -> dict[str, list[Json]]:
    """Return what is wrong with traits, by the names of their fields."""
    values = flat(traits)
    errors: dict[str, list[Json]] = {}
    email = values.get("traits.email")
    if not email:
        errors["traits.email"] = [missing("email")]
    elif not isinstance(email, str) or not EMAIL.fullmatch(email.strip()):
        errors["traits.email"] = [_not_an_email(email, settings)]
    for trait in FIELDS:
        length = len(str(values.get(trait.name, "")))
        if length > trait.longest:
            errors.setdefault(trait.name, []).append(_too_long(trait.longest, length))
    for name in sorted(set(values) - {trait.name for trait in FIELDS}):
        unknown = name.rpartition(".")[2]
        problem = generic(f'additionalProperties "{unknown}" not allowed')
        errors.setdefault("traits.email", []).append(problem)
    return errors


def _not_an_email(value: object, settings: BrowserSettings) -> Json:
    if settings.is_v1:
        return generic(f'"{value}" is not valid "email"')
    text = f"{value} is not a valid email address"
    return message(NOT_AN_EMAIL, text, context={"value": value})


def _too_long(longest: int, length: int) -> Json:
    context = {"max_length": longest, "actual_length": length}
    text = f"length must be <= {longest}, but got {length}"
    return message(TOO_LONG, text, context=context)
