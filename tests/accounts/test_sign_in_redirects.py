"""The storefront's links to sign in and to register."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

BROWSER = "http://127.0.0.1:4433"
STOREFRONT = "http://127.0.0.1:3000"


@pytest.fixture(autouse=True)
def hosts(settings: Settings) -> None:
    settings.KRATOS_BROWSER_URL = BROWSER
    settings.STOREFRONT_URL = STOREFRONT
    settings.KRATOS_UI_URL = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("path", "kind"), [("login", "login"), ("register", "registration")]
)
def test_link_begins_a_flow_at_kratos(client: Client, path: str, kind: str) -> None:
    response = client.get(f"/api/v1/auth/{path}")
    assert response.status_code == 303
    assert response["Location"] == f"{BROWSER}/self-service/{kind}/browser"
    assert response["Cache-Control"] == "no-store"


def test_way_back_goes_along(client: Client) -> None:
    response = client.get("/api/v1/auth/login", {"return_to": f"{STOREFRONT}/a?b=c&d"})
    query = parse_qs(urlsplit(response["Location"]).query)
    assert query == {"return_to": [f"{STOREFRONT}/a?b=c&d"]}


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "/cart", "javascript:alert(1)", "x"],
)
@pytest.mark.parametrize("path", ["login", "register"])
def test_foreign_way_back_is_dropped(client: Client, path: str, address: str) -> None:
    response = client.get(f"/api/v1/auth/{path}", {"return_to": address})
    assert response.status_code == 303
    assert "return_to" not in response["Location"]


def test_bad_credential_does_not_keep_anybody_from_signing_in(client: Client) -> None:
    headers = {"Authorization": "Bearer ory_st_stale"}
    assert client.get("/api/v1/auth/login", headers=headers).status_code == 303
