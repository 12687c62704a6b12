"""What a test or a person may switch while the stand-in runs."""

from dataclasses import dataclass, field

from flask import request

from sandbox.midtrans.methods import Json
from sandbox.midtrans.payloads import Merchant


@dataclass(slots=True)
class Settings:
    """Switches of the account. `language` is that of the merchant's error texts.

    `scripted` answers GET status for an id with a body of the test's own.
    """

    merchant: Merchant
    language: str = "en"  # or "id"
    errors_over_http_200: bool = False
    bank_denies_refunds: bool = False
    scripted: dict[str, Json] = field(default_factory=dict)


def has_server_key(settings: Settings) -> bool:
    """Return whether the request carries the server key as Basic user name."""
    sent = request.authorization
    if sent is None or sent.type != "basic":
        return False
    return sent.username == settings.merchant.server_key and not sent.password
