"""All that the stand-in for Kratos remembers."""

import threading
from dataclasses import fields
from pathlib import Path
from typing import TypeVar

from sandbox.kratos.flows import Flow
from sandbox.kratos.identities import Identity, Json, demo_identities, normalised
from sandbox.kratos.mail import Mail
from sandbox.kratos.sessions import CookieSeal, Session, identity_active
from sandbox.kratos.settings import BrowserSettings
from sandbox.kratos.webhook import Webhooks
from sandbox.state import StateFile

Row = TypeVar("Row", Identity, Session, Mail)


class Store:
    """Identities, sessions, mails and flows.

    Flows and errors are not saved: they live ten minutes.
    """

    def __init__(
        self, folder: Path | None = None, *, settings: BrowserSettings | None = None
    ) -> None:
        self._file = StateFile(folder, "kratos.json")
        self._lock = threading.RLock()
        self._first_settings = settings or BrowserSettings()
        self.settings = self._first_settings
        # Where this Kratos listens; known before the first request.
        self.public_url = ""
        self.database_up = True
        self.flows: dict[str, Flow] = {}
        self.errors: dict[str, Json] = {}
        self.webhooks = Webhooks()
        saved = self._file.load()
        self.seal = CookieSeal(saved.get("cookie_key"))
        people = [restored(Identity, row) for row in saved.get("identities", [])]
        sessions = [restored(Session, row) for row in saved.get("sessions", [])]
        self.identities = {person.id: person for person in people}
        self.sessions = {session.token: session for session in sessions}
        self.mails = [restored(Mail, row) for row in saved.get("mails", [])]
        if not saved:
            self.reset()

    @property
    def base_url(self) -> str:
        """Return what browsers call this Kratos, without a slash at the end."""
        return self.settings.base_url or self.public_url

    def reset(self) -> None:
        """Go back to the demo identities and the first settings, without sessions."""
        self.webhooks.forget()
        with self._lock:
            self.database_up = True
            self.settings = self._first_settings
            self.flows.clear()
            self.errors.clear()
            self.sessions.clear()
            self.mails.clear()
            self.identities = {person.id: person for person in demo_identities()}
            self.save()

    def save(self) -> None:
        """Write everything to the state file, if there is one."""
        with self._lock:
            people = [person.to_state() for person in self.identities.values()]
            sessions = [session.to_state() for session in self.sessions.values()]
            self._file.save(
                {
                    "cookie_key": self.seal.key,
                    "identities": people,
                    "sessions": sessions,
                    "mails": [mail.to_json() for mail in self.mails],
                }
            )

    def by_identifier(self, identifier: str) -> Identity | None:
        """Return the identity that signs in with this e-mail."""
        wanted = normalised(identifier)
        with self._lock:
            matches = (p for p in self.identities.values() if p.email == wanted)
            return next(matches, None)

    def add_identity(self, identity: Identity) -> bool:
        """Keep a new identity; return False when its e-mail is taken."""
        with self._lock:
            if self.by_identifier(identity.email):
                return False
            self.identities[identity.id] = identity
            self.save()
            return True

    def delete_identity(self, identity_id: str) -> bool:
        """Forget an identity and its sessions; return False when unknown."""
        with self._lock:
            if self.identities.pop(identity_id, None) is None:
                return False
            self.delete_sessions(identity_id)
            self.save()
            return True

    def add_session(self, session: Session) -> None:
        """Keep a new session."""
        with self._lock:
            self.sessions[session.token] = session
            self.save()

    def add_mail(self, mail: Mail) -> None:
        """Keep a mail in place of sending it."""
        with self._lock:
            self.mails.append(mail)
            self.save()

    def valid_session(self, token: str) -> Session | None:
        """Return the session if it and its identity are in order.

        A database that is down looks like an unknown session, as in Kratos.
        """
        session = self.sessions.get(token) if self.database_up else None
        if session is None or not session.is_valid():
            return None
        known = identity_active(self.identities.get(session.identity_id))
        return session if known else None

    def needs_second_factor(self, session: Session) -> bool:
        """Return whether the person has a second factor that is still to be given."""
        return (
            self.settings.required_aal == "highest_available"
            and self.identities[session.identity_id].second_factor
            and session.aal != "aal2"
        )

    def sessions_of(self, identity_id: str) -> list[Session]:
        """Return the sessions of a person that still count."""
        with self._lock:
            return [
                session
                for session in self.sessions.values()
                if session.identity_id == identity_id and session.is_valid()
            ]

    def session_by_id(self, session_id: str) -> Session | None:
        """Return a session by its id, which is not its token."""
        with self._lock:
            found = (s for s in self.sessions.values() if s.id == session_id)
            return next(found, None)

    def revoke(self, session: Session) -> None:
        """Make a session inactive."""
        with self._lock:
            session.active = False
            self.save()

    def revoke_others(self, session: Session) -> int:
        """Make a person's other sessions inactive; return how many there were."""
        with self._lock:
            others = self.sessions_of(session.identity_id)
            others = [other for other in others if other.id != session.id]
            for other in others:
                other.active = False
            self.save()
            return len(others)

    def delete_sessions(self, identity_id: str) -> int:
        """Delete the sessions of an identity; return how many there were."""
        with self._lock:
            tokens = [
                token
                for token, session in self.sessions.items()
                if session.identity_id == identity_id
            ]
            for token in tokens:
                del self.sessions[token]
            self.save()
            return len(tokens)


def restored(kind: type[Row], row: Json) -> Row:
    """Return a row of the state file, which may be of an earlier version."""
    known = {field.name for field in fields(kind)}
    return kind(**{name: value for name, value in row.items() if name in known})
