"""Access tokens of any kind, and the JWKS that tells which keys are Cloudflare's."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from werkzeug.wrappers import Request, Response

ISSUER = "https://karima.cloudflareaccess.com"
AUDIENCE = "a" * 64
# Where the frozen clock of these tests stands: 23 November 2026, 05:00 UTC.
NOW = 1_795_410_000


def make_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    entry = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**entry, "kid": kid, "alg": "RS256", "use": "sig"}


def claims(*without: str, **changes: Any) -> dict[str, Any]:
    """Return the claims of a good token, changed as told."""
    good = {
        "aud": [AUDIENCE],
        "email": "citra@karima.example",
        "exp": NOW + 3600,
        "iat": NOW,
        "nbf": NOW,
        "iss": ISSUER,
        "type": "app",
        "sub": "access-citra",
        "country": "ID",
    }
    return {k: v for k, v in (good | changes).items() if k not in without}


def sign(
    key: Any,
    payload: dict[str, Any],
    *,
    kid: str | None = "one",
    algorithm: str = "RS256",
) -> str:
    headers = {} if kid is None else {"kid": kid}
    return jwt.encode(payload, key, algorithm=algorithm, headers=headers)


@dataclass
class Certs:
    """The keys endpoint: what it answers, how often it was asked."""

    keys: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    asked: int = 0
    silence: threading.Event | None = None
    location: str = ""
    drip_seconds: float = 0
    dripped: int = 0

    def respond(self, request: Request) -> Response:
        self.asked += 1
        if self.silence is not None:
            self.silence.wait(60)
        headers = {"Location": self.location} if self.location else {}
        return Response(self._body(), status=self.status, headers=headers)

    def _body(self) -> str | Iterator[bytes]:
        body = json.dumps({"keys": self.keys})
        return self._drip(body.encode()) if self.drip_seconds else body

    def _drip(self, body: bytes) -> Iterator[bytes]:
        for byte in body:
            time.sleep(self.drip_seconds)
            self.dripped += 1
            yield bytes([byte])
