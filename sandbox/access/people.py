"""The people on the sign-in page."""

import uuid
from dataclasses import dataclass

NAMESPACE = uuid.UUID("5b6c2d52-2a35-5d0c-9d86-6b2f3f6b0a51")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom Access lets through. Whether the shop does is its own affair."""

    email: str
    name: str
    role: str


STAFF = (
    Person("citra@karima.example", "Citra", "Pemilik"),
    Person("dewi@karima.example", "Dewi", "Gudang"),
    Person("eko@karima.example", "Eko", "Bukan staf toko: akan ditolak"),
)


def subject_of(email: str) -> str:
    """Return the `sub` of a person: always the same for the same address."""
    return str(uuid.uuid5(NAMESPACE, email.strip().lower()))
