"""All that the stand-in for Kratos remembers."""

import threading
from pathlib import Path

from sandbox.kratos.flows import Flow
from sandbox.kratos.identities import Identity, demo_identities, normalised
from sandbox.kratos.sessions import CookieSeal, Session, identity_active
from sandbox.state import StateFile


class Store:
    """Identities, sessions and flows. Flows are not saved: they live ten minutes."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = StateFile(folder, "kratos.json")
        self._lock = threading.RLock()
        self.database_up = True
        self.flows: dict[str, Flow] = {}
        saved = self._file.load()
        self.seal = CookieSeal(saved.get("cookie_key"))
        self.identities = {
            row["id"]: Identity(**row) for row in saved.get("identities", [])
        }
        self.sessions = {
            row["token"]: Session(**row) for row in saved.get("sessions", [])
        }
        if not saved:
            self.reset()

    def reset(self) -> None:
        """Go back to the demo identities, without sessions."""
        with self._lock:
            self.database_up = True
            self.flows.clear()
            self.sessions.clear()
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

    def valid_session(self, token: str) -> Session | None:
        """Return the session if it and its identity are in order.

        A database that is down looks like an unknown session, as in Kratos.
        """
        session = self.sessions.get(token) if self.database_up else None
        if session is None or not session.is_valid():
            return None
        known = identity_active(self.identities.get(session.identity_id))
        return session if known else None

    def revoke(self, session: Session) -> None:
        """Make a session inactive."""
        with self._lock:
            session.active = False
            self.save()

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
