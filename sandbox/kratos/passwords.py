"""Kratos's rules for a new password, without the look-up of breached ones."""

from difflib import SequenceMatcher

from sandbox.kratos.identities import Json
from sandbox.kratos.messages import (
    PASSWORD_SHORT,
    PASSWORD_SIMILAR,
    message,
    missing,
)

MIN_LENGTH = 8
# Kratos refuses a password of which more than half is also in the identifier.
MOST_IN_COMMON = 0.5


def password_errors(password: str, *, identifier: str) -> list[Json]:
    """Return what is wrong with a new password."""
    if not password:
        return [missing("password")]
    if len(password) < MIN_LENGTH:
        context = {"min_length": MIN_LENGTH, "actual_length": len(password)}
        text = (
            f"The password must be at least {MIN_LENGTH} characters long, but got "
            f"{len(password)}."
        )
        return [message(PASSWORD_SHORT, text, context=context)]
    if identifier and _in_common(password.lower(), identifier.lower()) > MOST_IN_COMMON:
        return [message(PASSWORD_SIMILAR)]
    return []


def _in_common(password: str, identifier: str) -> float:
    matcher = SequenceMatcher(None, password, identifier, autojunk=False)
    return matcher.find_longest_match().size / len(password)
