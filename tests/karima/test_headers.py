"""The headers of every face, refusals and faults included."""

import pytest
from django.http import HttpRequest
from django.test import Client
from pytest_django import Settings

from karima import headers
from tests.karima.environments import good_production
from tests.karima.processes import run_python, settings_of

HOSTS = {
    "API_HOSTS": "api.karima.example",
    "ADMIN_HOSTS": "admin.karima.example",
    "AUTH_HOSTS": "auth.karima.example",
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
API, ADMIN, AUTH = HOSTS.values()


@pytest.fixture(autouse=True)
def production(settings: Settings) -> None:
    settings.APP_ENV = "production"
    for name, host in HOSTS.items():
        setattr(settings, name, [host])
    settings.ALLOWED_HOSTS = [*HOSTS.values(), "127.0.0.1"]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^health", r"^internal/"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


HTTPS = {"X-Forwarded-Proto": "https"}
REQUESTS = [
    ("an answer", API, "GET", "/health/live", HTTPS, 200),
    ("not found", API, "GET", "/nowhere", HTTPS, 404),
    ("not signed in", API, "GET", "/api/v1/auth/me", HTTPS, 401),
    ("no such method", API, "DELETE", "/api/v1/products", HTTPS, 405),
    ("OPTIONS", API, "OPTIONS", "/api/v1/products", HTTPS, 200),
    ("plain http", API, "GET", "/api/v1/products", {}, 403),
    ("an unknown host", "evil.example", "GET", "/", HTTPS, 400),
    ("Access is missing", ADMIN, "GET", "/admin/", HTTPS, 403),
    ("a redirect to https", ADMIN, "GET", "/admin/", {}, 301),
    ("not found on the auth host", AUTH, "GET", "/nowhere", HTTPS, 404),
    ("TRACE", API, "TRACE", "/api/v1/products", HTTPS, 405),
    ("TRACE at the admin", ADMIN, "TRACE", "/admin/", HTTPS, 405),
]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("host", "method", "path", "sent", "status"),
    [row[1:] for row in REQUESTS],
    ids=[row[0] for row in REQUESTS],
)
def test_every_answer_has_the_headers(
    client: Client, host: str, method: str, path: str, sent: dict[str, str], status: int
) -> None:
    answer = client.generic(method, path, headers={"Host": host, **sent})
    assert answer.status_code == status
    assert {name: answer.get(name) for name in ALWAYS} == ALWAYS
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"
    policy = headers.admin_policy() if host == ADMIN else headers.NOTHING
    assert answer["Content-Security-Policy"] == policy
    assert "Server" not in answer


def test_trace_echoes_nothing(client: Client) -> None:
    sent = {"Host": API, "Authorization": "Bearer ory_st_echo", **HTTPS}
    answer = client.generic("TRACE", "/api/v1/products", headers=sent)
    assert b"ory_st_echo" not in answer.content
    assert answer["Content-Type"] == "application/problem+json"


def test_admin_may_show_photos_and_end_at_access(settings: Settings) -> None:
    settings.MEDIA_ORIGIN = "https://cdn.karima.com"
    settings.CF_ACCESS_TEAM_DOMAIN = "karima.cloudflareaccess.com"
    policy = headers.admin_policy()
    assert "img-src 'self' data: blob: https://cdn.karima.com;" in policy
    assert "form-action 'self' https://karima.cloudflareaccess.com;" in policy
    assert "'unsafe-inline'" not in policy.partition("style-src")[0]


def test_docs_have_a_policy_of_their_own(client: Client, settings: Settings) -> None:
    settings.APP_ENV = "development"
    settings.SECURE_SSL_REDIRECT = False
    answer = client.get("/api/docs", headers={"Host": "127.0.0.1"})
    assert answer["Content-Security-Policy"] == headers.DOCS


SHOW_ROUTES = """
import django
from karima.settings import select_settings
select_settings()
django.setup()
from django.urls import Resolver404, resolve
for path in ("/api/docs", "/api/v1/openapi.json", "/swagger", "/api/v1/products"):
    print(path, resolve(path, "karima.urls.api").url_name)
"""


def test_docs_are_off_in_production() -> None:
    done = run_python("-c", SHOW_ROUTES, environment=good_production())
    assert done.stdout.splitlines() == [
        "/api/docs None",
        "/api/v1/openapi.json None",
        "/swagger None",
        "/api/v1/products product-list",
    ], done.stderr


def test_production_photos_come_from_the_bucket() -> None:
    assert settings_of(good_production())["MEDIA_ORIGIN"] == "https://cdn.karima.com"


def test_fault_of_ours_shows_nothing_and_has_the_headers(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.DEBUG = False
    client.raise_request_exception = False
    secret = "SELECT password FROM karima_prod -- hunter2"

    def broken(request: HttpRequest) -> None:
        raise RuntimeError(secret)

    monkeypatch.setattr("karima.health.LivenessView.get", broken)
    for host in (API, "127.0.0.1"):
        answer = client.get("/health/live", headers={"Host": host, **HTTPS})
        assert answer.status_code == 500
        body = answer.content.decode()
        assert [
            w for w in ("hunter2", "SELECT", "Traceback", "karima/") if w in body
        ] == []
        assert answer["Content-Security-Policy"] == headers.NOTHING


def check_deploy(environment: dict[str, str]) -> int:
    done = run_python(
        "manage.py",
        "check",
        "--deploy",
        "--fail-level=WARNING",
        environment=environment,
    )
    return done.returncode


def test_deployment_checks_pass_in_production_and_fail_elsewhere() -> None:
    assert check_deploy(good_production()) == 0
    assert check_deploy({"APP_ENV": "development"}) != 0
