"""Identities: what a person told Kratos, and how its API shows them."""

import base64
import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

SCHEMA_ID = "customer"
DEMO_PASSWORD = "karima-demo-2026"  # Guards nothing: a stand-in on one machine.
AISYAH = "01990000-0000-7000-8000-00000000a151"
BUDI = "01990000-0000-7000-8000-00000000b0d1"

Json = dict[str, Any]


def now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    """Return the moment as Go writes it: RFC 3339, UTC, microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def normalised(identifier: str) -> str:
    """Return an identifier as Kratos compares it."""
    return identifier.strip().lower()


@dataclass(slots=True)
class Identity:
    """A person known to Kratos. Times are strings as in the API."""

    id: str
    traits: Json
    password: str
    created_at: str
    updated_at: str
    state: str = "active"
    state_changed_at: str = ""
    verified_at: str = ""
    totp_secret: str = ""
    # Backup codes: {"code", "used_at"}.
    lookup_codes: list[Json] = field(default_factory=list)
    metadata_public: Any = None
    metadata_admin: Any = None
    verifiable_address_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    recovery_address_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def email(self) -> str:
        """Return the address as Kratos compares it, not as it was typed."""
        return normalised(str(self.traits["email"]))

    @property
    def second_factor(self) -> bool:
        """Return whether a second factor is enrolled."""
        return bool(self.totp_secret or self.lookup_codes)

    def to_state(self) -> Json:
        """Return everything, for the state file."""
        return asdict(self)


def new_identity(
    traits: Json,
    *,
    password: str,
    verified: bool = False,
    identity_id: str | None = None,
) -> Identity:
    """Return an identity made now. A verified one proved its e-mail just after."""
    made = now()
    return Identity(
        id=identity_id or str(uuid.uuid4()),
        traits=traits,
        password=password,
        created_at=timestamp(made),
        updated_at=timestamp(made),
        state_changed_at=timestamp(made),
        verified_at=timestamp(made + timedelta(minutes=2)) if verified else "",
    )


def demo_identities() -> list[Identity]:
    """Return the customers who exist from the start; only Aisyah is verified."""
    aisyah = {
        "email": "aisyah@karima.example",
        "name": {"first": "Aisyah", "last": "Putri"},
        "phone": "+6281234567801",
    }
    budi = {
        "email": "budi@karima.example",
        "name": {"first": "Budi", "last": "Santoso"},
        "phone": "+6281234567802",
    }
    return [
        new_identity(aisyah, password=DEMO_PASSWORD, verified=True, identity_id=AISYAH),
        new_identity(budi, password=DEMO_PASSWORD, identity_id=BUDI),
    ]


def public_body(identity: Identity, *, base_url: str) -> Json:
    """Return the identity as whoami shows it."""
    schema = base64.urlsafe_b64encode(SCHEMA_ID.encode()).decode().rstrip("=")
    return {
        "id": identity.id,
        "schema_id": SCHEMA_ID,
        "schema_url": f"{base_url}/schemas/{schema}",
        "state": identity.state,
        "state_changed_at": identity.state_changed_at,
        "traits": identity.traits,
        "verifiable_addresses": [_verifiable_address(identity)],
        "recovery_addresses": [_recovery_address(identity)],
        "metadata_public": identity.metadata_public,
        "created_at": identity.created_at,
        "updated_at": identity.updated_at,
        "organization_id": None,
    }


def admin_body(identity: Identity, *, base_url: str) -> Json:
    """Return the identity as the admin API shows it, secrets hidden."""
    password = {
        "type": "password",
        "identifiers": [identity.email],
        "version": 0,
        "created_at": identity.created_at,
        "updated_at": identity.updated_at,
    }
    body = public_body(identity, base_url=base_url)
    body["credentials"] = {"password": password} | _second_factors(identity)
    body["metadata_admin"] = identity.metadata_admin
    return body


def _second_factors(identity: Identity) -> Json:
    enrolled = {"totp": identity.totp_secret, "lookup_secret": identity.lookup_codes}
    return {
        kind: {
            "type": kind,
            "identifiers": [identity.id],
            "version": 0,
            "created_at": identity.created_at,
            "updated_at": identity.updated_at,
        }
        for kind, secret in enrolled.items()
        if secret
    }


def _verifiable_address(identity: Identity) -> Json:
    verified = bool(identity.verified_at)
    address = {
        "id": identity.verifiable_address_id,
        "value": identity.email,
        "verified": verified,
        "via": "email",
        "status": "completed" if verified else "sent",
        "created_at": identity.created_at,
        "updated_at": identity.verified_at or identity.created_at,
    }
    if verified:
        address["verified_at"] = identity.verified_at
    return address


def _recovery_address(identity: Identity) -> Json:
    return {
        "id": identity.recovery_address_id,
        "value": identity.email,
        "via": "email",
        "created_at": identity.created_at,
        "updated_at": identity.created_at,
    }
