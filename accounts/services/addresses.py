"""A customer's addresses: at most twenty, and one of them the default."""

from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import Address, User
from accounts.services.customers import lock_active
from karima.errors import Conflict, NotFound

MOST_ADDRESSES = 20


class AddressNotFound(NotFound):
    code = "address_not_found"
    title = "No such address"
    detail = "Alamat tidak ditemukan."


class TooManyAddresses(Conflict):
    code = "too_many_addresses"
    title = "Too many addresses"
    detail = f"Paling banyak {MOST_ADDRESSES} alamat. Hapus salah satu dahulu."


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressDetails:
    """What a customer says about an address; `phone` in E.164."""

    receiver_name: str
    phone: str
    province: str
    city: str
    district: str
    subdistrict: str
    postal_code: str
    detail: str
    label: str = ""
    rt_rw: str = ""
    landmark: str = ""


def find(customer: User, *, address_id: UUID) -> Address:
    """Return the customer's own address. Raises `AddressNotFound` for any other."""
    try:
        return Address.objects.get(customer=customer, pk=address_id)
    except Address.DoesNotExist:
        raise AddressNotFound() from None


def add(
    customer: User, *, details: AddressDetails, is_default: bool = False
) -> Address:
    """Keep a new address; the first one is the default.

    Opens its own transaction. Raises `TooManyAddresses`.
    """
    with transaction.atomic(durable=True):
        lock_active(customer)
        count = Address.objects.filter(customer=customer).count()
        if count >= MOST_ADDRESSES:
            raise TooManyAddresses()
        address = Address.objects.create(customer=customer, **asdict(details))
        if is_default or not count:
            _make_default(address)
    return address


def change(customer: User, *, address_id: UUID, **changes: str) -> Address:
    """Change the named details of an address. Raises `AddressNotFound`."""
    with transaction.atomic(durable=True):
        lock_active(customer)
        address = find(customer, address_id=address_id)
        for name, value in changes.items():
            setattr(address, name, value)
        address.save(update_fields=[*changes, "updated_at"])
    return address


def set_default(customer: User, *, address_id: UUID) -> Address:
    """Make one address the default, in place of the one before.

    Opens its own transaction. Raises `AddressNotFound`.
    """
    with transaction.atomic(durable=True):
        lock_active(customer)
        address = find(customer, address_id=address_id)
        _make_default(address)
    return address


def remove(customer: User, *, address_id: UUID) -> None:
    """Delete an address. After the default, the newest of the others is the default.

    Opens its own transaction. Raises `AddressNotFound`.
    """
    with transaction.atomic(durable=True):
        lock_active(customer)
        address = find(customer, address_id=address_id)
        was_default = address.is_default
        address.delete()
        heir = Address.objects.filter(customer=customer).order_by("-id").first()
        if was_default and heir:
            _make_default(heir)


def _make_default(address: Address) -> None:
    # The former one first: the database allows one default at any moment.
    others = Address.objects.filter(customer=address.customer_id, is_default=True)
    others.exclude(pk=address.pk).update(is_default=False)
    address.is_default = True
    address.save(update_fields=["is_default", "updated_at"])
