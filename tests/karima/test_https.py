"""Plain http in production, for people and for programs; HSTS on everything else."""

import pytest
from django.test import Client
from pytest_django import Settings

HOSTS = {
    "API_HOSTS": ["api.karima.example"],
    "ADMIN_HOSTS": ["admin.karima.example"],
    "AUTH_HOSTS": ["auth.karima.example"],
}


@pytest.fixture
def production(settings: Settings) -> Settings:
    settings.APP_ENV = "production"
    for name, hosts in HOSTS.items():
        setattr(settings, name, hosts)
    settings.ALLOWED_HOSTS = [*(host for (host,) in HOSTS.values()), "127.0.0.1"]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^health", r"^internal/"]
    settings.SECURE_HSTS_SECONDS = 300
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    return settings


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize("path", ["/api/v1/products", "/api/docs", "/", "/nowhere"])
def test_api_host_tells_of_https_and_does_not_redirect(
    production: Settings, client: Client, method: str, path: str
) -> None:
    headers = {"Host": "api.karima.example"}
    response = client.generic(method, path, headers=headers)
    assert response.status_code == 403
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "https_required"
    assert "Location" not in response


@pytest.mark.parametrize("face", ["admin", "auth"])
def test_pages_of_people_are_redirected(
    production: Settings, client: Client, face: str
) -> None:
    headers = {"Host": f"{face}.karima.example"}
    response = client.get("/login?flow=1", headers=headers)
    assert response.status_code == 301
    assert response["Location"] == f"https://{face}.karima.example/login?flow=1"


def test_health_is_asked_from_inside_without_https(
    production: Settings, client: Client
) -> None:
    response = client.get("/health/live", headers={"Host": "127.0.0.1"})
    assert response.status_code == 200


def test_unknown_host_is_refused_before_anything(
    production: Settings, client: Client
) -> None:
    response = client.get("/api/v1/products", headers={"Host": "evil.example"})
    assert response.status_code == 400


def test_https_as_the_proxy_says_it_is_served_with_hsts_once(
    production: Settings, client: Client
) -> None:
    headers = {"Host": "api.karima.example", "X-Forwarded-Proto": "https"}
    response = client.get("/health/live", headers=headers)
    assert response.status_code == 200
    sent = [value for name, value in response.items() if "transport" in name.lower()]
    assert sent == ["max-age=300; includeSubDomains"]


def test_plain_http_carries_no_hsts(production: Settings, client: Client) -> None:
    """Browsers ignore it there, and anybody on the way could write it."""
    response = client.get("/health", headers={"Host": "api.karima.example"})
    assert "Strict-Transport-Security" not in response


def test_development_answers_over_http(client: Client) -> None:
    assert client.get("/health/live").status_code == 200
