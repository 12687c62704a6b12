"""Sessions, their tokens and the sealed cookies that wrap them."""

import json
import secrets
import string
import uuid
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from sandbox.kratos.identities import Identity, Json, now, public_body, timestamp

COOKIE_NAME = "ory_kratos_session"
LIFESPAN = timedelta(hours=24)
TOKEN_ALPHABET = string.ascii_letters + string.digits


def new_token(prefix: str) -> str:
    """Return the prefix and 32 random letters and digits."""
    return prefix + "".join(secrets.choice(TOKEN_ALPHABET) for _ in range(32))


@dataclass(slots=True)
class Session:
    """One sign-in of one identity. Times are strings as in the API."""

    token: str
    identity_id: str
    authenticated_at: str
    expires_at: str
    completed_at: str
    ip_address: str
    user_agent: str
    method: str = "password"
    aal: str = "aal1"
    active: bool = True
    # The factors after the first, as whoami shows them.
    further_methods: list[Json] = field(default_factory=list)
    logout_token: str = field(default_factory=lambda: new_token("ory_lo_"))
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    device_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def to_state(self) -> Json:
        """Return everything, for the state file."""
        return asdict(self)

    def renew(self) -> None:
        """Begin its life anew: the person has just proved who they are."""
        begun = now()
        self.authenticated_at = timestamp(begun)
        self.expires_at = timestamp(begun + LIFESPAN)

    def add_second_factor(self, method: str) -> None:
        """Raise the session to AAL2."""
        self.aal = "aal2"
        done = {"method": method, "aal": "aal2", "completed_at": timestamp(now())}
        self.further_methods.append(done)

    def age_seconds(self) -> float:
        """Return how long ago the person last proved who they are."""
        since = now() - datetime.fromisoformat(self.authenticated_at)
        return since.total_seconds()

    def is_valid(self) -> bool:
        """Return whether it was not revoked and has not expired."""
        return self.active and now() < datetime.fromisoformat(self.expires_at)


def new_session(
    identity_id: str, *, ip_address: str, user_agent: str, method: str = "password"
) -> Session:
    """Return a session that begins now and lasts `LIFESPAN`."""
    begun = now()
    return Session(
        token=new_token("ory_st_"),
        identity_id=identity_id,
        authenticated_at=timestamp(begun),
        expires_at=timestamp(begun + LIFESPAN),
        # Go writes this one with nanoseconds.
        completed_at=timestamp(begun).replace("Z", "417Z"),
        ip_address=ip_address,
        user_agent=user_agent,
        method=method,
    )


def session_body(
    session: Session, identity: Identity | None, *, base_url: str
) -> dict[str, Any]:
    """Return the session as whoami and login show it; the token is not in it."""
    person = public_body(identity, base_url=base_url) if identity else None
    return {
        "id": session.id,
        "active": session.is_valid() and (person is None or identity_active(identity)),
        "expires_at": session.expires_at,
        "authenticated_at": session.authenticated_at,
        "authenticator_assurance_level": session.aal,
        "authentication_methods": _methods(session),
        "issued_at": session.authenticated_at,
        "identity": person,
        "devices": [
            {
                "id": session.device_id,
                "ip_address": session.ip_address,
                "user_agent": session.user_agent,
                "location": "",
            }
        ],
    }


def identity_active(identity: Identity | None) -> bool:
    """Return whether there is such an identity and it may sign in."""
    return identity is not None and identity.state == "active"


def _methods(session: Session) -> list[Json]:
    first = {
        "method": session.method,
        "aal": "aal1",
        "completed_at": session.completed_at,
    }
    return [first, *session.further_methods]


class CookieSeal:
    """Seal a session token into a cookie value, and open it again.

    The value is base64url as Kratos's is, and no two values of a session are alike.
    """

    def __init__(self, key: str | None = None) -> None:
        self.key = key or Fernet.generate_key().decode()
        self._fernet = Fernet(self.key.encode())

    def seal(self, session: Session) -> str:
        """Return a new cookie value for the session."""
        content = {
            "session_token": session.token,
            "expires_at": session.expires_at,
            "nonce": secrets.token_hex(8),
        }
        return self._fernet.encrypt(json.dumps(content).encode()).decode()

    def open(self, value: str) -> str | None:
        """Return the token inside, or None when the value does not decode."""
        try:
            content = json.loads(self._fernet.decrypt(value.encode()))
        except InvalidToken:
            return None
        return str(content["session_token"])

    def is_older(self, value: str, session: Session) -> bool:
        """Return whether the value was sealed before the session was prolonged."""
        content = json.loads(self._fernet.decrypt(value.encode()))
        return bool(content["expires_at"] < session.expires_at)
