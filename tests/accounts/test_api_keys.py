"""Keys of programs: seen once, good for what they say, until they end."""

import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiKey, StaffAuditEntry, StaffIdentity, User
from accounts.services import api_keys
from accounts.services.api_keys import ExpiryInvalid, KeyRevoked, ScopesInvalid
from karima.scrubbing import scrub
from tests.factories import StaffFactory, VariantFactory
from tests.fixtures_programs import app_with, new_key, program
from tests.fixtures_staff import StaffClient
from tests.payments.admin_pages import page

pytestmark = pytest.mark.django_db

KEY = re.compile(r"krm_[0-9a-f]{8}_[\w-]{43}")
FORM = {"name": "Jubelio", "scopes": ["stock:read", "stock:write"], "life": "90"}


def stock_path() -> str:
    return f"/api/v1/variants/{VariantFactory(on_hand=5).pk}/stock"


def test_key_is_not_kept() -> None:
    made = new_key()
    assert KEY.fullmatch(made.secret)
    stored = ApiKey.objects.filter(pk=made.row.pk).values().get()
    assert made.secret not in str(stored)
    assert stored["secret_hash"] == hashlib.sha256(made.secret.encode()).hexdigest()


@pytest.mark.parametrize("scopes", [[], ["orders:everything"], ["stock:read", ""]])
def test_unknown_scopes_make_no_key(scopes: list[str]) -> None:
    until = timezone.now() + timedelta(days=1)
    with pytest.raises(ScopesInvalid):
        api_keys.create(name="x", scopes=scopes, expires_at=until, actor=StaffFactory())
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_key_lives_for_a_year_at_most(days: int) -> None:
    with pytest.raises(ExpiryInvalid):
        new_key(days=days)
    assert not User.objects.filter(username__startswith="api-key:").exists()


def test_database_wants_somebody_to_have_revoked() -> None:
    made = new_key()
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiKey.objects.filter(pk=made.row.pk).update(revoked_at=timezone.now())


def test_key_opens_what_it_is_for() -> None:
    assert program("stock:read").get(stock_path()).status_code == 200


def test_scheme_is_written_in_any_case() -> None:
    app = APIClient()
    app.credentials(HTTP_AUTHORIZATION=f"api-key  {new_key().secret}")
    assert app.get(stock_path()).status_code == 200


def test_other_scopes_do_not_open_it() -> None:
    answer = program("stock:write", "orders:ship").get(stock_path())
    assert answer.status_code == 403
    assert answer.json()["code"] == "scope_missing"
    assert answer.json()["scope"] == "stock:read"


def refused(app: APIClient, path: str) -> None:
    answer = app.get(path)
    assert (answer.status_code, answer.json()["code"]) == (401, "api_key_invalid")
    assert answer["WWW-Authenticate"] == "Api-Key"


def test_expired_key_is_refused() -> None:
    made, path = new_key(days=30), stock_path()
    with time_machine.travel(timezone.now() + timedelta(days=29), tick=False):
        assert app_with(made.secret).get(path).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        refused(app_with(made.secret), path)


def test_revoked_key_is_refused_at_once() -> None:
    made, path = new_key(), stock_path()
    api_keys.revoke(made.row, actor=StaffFactory())
    refused(app_with(made.secret), path)
    with pytest.raises(KeyRevoked):
        api_keys.revoke(made.row, actor=StaffFactory())


def test_program_that_is_switched_off_is_refused() -> None:
    made, path = new_key(), stock_path()
    User.objects.filter(pk=made.row.program_id).update(is_active=False)
    refused(app_with(made.secret), path)


@pytest.mark.parametrize("wrong", ["", "krm_00000000_x", "x" * 5000, "a\u00e9"])
def test_wrong_key_is_refused(wrong: str) -> None:
    refused(app_with(wrong or " "), stock_path())


def test_part_of_a_key_is_no_key() -> None:
    made, path = new_key(), stock_path()
    refused(app_with(made.row.prefix), path)
    refused(app_with(made.secret[:-1]), path)
    refused(app_with(made.row.secret_hash), path)


def test_key_is_no_session_of_a_customer() -> None:
    answer = program().get("/api/v1/auth/me")
    assert answer.status_code == 401


def test_program_has_neither_rights_nor_a_way_in() -> None:
    user = new_key().row.program
    assert not user.has_usable_password()
    assert not user.is_superuser
    assert not user.get_all_permissions()
    assert not StaffIdentity.objects.filter(user=user).exists()


