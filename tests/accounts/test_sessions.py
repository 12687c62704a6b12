import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import connection
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.clients.kratos import KratosUnavailable
from accounts.models import User
from accounts.services import customers, session_cache, sessions
from accounts.services.sessions import AccountInactive, resolve_session
from sandbox.faults import Fault
from sandbox.kratos import Kratos, Login

pytestmark = pytest.mark.django_db


def test_first_request_makes_the_customer(aisyah_login: Login) -> None:
    user = resolve_session(token=aisyah_login.token)
    assert user is not None
    stored = User.objects.get()
    assert stored.kratos_identity_id == UUID(aisyah_login.identity_id)
    assert stored.username == f"kratos:{aisyah_login.identity_id}"
    assert stored.email == "aisyah@karima.example"
    assert stored.full_name == "Aisyah Putri"
    assert stored.phone == "+6281234567801"
    assert stored.email_verified
    assert not stored.has_usable_password()
    assert not stored.is_staff


def test_no_credential_asks_nobody(identity: Kratos) -> None:
    assert resolve_session() is None
    assert identity.whoami_count == 0


@pytest.mark.parametrize("token", ["a b", "x" * 257, "a;b"])
def test_impossible_token_asks_nobody(identity: Kratos, token: str) -> None:
    assert resolve_session(token=token) is None
    assert identity.whoami_count == 0


def test_token_wins_over_the_cookie(aisyah_login: Login, budi_login: Login) -> None:
    user = resolve_session(token=aisyah_login.token, cookie=budi_login.cookie)
    assert user is not None
    assert user.full_name == "Aisyah Putri"


def test_bad_token_does_not_fall_back_to_the_cookie(budi_login: Login) -> None:
    assert resolve_session(token="ory_st_wrong", cookie=budi_login.cookie) is None


def test_changed_traits_are_copied(identity: Kratos, aisyah_login: Login) -> None:
    resolve_session(token=aisyah_login.token)
    identity.change_traits("aisyah@karima.example", phone="+6281200000000")
    resolve_session(token=aisyah_login.token, fresh=True)
    assert User.objects.get().phone == "+6281200000000"


def test_changed_email_keeps_the_customer(
    identity: Kratos, aisyah_login: Login
) -> None:
    before = resolve_session(token=aisyah_login.token)
    identity.change_traits("aisyah@karima.example", email="putri@karima.example")
    after = resolve_session(token=aisyah_login.token, fresh=True)
    assert before == after
    assert User.objects.get().email == "putri@karima.example"


