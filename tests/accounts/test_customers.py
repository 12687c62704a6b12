"""Which identity is which customer, when people change, leave and come back."""

import logging
from dataclasses import replace
from uuid import UUID

import pytest
from pytest_django import Settings

from accounts.clients import kratos
from accounts.models import Address, User
from accounts.services import customers, sessions
from accounts.services.customers import AccountInactive
from accounts.services.sessions import resolve_session, sign_in
from sandbox.kratos import Kratos, Login
from tests.factories import CustomerFactory, StaffFactory, make_order

pytestmark = pytest.mark.django_db

AISYAH = "aisyah@karima.example"


@pytest.fixture(autouse=True)
def no_memory(settings: Settings) -> None:
    settings.KRATOS_SESSION_CACHE_SECONDS = 0


def customer(login: Login) -> User:
    user = resolve_session(token=login.token)
    assert user is not None
    return user


def test_email_of_a_deleted_identity_belongs_to_a_new_person(
    identity: Kratos, aisyah_login: Login, caplog: pytest.LogCaptureFixture
) -> None:
    before = customer(aisyah_login)
    User.objects.filter(pk=before.pk).update(group="agen")
    make_order(before)
    identity.delete_identity(AISYAH)
    identity.add_identity(AISYAH, first="Orang", last="Lain")
    with caplog.at_level(logging.WARNING):
        after = customer(identity.login(AISYAH))
    assert after.pk != before.pk
    assert (after.group_id, after.orders.count()) == ("retail", 0)
    assert not Address.objects.filter(customer=after).exists()
    (record,) = [r for r in caplog.records if r.msg == "email_of_another_user"]
    assert record.__dict__["other_user_ids"] == [str(before.pk)]
    assert AISYAH not in caplog.text


def test_former_customer_is_left_as_they_were(
    identity: Kratos, aisyah_login: Login
) -> None:
    before = customer(aisyah_login)
    identity.delete_identity(AISYAH)
    identity.add_identity(AISYAH, first="Orang", last="Lain")
    customer(identity.login(AISYAH))
    before.refresh_from_db()
    assert (before.full_name, before.email) == ("Aisyah Putri", AISYAH)


def test_email_changed_to_anothers_is_logged(
    identity: Kratos,
    aisyah_login: Login,
    budi_login: Login,
    caplog: pytest.LogCaptureFixture,
) -> None:
    customer(aisyah_login)
    customer(budi_login)
    identity.change_traits("budi@karima.example", email="AISYAH@karima.example")
    with caplog.at_level(logging.WARNING):
        customer(budi_login)
    assert "email_of_another_user" in caplog.text
    assert User.objects.filter(email__iexact=AISYAH).count() == 2


def test_changed_email_is_unverified_until_it_is_proved(
    identity: Kratos, aisyah_login: Login
) -> None:
    assert customer(aisyah_login).email_verified
    found = kratos.whoami(token=aisyah_login.token)
    assert found is not None
    other = replace(found.identity, email="baru@karima.example", email_verified=False)
    customers.sync_user(other)
    stored = User.objects.get()
    assert (stored.email, stored.email_verified) == ("baru@karima.example", False)


def test_unverified_customer_may_sign_in(budi_login: Login) -> None:
    assert not customer(budi_login).email_verified


def test_staff_with_the_same_email_is_another_row(aisyah_login: Login) -> None:
    staff = StaffFactory(email=AISYAH)
    user = customer(aisyah_login)
    assert user != staff
    assert (user.is_staff, user.is_superuser) == (False, False)
    staff.refresh_from_db()
    assert staff.kratos_identity_id is None


def test_customer_without_identity_is_not_found_by_email(aisyah_login: Login) -> None:
    imported = CustomerFactory(email=AISYAH, kratos_identity_id=None, username="lama")
    assert customer(aisyah_login) != imported


def test_inactive_identity_is_nobody_and_comes_back_the_same(
    identity: Kratos, aisyah_login: Login
) -> None:
    before = customer(aisyah_login)
    identity.deactivate(AISYAH)
    assert resolve_session(token=aisyah_login.token) is None
    before.refresh_from_db()
    assert before.is_active
    identity.activate(AISYAH)
    assert customer(aisyah_login) == before


def test_deleted_identity_is_nobody_and_the_row_stays(
    identity: Kratos, aisyah_login: Login
) -> None:
    before = customer(aisyah_login)
    identity.delete_identity(AISYAH)
    assert resolve_session(token=aisyah_login.token) is None
    assert User.objects.get() == before


def test_switched_off_here_wins_over_a_valid_session(
    identity: Kratos, aisyah_login: Login
) -> None:
    before = customer(aisyah_login)
    User.objects.update(is_active=False, full_name="Pengguna dihapus", email="")
    identity.change_traits(AISYAH, phone="+6281200000000")
    with pytest.raises(AccountInactive):
        resolve_session(token=aisyah_login.token)
    before.refresh_from_db()
    assert (before.is_active, before.email) == (False, "")
    assert before.full_name == "Pengguna dihapus"


@pytest.mark.parametrize("level", ["aal0", "", "aal9"])
def test_session_that_proves_too_little_is_nobody(
    aisyah_login: Login, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    found = kratos.whoami(token=aisyah_login.token)
    assert found is not None
    weak = replace(found, assurance_level=level)
    monkeypatch.setattr(sessions.kratos, "whoami", lambda **credential: weak)
    assert sign_in(token=aisyah_login.token) is None
    assert not User.objects.exists()


def test_rights_are_never_taken_from_traits(
    identity: Kratos, aisyah_login: Login
) -> None:
    identity.change_traits(AISYAH, role="admin", is_staff=True, group="distributor")
    user = customer(aisyah_login)
    assert (user.is_staff, user.is_superuser, user.group_id) == (
        False, False, "retail",
    )  # fmt: skip
    assert user.kratos_identity_id == UUID(aisyah_login.identity_id)
