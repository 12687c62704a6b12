"""Time-based one-time passwords (RFC 6238) as authenticator apps make them."""

import base64
import hmac
import io
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

import segno

from sandbox.kratos.identities import now

ISSUER = "Karima Store (development)"
STEP_SECONDS = 30
DIGITS = 6
QR_PIXELS = 256


def new_secret() -> str:
    """Return a secret of 160 bits in base 32, as an app takes it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, moment: datetime) -> str:
    """Return the code that an app shows at this moment."""
    step = struct.pack(">Q", int(moment.timestamp()) // STEP_SECONDS)
    digest = hmac.new(base64.b32decode(secret), step, "sha1").digest()
    start = digest[-1] & 0x0F
    (number,) = struct.unpack(">I", digest[start : start + 4])
    return str((number & 0x7FFFFFFF) % 10**DIGITS).zfill(DIGITS)


def is_right(secret: str, code: str) -> bool:
    """Return whether the code is this step's, the one's before or the one's after."""
    steps = (-STEP_SECONDS, 0, STEP_SECONDS)
    present = now().timestamp()
    right = {
        code_at(secret, datetime.fromtimestamp(present + step, tz=now().tzinfo))
        for step in steps
    }
    return code.strip() in right


def address(secret: str, account: str) -> str:
    """Return the otpauth URL that an app reads from the picture."""
    settings = {
        "algorithm": "SHA1",
        "digits": DIGITS,
        "issuer": ISSUER,
        "period": STEP_SECONDS,
        "secret": secret,
    }
    return f"otpauth://totp/{quote(f'{ISSUER}:{account}')}?{urlencode(settings)}"


def picture(secret: str, account: str) -> str:
    """Return the QR code as a data URI."""
    code = segno.make(address(secret, account), error="m", micro=False)
    scale = max(1, QR_PIXELS // code.symbol_size(border=4)[0])
    content = io.BytesIO()
    code.save(content, kind="png", scale=scale, border=4)
    encoded = base64.b64encode(content.getvalue()).decode()
    return f"data:image/png;base64,{encoded}"
