"""The people of the demo shop. Two of them can sign in at the sandbox's Kratos."""

import uuid

from accounts.models import StaffIdentity, User
from accounts.services.staff import add_staff

# The same ids as in the sandbox's Kratos, so that signing in finds these customers.
KNOWN = (
    ("01990000-0000-7000-8000-00000000a151", "Aisyah Putri", "aisyah", True),
    ("01990000-0000-7000-8000-00000000b0d1", "Budi Santoso", "budi", False),
)
OTHERS = (
    "Siti Rahma",
    "Nurul Hidayah",
    "Fatimah Az Zahra",
    "Dian Lestari",
    "Rina Marlina",
    "Ahmad Fauzi",
    "Laila Khairunnisa",
    "Maryam Salsabila",
    "Hendra Wijaya",
    "Yuni Kartika",
)
STAFF = (
    ("citra@karima.example", "Citra Maharani", "owner"),
    ("dewi@karima.example", "Dewi Anggraini", "warehouse"),
)
DOMAIN = "karima.example"
PHONE = "+62812345678{:02d}"


def add_customers() -> list[User]:
    """Return the demo's customers, Aisyah and Budi first, made where they miss."""
    known = [_customer(*person) for person in KNOWN]
    return known + [_other(number, name) for number, name in enumerate(OTHERS, 3)]


def add_demo_staff() -> None:
    """Let the demo's staff enter the admin; who is there already stays as they are."""
    for email, name, group in STAFF:
        if not StaffIdentity.objects.filter(email__iexact=email).exists():
            add_staff(email, full_name=name, groups=[group])


def _other(number: int, name: str) -> User:
    mailbox = name.lower().replace(" ", ".")
    identity = uuid.uuid5(uuid.NAMESPACE_DNS, f"{mailbox}.{DOMAIN}")
    return _customer(str(identity), name, mailbox, True, number)


def _customer(
    identity: str, name: str, mailbox: str, verified: bool, number: int = 0
) -> User:
    number = number or [person[0] for person in KNOWN].index(identity) + 1
    user, _ = User.objects.get_or_create(
        kratos_identity_id=identity,
        defaults={
            "username": f"kratos:{identity}",
            "email": f"{mailbox}@{DOMAIN}",
            "email_verified": verified,
            "full_name": name,
            "phone": PHONE.format(number),
            "password": "!",
        },
    )
    return user
