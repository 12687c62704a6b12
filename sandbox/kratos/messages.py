"""The messages of Kratos's forms: their ids and English texts.

Source: the folder `text` of https://github.com/ory/kratos, read on 2026-11-23.
"""

from sandbox.kratos.identities import Json

CONFIRM_IT_IS_YOU = 1010003
SECOND_FACTOR_PLEASE = 1010004
SAVED = 1050001
RECOVERED = 1060001
RECOVERY_CODE_SENT = 1060003
VERIFIED = 1080002
VERIFICATION_CODE_SENT = 1080003

GENERIC = 4000001
MISSING_PROPERTY = 4000002
WRONG_CREDENTIALS = 4000006
DUPLICATE_IDENTIFIER = 4000007
WRONG_TOTP = 4000008
LOOKUP_USED = 4000012
LOOKUP_INVALID = 4000016
TOO_LONG = 4000017
PASSWORD_SIMILAR = 4000031
PASSWORD_SHORT = 4000032
NOT_AN_EMAIL = 4000040  # Since v1.3; before, a generic 4000001.
NO_LOGIN_STRATEGY = 4010002
NO_REGISTRATION_STRATEGY = 4010003
NO_SETTINGS_STRATEGY = 4010004
NO_RECOVERY_STRATEGY = 4010005
NO_VERIFICATION_STRATEGY = 4010006
RECOVERY_DONE_ALREADY = 4060001
RECOVERY_CODE_WRONG = 4060006
RECOVERY_TOO_OFTEN = 4060007
VERIFICATION_DONE_ALREADY = 4070002
VERIFICATION_CODE_WRONG = 4070006

FLOW_EXPIRED = {
    "login": 4010001,
    "registration": 4040001,
    "settings": 4050001,
    "recovery": 4060005,
    "verification": 4070005,
}
NO_STRATEGY = {
    "login": NO_LOGIN_STRATEGY,
    "registration": NO_REGISTRATION_STRATEGY,
    "settings": NO_SETTINGS_STRATEGY,
    "recovery": NO_RECOVERY_STRATEGY,
    "verification": NO_VERIFICATION_STRATEGY,
}
SUCCESSES = {SAVED, RECOVERED, VERIFIED}

_CODE_SENT = (
    "An email containing a {} code has been sent to the email address you provided. "
    "If you have not received an email, check the spelling of the address and make "
    "sure to use the address you registered with."
)
_NO_STRATEGY = "Could not find a strategy to {}. Did you fill out the form correctly?"
_CODE_WRONG = "The {} code is invalid or has already been used. Please try again."
_DONE_ALREADY = "The request was already completed successfully and can not be retried."

TEXTS = {
    CONFIRM_IT_IS_YOU: "Please confirm this action by verifying that it is you.",
    SECOND_FACTOR_PLEASE: "Please complete the second authentication challenge.",
    SAVED: "Your changes have been saved!",
    RECOVERED: (
        "You successfully recovered your account. Please change your password or set "
        "up an alternative login method (e.g. social sign in) within the next {} "
        "minutes."
    ),
    RECOVERY_CODE_SENT: _CODE_SENT.format("recovery"),
    VERIFIED: "You successfully verified your email address.",
    VERIFICATION_CODE_SENT: _CODE_SENT.format("verification"),
    WRONG_CREDENTIALS: (
        "The provided credentials are invalid, check for spelling mistakes in your "
        "password or username, email address, or phone number."
    ),
    DUPLICATE_IDENTIFIER: (
        "An account with the same identifier (email, phone, username, ...) exists "
        "already."
    ),
    WRONG_TOTP: "The provided authentication code is invalid, please try again.",
    LOOKUP_USED: "This backup recovery code has already been used.",
    LOOKUP_INVALID: "The backup recovery code is not valid.",
    PASSWORD_SIMILAR: (
        "The password can not be used because it is too similar to the identifier."
    ),
    NO_LOGIN_STRATEGY: _NO_STRATEGY.format("log you in with"),
    NO_REGISTRATION_STRATEGY: _NO_STRATEGY.format("sign you up with"),
    NO_SETTINGS_STRATEGY: _NO_STRATEGY.format("update your settings"),
    NO_RECOVERY_STRATEGY: _NO_STRATEGY.format("recover your account with"),
    NO_VERIFICATION_STRATEGY: _NO_STRATEGY.format("verify your account with"),
    RECOVERY_DONE_ALREADY: _DONE_ALREADY,
    RECOVERY_CODE_WRONG: _CODE_WRONG.format("recovery"),
    RECOVERY_TOO_OFTEN: "The recovery was submitted too often. Please try again.",
    VERIFICATION_DONE_ALREADY: _DONE_ALREADY,
    VERIFICATION_CODE_WRONG: _CODE_WRONG.format("verification"),
}


def message(number: int, text: str = "", *, context: Json | None = None) -> Json:
    """Return a message as the forms carry it."""
    kind = "error" if number >= 4_000_000 else "info"
    body: Json = {
        "id": number,
        "text": text or TEXTS[number],
        "type": "success" if number in SUCCESSES else kind,
    }
    return body | ({"context": context} if context else {})


def label(number: int, text: str, *, context: Json | None = None) -> Json:
    """Return the label of a field or a button."""
    body: Json = {"id": number, "text": text, "type": "info"}
    return body | ({"context": context} if context else {})


def missing(name: str) -> Json:
    """Return the complaint about a property that was left out."""
    text = f"Property {name} is missing."
    return message(MISSING_PROPERTY, text, context={"property": name})


def generic(reason: str) -> Json:
    """Return a complaint that has no id of its own."""
    return message(GENERIC, reason, context={"reason": reason})
