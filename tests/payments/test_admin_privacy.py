"""The staff's list of privacy requests."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import PrivacyRequest, User
from payments.services import privacy_export
from tests.fixtures_staff import StaffClient
from tests.payments.admin_pages import page, text_of

pytestmark = pytest.mark.django_db

LIST = "accounts_privacyrequest_changelist"


@pytest.fixture
def failed(aisyah: User) -> PrivacyRequest:
    """Give a request that stopped half-way."""
    request = privacy_export.request_export(aisyah)
    PrivacyRequest.objects.update(
        state="failed",
        percent=40,
        step="orders",
        tries=24,
        finished_steps={"delete_belongings": "2026-11-23T05:00:10+00:00"},
    )
    request.refresh_from_db()
    return request


def run_again(client: Client, request: PrivacyRequest) -> str:
    body = {"action": "run_again", "_selected_action": str(request.pk)}
    return text_of(client.post(page(LIST), body, follow=True))


def test_list_shows_state_progress_and_deadline(
    owner: Client, failed: PrivacyRequest
) -> None:
    shown = text_of(owner.get(page(LIST)))
    assert "Aisyah Putri" in shown
    assert "Gagal" in shown
    assert 'value="40"' in shown
    assert "terlambat" not in shown


def test_request_past_its_deadline_says_so(
    owner: Client, failed: PrivacyRequest
) -> None:
    PrivacyRequest.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    assert "terlambat" in text_of(owner.get(page(LIST)))


def test_page_tells_which_steps_are_done(owner: Client, failed: PrivacyRequest) -> None:
    shown = text_of(owner.get(page("accounts_privacyrequest_change", failed.pk)))
    assert "Menghapus data pendukung: 23-11-2026 12:00 WIB" in shown
    assert "Pasal 7 dan 32" in shown


def test_failed_request_is_run_again(owner: Client, failed: PrivacyRequest) -> None:
    assert "Dijalankan lagi." in run_again(owner, failed)
    failed.refresh_from_db()
    assert (failed.state, failed.tries) == ("running", 0)


def test_request_that_has_not_failed_stays(owner: Client, aisyah: User) -> None:
    request = privacy_export.request_export(aisyah)
    assert "Hanya permintaan yang gagal" in run_again(owner, request)
    request.refresh_from_db()
    assert request.state == "waiting"


def test_request_is_not_edited(owner: Client, failed: PrivacyRequest) -> None:
    url = page("accounts_privacyrequest_change", failed.pk)
    assert owner.post(url, {"state": "done"}).status_code == 403


@pytest.mark.parametrize(
    ("role", "sees", "runs"),
    [
        ("owner", True, True),
        ("manager", True, True),
        ("cs", True, False),
        ("warehouse", False, False),
        ("marketing", False, False),
        ("finance", False, False),
    ],
)
def test_roles(
    role: str,
    sees: bool,
    runs: bool,
    staff_client: StaffClient,
    failed: PrivacyRequest,
) -> None:
    client = staff_client(role)
    assert client.get(page(LIST)).status_code == (200 if sees else 403)
    run_again(client, failed)
    failed.refresh_from_db()
    assert (failed.state == "running") is runs
