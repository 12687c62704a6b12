"""Sign tokens as Cloudflare Access does, and publish the keys."""

import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.access.people import subject_of

ISSUER = "https://karima.cloudflareaccess.com"
AUD = "5a6d0cf0e1f84b7c9d3e2a1b0c9f8e7d6c5b4a39281706f5e4d3c2b1a0918273"
LIFETIME_SECONDS = 24 * 60 * 60
KEY_BITS = 2048

Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An RSA key and the id under which its public half is published."""

    kid: str
    private: rsa.RSAPrivateKey

    def jwk(self) -> Claims:
        """Return the public half as it stands in the key set."""
        text = jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key())
        return json.loads(text) | {"kid": self.kid, "alg": "RS256", "use": "sig"}

    def pem(self) -> bytes:
        """Return the private key, for the state folder."""
        return self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def public_pem(self) -> bytes:
        """Return the public key, for tests that misuse it as an HMAC secret."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )


def new_key(kid: str | None = None, *, bits: int = KEY_BITS) -> SigningKey:
    """Return a new key; another `kid` or fewer `bits` are for tests."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return SigningKey(kid or secrets.token_hex(32), private)


def load_or_new_key(folder: Path | None) -> SigningKey:
    """Return the key of the state folder, made at the first start."""
    if folder is None:
        return new_key()
    path = folder / "access.pem"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = new_key()
        path.touch(mode=0o600)
        path.write_bytes(key.kid.encode() + b"\n" + key.pem())
        return key
    kid, _, pem = path.read_bytes().partition(b"\n")
    private = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError(f"{path} holds no RSA key")
    return SigningKey(kid.decode(), private)


class Issuer:
    """The account's keys: the first one signs, all of them are published."""

    def __init__(self, key: SigningKey, *, audience: str, issuer: str) -> None:
        self.audience = audience
        self.issuer = issuer
        self.keys = [key]

    def rotate(self) -> SigningKey:
        """Sign with a new key from now on; the old one stays published."""
        self.keys.insert(0, new_key())
        return self.keys[0]

    def withdraw_old(self) -> None:
        """Publish the present key only."""
        del self.keys[1:]

    def jwks(self) -> Claims:
        """Return the key set."""
        return {"keys": [key.jwk() for key in self.keys]}

    def claims(self, email: str) -> Claims:
        """Return the claims of a token that is in order."""
        issued = int(time.time())
        return {
            "aud": [self.audience],
            "email": email,
            "exp": issued + LIFETIME_SECONDS,
            "iat": issued,
            "nbf": issued,
            "iss": self.issuer,
            "type": "app",
            "identity_nonce": secrets.token_hex(8),
            "sub": subject_of(email),
            "country": "ID",
        }

    def verify(self, token: str) -> Claims | None:
        """Return the claims of one of our own tokens, or None."""
        for key in self.keys:
            try:
                return jwt.decode(
                    token,
                    key.private.public_key(),
                    algorithms=["RS256"],
                    audience=self.audience,
                    issuer=self.issuer,
                )
            except jwt.PyJWTError:
                continue
        return None


def sign(claims: Claims, key: SigningKey, *, header: Claims | None = None) -> str:
    """Return the claims as a token signed with RS256. `header` adds or replaces."""
    headers = {"kid": key.kid, **(header or {})}
    return jwt.encode(claims, key.private, algorithm="RS256", headers=headers)
