"""Start Kratos's two servers, and control them from Python."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.faults import Faults, FaultyApp, RecordedRequest
from sandbox.kratos import totp
from sandbox.kratos.apps import Controls, admin_app, public_app
from sandbox.kratos.changing import new_lookup_codes
from sandbox.kratos.errors import INTERNAL
from sandbox.kratos.identities import (
    DEMO_PASSWORD,
    Identity,
    new_identity,
    normalised,
    now,
    timestamp,
)
from sandbox.kratos.mail import Mail
from sandbox.kratos.sessions import Session, new_session
from sandbox.kratos.settings import BrowserSettings
from sandbox.kratos.store import Store
from sandbox.kratos.webhook import WebhookCall
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
    servers misbehave; `requests` is what they were asked. `configure` changes what an
    operator could, until `reset`.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        admin_port: int,
        state: Path | None,
        settings: BrowserSettings | None,
    ) -> None:
        self.faults = Faults()
        self._store = Store(state, settings=settings)
        # The address is part of the bodies, so the socket comes before the application.
        listener = listen(PUBLIC, host=host, port=port)
        self.public_url = self._store.public_url = address(host, listener)
        self._public = FaultyApp(
            public_app(self._store, Controls(self.faults, self.reset, self._grant)),
            self.faults,
            server_error=SERVER_ERROR,
        )
        self._admin = FaultyApp(
            admin_app(self._store),
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

    @property
    def browser_settings(self) -> BrowserSettings:
        """Return what an operator has chosen."""
        return self._store.settings

    def configure(self, **changes: Any) -> BrowserSettings:
        """Change settings by name, and return them all."""
        self._store.settings = replace(self._store.settings, **changes)
        return self._store.settings

    @property
    def mails(self) -> list[Mail]:
        """Return every mail that would have been sent, the oldest first."""
        return list(self._store.mails)

    def code_for(self, email: str, kind: str = "verification_code") -> str:
        """Return the newest code that was mailed there. Raises `LookupError`."""
        for mail in reversed(self._store.mails):
            if (mail.to, mail.kind) == (normalised(email), kind):
                return mail.code
        raise LookupError(f"no {kind} was mailed to {email}")

    @property
    def webhooks(self) -> list[WebhookCall]:
        """Return the calls of the web hook since the last reset."""
        return list(self._store.webhooks.calls)

    def wait_for_webhooks(self) -> None:
        """Return when every call of the web hook is over."""
        self._store.webhooks.wait()

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

    def activate(self, identifier: str) -> None:
        """Set an inactive identity active again."""
        self._identity(identifier).state = "active"
        self._store.save()

    def verify_email(self, identifier: str) -> None:
        """Mark the person's e-mail as verified."""
        self._identity(identifier).verified_at = timestamp(now())
        self._store.save()

    def enrol_second_factor(self, identifier: str) -> str:
        """Give the person an authenticator app and return its secret.

        Sessions without the second factor get a 403 from whoami from now on.
        """
        secret = self._identity(identifier).totp_secret = totp.new_secret()
        self._store.save()
        return secret

    def totp(self, secret: str) -> str:
        """Return the code that an app with this secret shows now."""
        return totp.code_at(secret, now())

    def give_lookup_secrets(self, identifier: str) -> list[str]:
        """Give the person backup codes and return them."""
        codes = new_lookup_codes()
        rows = [{"code": code, "used_at": ""} for code in codes]
        self._identity(identifier).lookup_codes = rows
        self._store.save()
        return codes

    def age(self, identifier: str, *, seconds: float = 3600) -> None:
        """Make the person's sessions older: too old to change a password, say."""
        identity = self._identity(identifier)
        for session in self._store.sessions_of(identity.id):
            begun = datetime.fromisoformat(session.authenticated_at)
            session.authenticated_at = timestamp(begun - timedelta(seconds=seconds))
        self._store.save()

    def expire_flow(self, flow_id: str) -> None:
        """Let a flow's time run out a minute ago."""
        flow = self._store.flows[flow_id]
        left = flow.expires_at - now()
        flow.issued_at -= left + timedelta(minutes=1)

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

    def extend(self, login: Login) -> None:
        """Prolong a session: whoami re-issues the cookies that were sealed before."""
        session = self._store.sessions[login.token]
        later = datetime.fromisoformat(session.expires_at) + timedelta(hours=1)
        session.expires_at = timestamp(later)
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
    settings: BrowserSettings | None = None,
) -> Iterator[Kratos]:
    """Run Kratos for the length of a `with` block; port 0 takes a free one.

    `state` is a folder that keeps identities, sessions and mails. Raises `PortTaken`.
    """
    kratos = Kratos(
        host=host, port=port, admin_port=admin_port, state=state, settings=settings
    )
    try:
        yield kratos
    finally:
        kratos.stop()
