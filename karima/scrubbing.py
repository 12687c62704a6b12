"""Take secrets and personal data out of text that is about to be logged.

A last resort: nothing secret should be passed to a logger in the first place.
"""

import re
from collections.abc import Callable

COOKIE_LINE = re.compile(r'(?im)\b((?:set-)?cookie"?\s*[:=]\s*).*$')

NAMES = (
    "password|passwd|secret|server_?key|client_?key|(?:access_|refresh_|session_)?token"
    "|authorization|x-session-token|signature_key|jwt|card_number|cvv|otp|dsn|api_?key"
)
VALUE = r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|(?:Bearer|Basic|Api-Key)\s+\S+|[^\s,;&}]+'
# Also as Python prints a dict, and as JSON stands inside of JSON.
QUOTE = r"""(?:\\?["'])?"""
NAMED_SECRET = re.compile(rf"(?i)({QUOTE}\b(?:{NAMES})\b{QUOTE}\s*[:=]\s*)({VALUE})")

CARD_LENGTHS = range(13, 20)
# Mastercard 2 and 5, American Express 3, Visa 4, Discover and UnionPay 6.
CARD_FIRST_DIGITS = "23456"


def scrub(text: str) -> str:
    """Return the text on one line, secrets and personal data replaced.

    Line ends become two characters, so that a value cannot forge a line of its own.
    """
    return redact(text).replace("\r", "\\r").replace("\n", "\\n")


def redact(text: str) -> str:
    """Return the text with secrets and personal data replaced, its lines kept."""
    text = COOKIE_LINE.sub(r"\1[redacted]", text)
    text = NAMED_SECRET.sub(r'\1"[redacted]"', text)
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _card_number(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match.group(0))
    is_card = (
        len(digits) in CARD_LENGTHS
        and digits[0] in CARD_FIRST_DIGITS
        and _passes_luhn(digits)
    )
    return "[pan]" if is_card else match.group(0)


def _passes_luhn(digits: str) -> bool:
    """Tell a card number from an order or virtual account number of its length."""
    total = 0
    for index, character in enumerate(reversed(digits)):
        number = int(character) * (1 + index % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


# Linear in what strangers can make long, a host name or a path: a pattern that begins
# with an unbounded run is tried again at each of its characters.
PATTERNS: list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = [
    (re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"), "[jwt]"),
    (re.compile(r"\b(?:SB-)?Mid-(?:server|client)-[\w-]+"), "[midtrans-key]"),
    (re.compile(r"\bory_(?:st|at|lo)_\w+"), "[ory-token]"),
    (re.compile(r"\bkrm_[0-9a-f]{8}_[\w-]+"), "[api-key]"),
    (re.compile(r"(/break-glass/)[\w-]+"), r"\1[redacted]"),
    (re.compile(r"\bory_kratos_session=[^\s;,]+"), "ory_kratos_session=[redacted]"),
    (re.compile(r"(\w://[^:/\s@]*:)[^@\s/]+@"), r"\1[redacted]@"),
    (re.compile(r"(?<![\d-])(?:\d[ -]?){12,18}\d(?![\d-])"), _card_number),
    (re.compile(r"([\w.+-])[\w.+-]{0,253}@([\w-]+\.[\w.-]+)"), r"\1***@\2"),
    (re.compile(r"(?<!\d)(?:\+?62|0)8\d{7,11}(?!\d)"), "[phone]"),
]
