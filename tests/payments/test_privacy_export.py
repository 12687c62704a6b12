"""A copy of one's data: complete, private, and gone after seven days."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import models
from django.utils import timezone

from accounts.clients.kratos_http import KratosUnavailable
from accounts.models import Message, PrivacyRequest, User
from accounts.services.privacy_requests import (
    PrivacyRequestNotFound,
    PrivacyRequestOpen,
)
from orders.models import Order
from payments.services import privacy_archive, privacy_export, privacy_jobs
from payments.services.privacy_export import ExportExpired, ExportNotReady
from payments.services.privacy_sections import LEFT_OUT, SECTIONS
from sandbox.kratos import Kratos
from tests.fixtures_queue import Jobs
from tests.payments.person import CARD, EMAIL, NAME, TOKEN, Person

pytestmark = pytest.mark.django_db


def built(user: User) -> PrivacyRequest:
    request = privacy_export.request_export(user)
    privacy_export.build_export(request.pk)
    request.refresh_from_db()
    return request


def archive_of(user: User, request: PrivacyRequest) -> zipfile.ZipFile:
    with privacy_export.open_export(user, request_id=request.pk) as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def data_of(user: User) -> dict[str, list[dict[str, Any]]]:
    data: dict[str, list[dict[str, Any]]]
    data = json.loads(archive_of(user, built(user)).read("data.json"))
    return data


def tables_of_a_person() -> set[str]:
    """Return every table from which foreign keys lead to a user, directly or not."""
    found: set[type[models.Model]] = {User}
    while more := {
        model
        for model in apps.get_models()
        if model not in found and _refers_to(model, found)
    }:
        found |= more
    return {model._meta.label for model in found}


def _refers_to(model: type[models.Model], known: set[type[models.Model]]) -> bool:
    return any(
        field.related_model in known
        for field in model._meta.concrete_fields
        if field.is_relation
    )


def test_every_table_about_a_person_is_in_the_copy_or_left_out_on_purpose(
    person: Person,
) -> None:
    exported = {section.rows(person.user).model._meta.label for section in SECTIONS}
    assert tables_of_a_person() - exported == set(LEFT_OUT)
    assert all(LEFT_OUT.values())


def test_walk_finds_tables_that_are_several_steps_away() -> None:
    assert {"payments.GatewayTransaction", "orders.CartLine"} <= tables_of_a_person()


def test_copy_holds_a_row_of_every_section(person: Person) -> None:
    data = data_of(person.user)
    assert set(data) == {section.name for section in SECTIONS} | {"sessions"}
    empty = {name for name, rows in data.items() if not rows}
    assert empty == {"sessions"}


def test_copy_holds_the_persons_own_words(person: Person) -> None:
    data = data_of(person.user)
    assert data["profile"][0]["email"] == EMAIL
    assert data["addresses"][0]["landmark"] == "pagar hijau"
    assert data["group_applications"][0]["shop_name"] == "Toko Putri"
    assert {row["number"] for row in data["orders"]} == {
        person.delivered.number,
        person.cancelled.number,
    }
    assert data["payment_events"][0]["body"]["masked_card"] == CARD
    assert data["cart_lines"][0]["variant__sku"]


def test_copy_opens_no_door_and_names_no_staff(person: Person) -> None:
    text = archive_of(person.user, built(person.user)).read("data.json").decode()
    assert TOKEN not in text
    for word in ("password", "token_hash", "snap_token", "actor", "resolved_by"):
        assert f'"{word}' not in text


def test_copy_holds_nothing_of_others(person: Person, budi: User) -> None:
    number = person.cancelled.number
    Order.objects.filter(number=number).update(customer=budi)
    Message.objects.filter(order_number=number).update(customer=budi)
    data = data_of(person.user)
    assert number not in json.dumps(data)
    assert {row["order_number"] for row in data["messages"]} == {
        person.delivered.number
    }


def test_copy_names_the_devices(person: Person, identity: Kratos) -> None:
    identity.login(EMAIL)
    [session] = data_of(person.user)["sessions"]
    assert session["ip_address"]


def test_orders_are_a_table_for_a_spreadsheet(person: Person) -> None:
    Order.objects.filter(pk=person.delivered.pk).update(notes="=HYPERLINK(1)")
    text = archive_of(person.user, built(person.user)).read("orders.csv").decode()
    assert text.startswith("\ufeffNomor,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    row = next(r for r in rows if r["Nomor"] == person.delivered.number)
    assert row["Penerima"] == NAME
    assert row["Total (Rp)"] == str(person.delivered.grand_total)
    assert row["Waktu pesan (WIB)"].endswith("WIB")
    assert (row["Catatan"], row["Telepon"]) == ("'=HYPERLINK(1)", "'+6281234567801")


def test_negative_number_is_no_formula() -> None:
    assert privacy_archive._cell(-5) == "-5"


def test_readme_says_in_indonesian_what_is_inside(person: Person) -> None:
    text = archive_of(person.user, built(person.user)).read("README.txt").decode()
    assert "Salinan data Anda" in text
    assert "- orders: Pesanan (2)" in text


def test_request_tells_how_far_it_is(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(customer: User) -> list[Any]:
        seen.append(PrivacyRequest.objects.get().percent)
        return []

    seen: list[int] = []
    monkeypatch.setattr(privacy_export, "_sessions", look)
    request = built(person.user)
    assert 50 < seen[0] < 100
    assert (request.state, request.percent, request.step) == ("done", 100, "")
    assert request.due_at - request.requested_at == timedelta(hours=72)


def test_job_is_in_the_queue_with_the_request(person: Person, jobs: Jobs) -> None:
    request = privacy_export.request_export(person.user)
    name, arguments = jobs()[-1]
    assert name == "payments.tasks.build_privacy_export"
    assert arguments == {"request_id": str(request.pk)}


def test_job_is_undone_with_its_transaction(
    person: Person, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put_and_fail(request: PrivacyRequest) -> None:
        put(request)
        assert len(jobs()) == 1
        raise ZeroDivisionError

    put = privacy_jobs.put_into_queue
    monkeypatch.setattr(privacy_jobs, "put_into_queue", put_and_fail)
    with pytest.raises(ZeroDivisionError):
        privacy_export.request_export(person.user)
    assert not jobs()
    assert not PrivacyRequest.objects.exists()


def test_one_copy_at_a_time(person: Person, jobs: Jobs) -> None:
    first = privacy_export.request_export(person.user)
    with pytest.raises(PrivacyRequestOpen) as refusal:
        privacy_export.request_export(person.user)
    assert refusal.value.extra == {"id": str(first.pk)}
    assert len(jobs()) == 1


def test_next_copy_may_follow_a_finished_one(person: Person) -> None:
    built(person.user)
    assert built(person.user).state == "done"


def test_copy_is_not_there_before_it_is_made(person: Person) -> None:
    request = privacy_export.request_export(person.user)
    with pytest.raises(ExportNotReady):
        privacy_export.open_export(person.user, request_id=request.pk)


def test_copy_of_another_customer_is_not_found(person: Person, budi: User) -> None:
    request = built(person.user)
    with pytest.raises(PrivacyRequestNotFound):
        privacy_export.open_export(budi, request_id=request.pk)


def test_kratos_away_is_tried_again(person: Person, identity: Kratos) -> None:
    request = privacy_export.request_export(person.user)
    identity.faults.set("unavailable", path="/admin")
    with pytest.raises(KratosUnavailable):
        privacy_export.build_export(request.pk)
    request.refresh_from_db()
    assert request.state == "running"
    identity.faults.clear()
    privacy_export.build_export(request.pk)
    request.refresh_from_db()
    assert request.state == "done"


def test_what_a_dead_try_left_is_overwritten(
    person: Person, private_files: Path
) -> None:
    request = privacy_export.request_export(person.user)
    (private_files / "exports").mkdir()
    (private_files / "exports" / f"{request.pk}.zip").write_bytes(b"half")
    privacy_export.build_export(request.pk)
    assert archive_of(person.user, request).testzip() is None
    assert len(list(private_files.rglob("*.*"))) == 1


def test_copy_is_gone_after_seven_days(person: Person, private_files: Path) -> None:
    request = built(person.user)
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        with pytest.raises(ExportExpired):
            privacy_export.open_export(person.user, request_id=request.pk)
        assert privacy_export.delete_expired() == 1
    assert not list(private_files.rglob("*.zip"))
    request.refresh_from_db()
    assert request.state == "expired"


def test_copy_is_kept_for_seven_days(person: Person, private_files: Path) -> None:
    built(person.user)
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23)):
        assert privacy_export.delete_expired() == 0
    assert list(private_files.rglob("*.zip"))


def test_copy_whose_file_was_lost_has_expired(
    person: Person, private_files: Path
) -> None:
    request = built(person.user)
    for file in private_files.rglob("*.zip"):
        file.unlink()
    with pytest.raises(ExportExpired):
        privacy_export.open_export(person.user, request_id=request.pk)
