"""Start Kratos's two servers, and control them from Python."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sandbox.faults import Faults, FaultyApp, RecordedRequest
from sandbox.kratos.apps import admin_app, public_app
from sandbox.kratos.errors import INTERNAL
from sandbox.kratos.identities import (
    DEMO_PASSWORD,
    Identity,
    new_identity,
    now,
    timestamp,
)
from sandbox.kratos.sessions import Session, new_session
from sandbox.kratos.store import Store
from sandbox.server import Server, address, listen

PUBLIC = "Kratos (public)"
ADMIN = "Kratos (admin)"
SERVER_ERROR = (
    '{"error":{"code":500,"status":"Internal Server Error",'
    f'"message":"{INTERNAL}"}}}}'
)


@dataclass(frozen=True, slots=True)
class Login:
    """One session: its token, one cookie value that wraps it, and whose it is."""

    token: str
    cookie: str
    session_id: str
    identity_id: str


class Kratos:
    """The running stand-in.

    `public_url` and `admin_url` have no slash at the end. `faults` makes both
    servers misbehave; `requests` is what they were asked.
    """

    def __init__(
        self, *, host: str, port: int, admin_port: int, state: Path | None
    ) -> None:
        self.faults = Faults()
        self._store = Store(state)
        # The address is part of the bodies, so the socket comes before the application.
        listener = listen(PUBLIC, host=host, port=port)
        self.public_url = address(host, listener)
        self._public = FaultyApp(
            public_app(
                self._store, self.public_url, self.faults, self.reset, self._grant
            ),
            self.faults,
            server_error=SERVER_ERROR,
        )
        self._admin = FaultyApp(
            admin_app(self._store, self.public_url),
            self.faults,
            server_error=SERVER_ERROR,
        )
        self._servers = [
            Server(
                self._public, service=PUBLIC, host=host, port=port, listener=listener
            )
        ]
        try:
            self._servers.append(
                Server(self._admin, service=ADMIN, host=host, port=admin_port)
            )
        except Exception:
            self.stop()
            raise
        self.admin_url = self._servers[1].url

    def reset(self) -> None:
        """Go back to the two demo customers: no sessions, faults or records."""
        self.faults.clear()
        self._store.reset()
        self._public.requests.clear()
        self._admin.requests.clear()

    def stop(self) -> None:
        """Stop both servers."""
        self.faults.clear()
        for server in self._servers:
            server.stop()

    @property
    def requests(self) -> list[RecordedRequest]:
        """Return the requests to the public API since the last reset."""
        return list(self._public.requests)

    @property
    def admin_requests(self) -> list[RecordedRequest]:
        """Return the requests to the admin API since the last reset."""
        return list(self._admin.requests)

    @property
    def whoami_count(self) -> int:
        """Return how often whoami was asked since the last reset."""
        return sum(item.path == "/sessions/whoami" for item in self.requests)

    def login(self, identifier: str = "aisyah@karima.example") -> Login:
        """Return a new session of this person, made without a password."""
        session = self._grant(identifier)
        if session is None:
            raise LookupError(identifier)
        return Login(
            token=session.token,
            cookie=self._store.seal.seal(session),
            session_id=session.id,
            identity_id=session.identity_id,
        )

    def another_cookie(self, login: Login) -> str:
        """Return another cookie value of the same session."""
        return self._store.seal.seal(self._store.sessions[login.token])

    def add_identity(
        self,
        email: str,
        *,
        first: str = "Siti",
        last: str = "Rahma",
        phone: str = "",
        verified: bool = True,
        identity_id: str | None = None,
    ) -> str:
        """Add a person with the demo password; return the identity's id."""
        traits: dict[str, object] = {
            "email": email,
            "name": {"first": first, "last": last},
        }
        if phone:
            traits["phone"] = phone
        identity = new_identity(
            traits, password=DEMO_PASSWORD, verified=verified, identity_id=identity_id
        )
        if not self._store.add_identity(identity):
            raise ValueError(f"{email} is taken")
        return identity.id

    def delete_identity(self, identifier: str) -> None:
        """Delete a person as an operator would; the e-mail is free again."""
        self._store.delete_identity(self._identity(identifier).id)

    def deactivate(self, identifier: str) -> None:
        """Set the identity inactive. Its sessions stay, and are refused."""
        self._identity(identifier).state = "inactive"
        self._store.save()

    def verify_email(self, identifier: str) -> None:
        """Mark the person's e-mail as verified."""
        self._identity(identifier).verified_at = timestamp(now())
        self._store.save()

    def enrol_second_factor(self, identifier: str) -> None:
        """Give the person a second factor: whoami answers 403 from now on."""
        self._identity(identifier).second_factor = True
        self._store.save()

    def change_traits(self, identifier: str, **traits: object) -> None:
        """Change traits as the person could, for example `email=` or `phone=`."""
        identity = self._identity(identifier)
        identity.traits = {**identity.traits, **traits}
        identity.updated_at = timestamp(now())
        self._store.save()

    def revoke(self, login: Login) -> None:
        """End a session, as a sign-out at Kratos would."""
        self._store.revoke(self._store.sessions[login.token])

    def expire(self, login: Login) -> None:
        """Let a session's time run out a second ago."""
        session = self._store.sessions[login.token]
        session.expires_at = timestamp(now() - timedelta(seconds=1))
        self._store.save()

    def database_down(self, down: bool = True) -> None:
        """Let Kratos lose its database: whoami says 401, `/health/ready` 503."""
        self._store.database_up = not down

    def _grant(self, identifier: str) -> Session | None:
        identity = self._store.by_identifier(identifier)
        if identity is None:
            return None
        session = new_session(
            identity.id, ip_address="127.0.0.1:53544", user_agent="Sandbox/1.0"
        )
        self._store.add_session(session)
        return session

    def _identity(self, identifier: str) -> Identity:
        identity = self._store.by_identifier(identifier)
        if identity is None:
            raise LookupError(identifier)
        return identity


@contextmanager
def run_kratos(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    admin_port: int = 0,
    state: Path | None = None,
) -> Iterator[Kratos]:
    """Run Kratos for the length of a `with` block; port 0 takes a free one.

    `state` is a folder that keeps identities and sessions. Raises `PortTaken`.
    """
    kratos = Kratos(host=host, port=port, admin_port=admin_port, state=state)
    try:
        yield kratos
    finally:
        kratos.stop()
