"""A rule's refusal, and an outage, in pages that DRF does not make."""

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client
from pytest_django import Settings

from accounts.admin import CustomerAdmin
from accounts.clients.kratos import KratosUnavailable
from karima.errors import Conflict

HOSTS = {"api": "api.karima.example", "auth": "auth.karima.example"}


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch, owner: Client) -> Any:
    """Return a function that gives a page of the admin, which raises something."""

    def answer(raised: Exception) -> Any:
        def rows(*args: Any) -> None:
            raise raised

        owner.raise_request_exception = False
        monkeypatch.setattr(CustomerAdmin, "get_queryset", rows)
        return owner.get("/admin/accounts/user/")

    return answer


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (KratosUnavailable(), 503),
        (Conflict("Sudah diubah orang lain."), 409),
        (OperationalError("connection refused"), 503),
        (InterfaceError("connection closed"), 503),
        (RuntimeError("boom"), 500),
    ],
)
def test_page_is_calm_and_has_the_status(
    refusing: Any, settings: Settings, raised: Exception, status: int
) -> None:
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    response = refusing(raised)
    assert response.status_code == status
    assert response["Content-Type"].startswith("text/html")
    assert response["Cache-Control"] == "no-store"
    assert "Traceback" not in response.content.decode()
    assert "connection refused" not in response.content.decode()


def test_refusals_own_words_are_shown(refusing: Any) -> None:
    page = refusing(Conflict("Sudah diubah orang lain.")).content.decode()
    assert "Sudah diubah orang lain." in page


def test_outage_says_when_to_come_back(refusing: Any) -> None:
    assert refusing(OperationalError("connection refused"))["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("host", "kind"),
    [(HOSTS["api"], "application/problem+json"), (HOSTS["auth"], "text/html")],
)
def test_outage_before_any_view_is_a_503(
    client: Client,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    kind: str,
) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("connection refused")

    settings.APP_ENV = "production"
    settings.API_HOSTS, settings.AUTH_HOSTS = [HOSTS["api"]], [HOSTS["auth"]]
    settings.ALLOWED_HOSTS = list(HOSTS.values())
    monkeypatch.setattr("karima.wib.face", away)
    client.raise_request_exception = False
    response = client.get("/nowhere", headers={"Host": host})
    assert response.status_code == 503
    assert response["Content-Type"].startswith(kind)
