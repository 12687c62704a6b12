"""Further attributes of products: each value is of the type that was declared."""

from collections.abc import Callable
from typing import Any

from catalog.models import Attribute
from karima.errors import Invalid

MAX_TEXT = 200

Kind = Attribute.Kind


class InvalidAttribute(Invalid):
    code = "invalid_attribute"
    title = "Invalid attribute"
    detail = "Atribut tambahan belum benar."


def check(extra: Any) -> None:
    """Refuse what is not declared, or has a value of another type.

    Raises InvalidAttribute with a row for each.
    """
    if not isinstance(extra, dict):
        raise InvalidAttribute
    declared = {row.code: row for row in Attribute.objects.filter(code__in=extra)}
    wrong = [
        {"field": code, "code": "invalid", "message": message}
        for code, value in extra.items()
        for message in [_message(declared.get(code), value)]
        if message
    ]
    if wrong:
        told = "; ".join(f"{row['field']}: {row['message']}" for row in wrong)
        raise InvalidAttribute(f"Periksa atribut tambahan. {told}", errors=wrong)


def _message(attribute: Attribute | None, value: Any) -> str:
    """Return what is wrong with a value, or nothing."""
    if attribute is None:
        return "Atribut ini tidak dikenal."
    fits, message = KINDS[attribute.kind]
    if not fits(value):
        return message
    if attribute.kind == Kind.CHOICE and value not in attribute.choices:
        return f"Pilih salah satu: {', '.join(attribute.choices)}."
    return ""


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    Kind.TEXT: (_is_text, f"Isi dengan teks, paling banyak {MAX_TEXT} huruf."),
    Kind.NUMBER: (_is_number, "Isi dengan angka."),
    Kind.BOOLEAN: (_is_boolean, "Isi dengan true atau false."),
    Kind.CHOICE: (_is_text, "Isi dengan salah satu pilihan."),
}