def test_unchanged_customer_costs_one_query(
    aisyah_login: Login, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    resolve_session(token=aisyah_login.token)
    with django_assert_num_queries(1):
        resolve_session(token=aisyah_login.token)


def test_update_leaves_other_columns_alone(
    identity: Kratos,
    aisyah_login: Login,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    resolve_session(token=aisyah_login.token)
    identity.change_traits("aisyah@karima.example", phone="+6281200000000")
    with django_assert_num_queries(2) as queries:
        resolve_session(token=aisyah_login.token, fresh=True)
    update = queries.captured_queries[1]["sql"]
    assert '"phone"' in update
    assert '"email"' not in update


def test_same_email_under_another_identity_is_another_person(
    identity: Kratos, aisyah_login: Login
) -> None:
    first = resolve_session(token=aisyah_login.token)
    identity.delete_identity("aisyah@karima.example")
    identity.add_identity("aisyah@karima.example")
    second = resolve_session(token=identity.login("aisyah@karima.example").token)
    assert first is not None and second is not None
    assert first.pk != second.pk


def test_staff_with_the_same_email_is_not_joined(aisyah_login: Login) -> None:
    staff = User.objects.create(
        username="staff:a", email="aisyah@karima.example", is_staff=True
    )
    user = resolve_session(token=aisyah_login.token)
    assert user is not None
    assert user.pk != staff.pk
    assert not user.is_staff


def test_user_switched_off_here_is_refused_at_once(aisyah_login: Login) -> None:
    user = resolve_session(token=aisyah_login.token)
    User.objects.update(is_active=False)
    with pytest.raises(AccountInactive):
        resolve_session(token=aisyah_login.token)
    assert user is not None
    assert not User.objects.get().is_active


def test_expired_session_by_our_clock_is_none(
    identity: Kratos, aisyah_login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_session(token=aisyah_login.token)
    later = sessions.timezone.now() + sessions.timedelta(days=400)
    monkeypatch.setattr(sessions.timezone, "now", lambda: later)
    assert resolve_session(token=aisyah_login.token, fresh=True) is None


def test_session_of_another_schema_is_none(
    aisyah_login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customers, "CUSTOMER_SCHEMAS", frozenset({"reseller"}))
    assert resolve_session(token=aisyah_login.token) is None
    assert not User.objects.exists()


def test_second_request_is_answered_from_memory(
    identity: Kratos, aisyah_login: Login
) -> None:
    for _ in range(3):
        assert resolve_session(token=aisyah_login.token) is not None
    assert identity.whoami_count == 1


def test_fresh_always_asks(identity: Kratos, aisyah_login: Login) -> None:
    resolve_session(token=aisyah_login.token)
    identity.revoke(aisyah_login)
    assert resolve_session(token=aisyah_login.token, fresh=True) is None
    assert resolve_session(token=aisyah_login.token) is None


def test_zero_seconds_means_no_memory(
    identity: Kratos, aisyah_login: Login, settings: Settings
) -> None:
    settings.KRATOS_SESSION_CACHE_SECONDS = 0
    for _ in range(2):
        resolve_session(token=aisyah_login.token)
    assert identity.whoami_count == 2


@pytest.mark.parametrize(("left", "kept"), [(5, 5), (0.5, 0), (-1, 0), (3600, 30)])
def test_memory_ends_with_the_session(
    aisyah_login: Login, left: float, kept: int
) -> None:
    session = sessions.kratos.whoami(token=aisyah_login.token)
    assert session is not None
    ends = sessions.timezone.now() + sessions.timedelta(seconds=left)
    session_cache.remember("key", replace(session, expires_at=ends), asked_at=0)
    assert kept - 1 <= cache.ttl("key") <= kept


def test_forgotten_identity_is_asked_again_for_every_credential(
    identity: Kratos, aisyah_login: Login
) -> None:
    resolve_session(token=aisyah_login.token)
    resolve_session(cookie=aisyah_login.cookie)
    session_cache.forget_identity(UUID(aisyah_login.identity_id))
    resolve_session(token=aisyah_login.token)
    resolve_session(cookie=aisyah_login.cookie)
    assert identity.whoami_count == 4


def test_answer_from_before_the_sign_out_is_not_believed(aisyah_login: Login) -> None:
    session = sessions.kratos.whoami(token=aisyah_login.token)
    assert session is not None
    asked_at = time.time()
    session_cache.forget_identity(session.identity.id)
    session_cache.remember("key", session, asked_at=asked_at)
    assert session_cache.recall("key") is None
    session_cache.remember("key", session, asked_at=time.time())
    assert session_cache.recall("key") == session


def test_key_does_not_hold_the_credential() -> None:
    key = session_cache.key_of(cookie="", token="ory_st_secret")
    assert "secret" not in key
    assert key != session_cache.key_of(cookie="ory_st_secret", token="")


def test_refusal_is_not_remembered(identity: Kratos, aisyah_login: Login) -> None:
    identity.database_down()
    assert resolve_session(token=aisyah_login.token) is None
    identity.database_down(False)
    assert resolve_session(token=aisyah_login.token) is not None


def test_outage_is_not_remembered_and_not_a_sign_out(
    identity: Kratos, aisyah_login: Login
) -> None:
    identity.faults.set(Fault.SERVER_ERROR)
    with pytest.raises(KratosUnavailable):
        resolve_session(token=aisyah_login.token)
    identity.faults.clear()
    assert resolve_session(token=aisyah_login.token) is not None


@pytest.mark.parametrize("ignore", [True, False])
def test_customers_sign_in_without_redis(
    identity: Kratos, aisyah_login: Login, settings: Settings, ignore: bool
) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": "redis://127.0.0.1:9/0",
            "OPTIONS": {"IGNORE_EXCEPTIONS": ignore},
        }
    }
    assert resolve_session(token=aisyah_login.token) is not None
    assert resolve_session(token=aisyah_login.token) is not None
    assert identity.whoami_count == 2


@pytest.mark.django_db(transaction=True)
def test_first_requests_at_once_make_one_customer(
    aisyah_login: Login, settings: Settings
) -> None:
    settings.KRATOS_SESSION_CACHE_SECONDS = 0
    barrier = Barrier(8)

    def ask() -> object:
        try:
            barrier.wait()
            user = resolve_session(token=aisyah_login.token)
            return user and user.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        found = [future.result() for future in [pool.submit(ask) for _ in range(8)]]
    assert found == [User.objects.get().pk] * 8