def test_use_is_noted_once_a_minute(django_assert_num_queries: Any) -> None:
    made = new_key()
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        api_keys.find(made.secret)
        with django_assert_num_queries(1):
            api_keys.find(made.secret)
    assert ApiKey.objects.get().last_used_at == now
    later = now + timedelta(minutes=2)
    with time_machine.travel(later, tick=False):
        api_keys.find(made.secret)
    assert ApiKey.objects.get().last_used_at == later


def test_database_that_only_reads_still_answers() -> None:
    made, path = new_key(), stock_path()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        assert app_with(made.secret).get(path).status_code == 200
        transaction.set_rollback(True)


def writes() -> list[StaffAuditEntry]:
    entries = StaffAuditEntry.objects.exclude(method="").order_by("id")
    return list(entries.filter(email__startswith="krm_"))


def test_what_a_program_does_is_recorded() -> None:
    made, path = new_key("stock:write"), stock_path()
    body = {"on_hand": 3, "note": "Hitung"}
    assert app_with(made.secret).put(path, body, format="json").status_code == 200
    (entry,) = writes()
    assert entry.actor == made.row.program
    assert (entry.email, entry.subject) == (made.row.prefix, "Jubelio")
    assert (entry.method, entry.path, entry.status) == ("PUT", path, 200)


def test_what_a_program_is_refused_is_recorded_too() -> None:
    path = stock_path()
    program("stock:read").put(path, {"on_hand": 3, "note": "x"}, format="json")
    assert [entry.status for entry in writes()] == [403]


def test_reads_and_strangers_are_not_recorded() -> None:
    path = stock_path()
    program("stock:read").get(path)
    app_with("krm_00000000_x").put(path, {"on_hand": 1, "note": "x"}, format="json")
    assert not writes()


def test_making_and_revoking_are_recorded_with_who_did_it() -> None:
    made, citra = new_key("stock:read"), StaffFactory()
    api_keys.revoke(made.row, actor=citra)
    first, second = StaffAuditEntry.objects.order_by("id")
    assert first.reason == "kunci API dibuat: stock:read"
    assert (second.reason, second.actor) == ("kunci API dicabut", citra)
    assert made.row.prefix in second.object


def test_key_is_taken_out_of_logs() -> None:
    secret = new_key().secret
    assert secret not in scrub(f"Authorization: Api-Key {secret}")
    assert scrub(f"sent {secret} to us") == "sent [api-key] to us"


def test_owner_makes_a_key_and_sees_it_once(owner: Client) -> None:
    answer = owner.post(page("accounts_apikey_add"), FORM)
    (secret,) = set(KEY.findall(answer.content.decode()))
    assert "no-store" in answer["Cache-Control"]
    key = ApiKey.objects.get()
    assert (key.name, key.scopes) == ("Jubelio", ["stock:read", "stock:write"])
    assert api_keys.find(secret) == key
    for again in (
        owner.get(page("accounts_apikey_change", key.pk)),
        owner.get(page("accounts_apikey_changelist")),
    ):
        shown = again.content.decode()
        assert key.prefix in shown
        assert secret not in shown
        assert key.secret_hash not in shown


@pytest.mark.parametrize("missing", ["name", "scopes", "life"])
def test_form_says_what_is_missing(owner: Client, missing: str) -> None:
    body = {name: value for name, value in FORM.items() if name != missing}
    answer = owner.post(page("accounts_apikey_add"), body)
    assert answer.context["form"].errors.keys() == {missing}
    assert not ApiKey.objects.exists()


def test_owner_revokes_a_key(owner: Client) -> None:
    made = new_key()
    revoke = page("accounts_apikey_revoke", made.row.pk)
    owner.get(revoke)
    assert api_keys.find(made.secret)
    owner.post(revoke)
    assert api_keys.find(made.secret) is None
    shown = owner.get(page("accounts_apikey_change", made.row.pk)).content.decode()
    assert "Dicabut" in shown
    assert "Cabut kunci" not in shown


ROLES = ["manager", "cs", "warehouse", "marketing", "finance", ""]


@pytest.mark.parametrize("role", ROLES)
def test_only_the_owner_has_to_do_with_keys(
    staff_client: StaffClient, role: str
) -> None:
    made, client = new_key(), staff_client(role)
    pages = [
        client.get(page("accounts_apikey_changelist")),
        client.get(page("accounts_apikey_change", made.row.pk)),
        client.get(page("accounts_apikey_add")),
        client.post(page("accounts_apikey_add"), FORM),
        client.post(page("accounts_apikey_revoke", made.row.pk)),
    ]
    assert {answer.status_code for answer in pages} == {403}
    assert list(ApiKey.objects.values_list("revoked_at", flat=True)) == [None]
