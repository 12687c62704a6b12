"""Addresses: at most twenty, one default, and nobody sees another's."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from accounts.models import Address, User
from accounts.services import addresses
from accounts.services.addresses import AddressDetails, TooManyAddresses
from accounts.services.customers import AccountInactive

pytestmark = pytest.mark.django_db

PAGE = "/api/v1/addresses"
BODY = {
    "label": "Rumah",
    "receiver_name": "Aisyah Putri",
    "phone": "0812-3456-7801",
    "province": "Jawa Barat",
    "city": "Kota Bandung",
    "district": "Coblong",
    "subdistrict": "Dago",
    "postal_code": "40135",
    "detail": "Jl. Ir. H. Juanda No. 100",
    "rt_rw": "02/05",
    "landmark": "Seberang  masjid,\npagar hijau",
}
DETAILS = AddressDetails(
    receiver_name="Aisyah Putri",
    phone="+6281234567801",
    province="Jawa Barat",
    city="Kota Bandung",
    district="Coblong",
    subdistrict="Dago",
    postal_code="40135",
    detail="Jl. Ir. H. Juanda No. 100",
)
ClientOf = Callable[..., APIClient]


def defaults(customer: User) -> list[Any]:
    return [a.pk for a in Address.objects.filter(customer=customer, is_default=True)]


def test_address_is_kept_as_it_was_told(client_of: ClientOf, aisyah: User) -> None:
    answer = client_of(aisyah).post(PAGE, BODY, format="json")
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    document = answer.json()
    assert answer["Location"] == f"http://testserver{PAGE}/{document['id']}"
    assert document == {
        **BODY,
        "id": document["id"],
        "phone": "+6281234567801",
        "landmark": "Seberang masjid, pagar hijau",
        "is_default": True,
    }
    assert client_of(aisyah).get(f"{PAGE}/{document['id']}").json() == document


def test_optional_parts_may_be_left_out(client_of: ClientOf, aisyah: User) -> None:
    body = {k: v for k, v in BODY.items() if k not in {"label", "rt_rw", "landmark"}}
    answer = client_of(aisyah).post(PAGE, body, format="json")
    assert (answer.status_code, answer.json()["rt_rw"]) == (201, "")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("postal_code", "04135"),
        ("postal_code", "4013"),
        ("phone", "12"),
        ("receiver_name", "A"),
        ("city", ""),
        ("detail", "No 1"),
        ("detail", "x" * 301),
        ("rt_rw", "dua/lima"),
        ("province", None),
        ("landmark", "a\0b"),
    ],
)
def test_what_no_courier_can_use_is_refused(
    client_of: ClientOf, aisyah: User, field: str, value: object
) -> None:
    answer = client_of(aisyah).post(PAGE, {**BODY, field: value}, format="json")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not Address.objects.exists()


def test_first_is_the_default_and_the_next_are_not(aisyah: User) -> None:
    first = addresses.add(aisyah, details=DETAILS)
    addresses.add(aisyah, details=DETAILS)
    assert defaults(aisyah) == [first.pk]


def test_new_address_may_become_the_default(aisyah: User) -> None:
    addresses.add(aisyah, details=DETAILS)
    second = addresses.add(aisyah, details=DETAILS, is_default=True)
    assert defaults(aisyah) == [second.pk]


def test_default_moves_on_request(client_of: ClientOf, aisyah: User) -> None:
    addresses.add(aisyah, details=DETAILS)
    second = addresses.add(aisyah, details=DETAILS)
    for _ in range(2):
        answer = client_of(aisyah).post(f"{PAGE}/{second.pk}/default")
        assert (answer.status_code, answer.json()["is_default"]) == (200, True)
    assert defaults(aisyah) == [second.pk]


def test_deleting_the_default_promotes_the_newest_other(
    client_of: ClientOf, aisyah: User
) -> None:
    made = [addresses.add(aisyah, details=DETAILS) for _ in range(3)]
    assert client_of(aisyah).delete(f"{PAGE}/{made[0].pk}").status_code == 204
    assert defaults(aisyah) == [made[2].pk]


def test_deleting_another_leaves_the_default(aisyah: User) -> None:
    made = [addresses.add(aisyah, details=DETAILS) for _ in range(2)]
    addresses.remove(aisyah, address_id=made[1].pk)
    assert defaults(aisyah) == [made[0].pk]


def test_deleting_the_last_leaves_none(aisyah: User) -> None:
    only = addresses.add(aisyah, details=DETAILS)
    addresses.remove(aisyah, address_id=only.pk)
    assert not Address.objects.exists()


def test_twenty_are_enough(client_of: ClientOf, aisyah: User) -> None:
    for _ in range(20):
        addresses.add(aisyah, details=DETAILS)
    with pytest.raises(TooManyAddresses):
        addresses.add(aisyah, details=DETAILS)
    answer = client_of(aisyah).post(PAGE, BODY, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_addresses")
    assert Address.objects.count() == 20


def test_change_touches_what_was_sent_alone(client_of: ClientOf, aisyah: User) -> None:
    kept = addresses.add(aisyah, details=DETAILS)
    body = {"landmark": "Warung Bu Tini", "is_default": False, "customer": 1}
    answer = client_of(aisyah).patch(f"{PAGE}/{kept.pk}", body, format="json")
    assert answer.status_code == 200
    kept.refresh_from_db()
    assert (kept.landmark, kept.is_default) == ("Warung Bu Tini", True)
    assert kept.detail == DETAILS.detail
    assert kept.customer == aisyah


def test_list_has_the_default_first_and_only_ones_own(
    client_of: ClientOf, aisyah: User, budi: User
) -> None:
    made = [addresses.add(aisyah, details=DETAILS) for _ in range(3)]
    addresses.add(budi, details=DETAILS)
    document = client_of(aisyah).get(PAGE).json()
    expected = [made[0].pk, made[2].pk, made[1].pk]
    assert [row["id"] for row in document["results"]] == [str(pk) for pk in expected]
    assert document["pagination"]["total_items"] == 3


@pytest.mark.parametrize(
    ("method", "tail"),
    [("get", ""), ("patch", ""), ("delete", ""), ("post", "/default")],
)
def test_budi_cannot_touch_aisyahs_address(
    client_of: ClientOf, aisyah: User, budi: User, method: str, tail: str
) -> None:
    kept = addresses.add(aisyah, details=DETAILS)
    answer = getattr(client_of(budi), method)(f"{PAGE}/{kept.pk}{tail}")
    assert (answer.status_code, answer.json()["code"]) == (404, "address_not_found")
    assert defaults(aisyah) == [kept.pk]
    assert not Address.objects.filter(customer=budi).exists()


def test_closed_account_keeps_no_new_address(aisyah: User) -> None:
    User.objects.update(is_active=False)
    with pytest.raises(AccountInactive):
        addresses.add(aisyah, details=DETAILS)


def test_database_allows_one_default(aisyah: User) -> None:
    addresses.add(aisyah, details=DETAILS)
    second = addresses.add(aisyah, details=DETAILS)
    with pytest.raises(IntegrityError), transaction.atomic():
        Address.objects.filter(pk=second.pk).update(is_default=True)


@pytest.mark.parametrize("wrong", [{"postal_code": "ABCDE"}, {"phone": "081234567801"}])
def test_database_refuses_shapes(aisyah: User, wrong: dict[str, str]) -> None:
    addresses.add(aisyah, details=DETAILS)
    with pytest.raises(IntegrityError), transaction.atomic():
        Address.objects.update(**wrong)
