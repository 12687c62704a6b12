"""Privacy as a front end meets it: who may ask, what is answered, what is refused."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import PrivacyRequest, User
from payments import tasks
from sandbox.kratos import Kratos
from tests.factories import make_order
from tests.payments.person import EMAIL, Person, tables_with

pytestmark = pytest.mark.django_db

EXPORT, ERASURE = "/api/v1/privacy/export", "/api/v1/privacy/erasure"
CONFIRM = {"confirm": True}
ClientOf = Callable[[User | None], APIClient]


@pytest.fixture
def signed_in(person: Person, identity: Kratos) -> APIClient:
    """Give the person's client, with a session that Kratos made just now."""
    token = identity.login(EMAIL).token
    return APIClient(headers={"Authorization": f"Bearer {token}"})


def ask(client: APIClient) -> Any:
    return client.post(EXPORT, format="json")


def erase(client: APIClient, body: object = CONFIRM) -> Any:
    return client.post(ERASURE, body, format="json")


def run(request_id: str) -> None:
    tasks.build_privacy_export(request_id=request_id)


def test_copy_is_asked_for_watched_and_fetched(signed_in: APIClient) -> None:
    asked = ask(signed_in)
    assert asked.status_code == 202
    document = asked.json()
    assert (document["state"], document["download_url"]) == ("waiting", None)
    assert asked["Location"].endswith(f"{EXPORT}/{document['id']}")
    run(document["id"])
    done = signed_in.get(asked["Location"])
    assert (done.json()["state"], done.json()["percent"]) == ("done", 100)
    assert done["Cache-Control"] == "no-store"
    fetched = signed_in.get(done.json()["download_url"])
    assert fetched.status_code == 200
    assert fetched.streaming
    assert fetched["Content-Type"] == "application/zip"
    assert fetched["Cache-Control"] == "no-store"
    assert "attachment" in fetched["Content-Disposition"]
    archive = zipfile.ZipFile(io.BytesIO(b"".join(fetched.streaming_content)))
    assert json.loads(archive.read("data.json"))["profile"][0]["email"] == EMAIL


def test_copy_may_be_asked_for_as_a_zip(signed_in: APIClient) -> None:
    request_id = ask(signed_in).json()["id"]
    run(request_id)
    path = f"{EXPORT}/{request_id}/download"
    fetched = signed_in.get(path, headers={"Accept": "application/zip"})
    assert fetched.status_code == 200
    fetched.close()


def test_deadline_of_the_law_is_shown(signed_in: APIClient) -> None:
    document = ask(signed_in).json()
    request = PrivacyRequest.objects.get(pk=document["id"])
    assert request.due_at - request.requested_at == timedelta(hours=72)
    assert document["due_at"] == request.due_at.isoformat().replace("+00:00", "Z")


def test_second_copy_waits_for_the_first(signed_in: APIClient) -> None:
    first = ask(signed_in).json()["id"]
    again = ask(signed_in)
    assert (again.status_code, again.json()["code"]) == (409, "privacy_request_open")
    assert again.json()["id"] == first


def test_copy_is_not_fetched_before_it_is_made(signed_in: APIClient) -> None:
    request_id = ask(signed_in).json()["id"]
    answer = signed_in.get(f"{EXPORT}/{request_id}/download")
    assert (answer.status_code, answer.json()["code"]) == (409, "export_not_ready")


def test_copy_is_not_fetched_after_seven_days(
    signed_in: APIClient, client_of: ClientOf, person: Person
) -> None:
    request_id = ask(signed_in).json()["id"]
    run(request_id)
    client = client_of(person.user)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        answer = client.get(f"{EXPORT}/{request_id}/download")
        assert (answer.status_code, answer.json()["code"]) == (404, "export_expired")
        tasks.delete_expired_exports(timestamp=0)
        shown = client.get(f"{EXPORT}/{request_id}").json()
    assert (shown["state"], shown["download_url"]) == ("expired", None)


def test_copy_of_another_customer_is_not_found(
    signed_in: APIClient, client_of: ClientOf, budi: User
) -> None:
    request_id = ask(signed_in).json()["id"]
    run(request_id)
    for path in (f"{EXPORT}/{request_id}", f"{EXPORT}/{request_id}/download"):
        answer = client_of(budi).get(path)
        assert (answer.status_code, answer.json()["code"]) == (
            404,
            "privacy_request_not_found",
        )


def test_erasure_is_no_export(
    client_of: ClientOf, signed_in: APIClient, person: Person
) -> None:
    request_id = erase(signed_in).json()["id"]
    assert client_of(person.user).get(f"{EXPORT}/{request_id}").status_code == 404


def test_unknown_copy_is_not_found(client_of: ClientOf, aisyah: User) -> None:
    assert client_of(aisyah).get(f"{EXPORT}/{uuid4()}").status_code == 404


@pytest.mark.parametrize("send", [ask, erase])
def test_old_session_is_sent_to_sign_in_again(
    send: Callable[[APIClient], Any], signed_in: APIClient, identity: Kratos
) -> None:
    identity.age(EMAIL, seconds=3700)
    answer = send(signed_in)
    assert answer.status_code == 403
    assert answer.json()["code"] == "reauthentication_required"
    where = f"{identity.public_url}/self-service/login/browser?refresh=true"
    assert answer.json()["redirect_browser_to"] == where
    assert not PrivacyRequest.objects.exists()


@pytest.mark.parametrize("send", [ask, erase])
def test_session_of_the_last_hour_will_do(
    send: Callable[[APIClient], Any], signed_in: APIClient, identity: Kratos
) -> None:
    identity.age(EMAIL, seconds=3500)
    assert send(signed_in).status_code == 202


@pytest.mark.parametrize("send", [ask, erase])
def test_session_that_ended_just_now_is_refused(
    send: Callable[[APIClient], Any], identity: Kratos, person: Person
) -> None:
    login = identity.login(EMAIL)
    client = APIClient(headers={"Authorization": f"Bearer {login.token}"})
    client.get("/api/v1/auth/me")
    identity.revoke(login)
    assert send(client).status_code == 401


@pytest.mark.parametrize("path", [EXPORT, ERASURE])
def test_guest_is_asked_to_sign_in(path: str, client_of: ClientOf) -> None:
    answer = client_of(None).post(path, CONFIRM, format="json")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_guest_sees_no_copy(client_of: ClientOf) -> None:
    assert client_of(None).get(f"{EXPORT}/{uuid4()}").status_code == 401
    assert client_of(None).get(f"{EXPORT}/{uuid4()}/download").status_code == 401


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"),
        ({"confirm": False}, "not_confirmed"),
        ({"confirm": None}, "null"),
    ],
)
def test_erasure_wants_a_confirmation(
    signed_in: APIClient, person: Person, body: object, code: str
) -> None:
    answer = erase(signed_in, body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == code
    assert User.objects.get(pk=person.user.pk).is_active


def test_erasure_closes_the_account_and_then_erases(signed_in: APIClient) -> None:
    answer = erase(signed_in)
    assert answer.status_code == 202
    assert answer.json()["state"] == "waiting"
    assert "10 tahun" in answer.json()["legal_basis"]
    closed = signed_in.get("/api/v1/auth/me")
    assert (closed.status_code, closed.json()["code"]) == (403, "account_inactive")
    tasks.erase_customer(request_id=answer.json()["id"])
    assert PrivacyRequest.objects.get(pk=UUID(answer.json()["id"])).state == "done"
    assert signed_in.get("/api/v1/auth/me").status_code == 401
    assert tables_with(EMAIL) == set()


def test_blocked_erasure_names_the_order(signed_in: APIClient, person: Person) -> None:
    order = make_order(person.user)
    answer = erase(signed_in)
    assert (answer.status_code, answer.json()["code"]) == (409, "erasure_blocked")
    assert answer.json()["errors"] == [
        {
            "field": "",
            "code": "order_open",
            "message": f"Pesanan {order.number} belum selesai.",
            "order_number": order.number,
        }
    ]
