from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings
from rest_framework import exceptions

from accounts.api.me import MeView
from karima.errors import Conflict, Forbidden, NotFound, Unavailable, Unprocessable

ALLOWED = "http://127.0.0.1:3000"
ME = "/api/v1/auth/me"
CART = "/api/v1/cart/items"
JSON = "application/json"
PREFLIGHT = "Access-Control-Request-Method"


def preflight(client: Client, origin: str, **extra: str) -> Any:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        **extra,
    }
    return client.options(ME, headers=headers)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "http://127.0.0.1:3000",
        "http://localhost:4455",
        "http://127.0.0.1:4455",
    ],
)
def test_development_origins_are_echoed(client: Client, origin: str) -> None:
    response = preflight(client, origin)
    assert response["Access-Control-Allow-Origin"] == origin
    assert response["Access-Control-Allow-Credentials"] == "true"
    assert "origin" in response["Vary"].lower()


@pytest.mark.parametrize(
    "origin",
    [
        "https://karima.example.evil.example",
        "http://karima.example",
        "https://KARIMA.example",
        "https://karima.example:443",
        "https://sub.karima.example",
        "null",
    ],
)
def test_near_misses_get_no_cors_headers(
    client: Client, settings: Settings, origin: str
) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://karima.example"]
    response = preflight(client, origin)
    assert "Access-Control-Allow-Origin" not in response
    assert "origin" in response["Vary"].lower()


def test_preflight_names_the_six_methods_and_a_day(client: Client) -> None:
    response = preflight(client, ALLOWED)
    methods = set(response["Access-Control-Allow-Methods"].split(", "))
    assert methods == {"GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}
    assert response["Access-Control-Max-Age"] == "86400"


@pytest.mark.parametrize(
    "header",
    [
        "origin", "content-type", "accept", "authorization", "x-requested-with",
        "cookie", "idempotency-key", "x-cart-token", "x-session-token", "x-csrftoken",
        "if-none-match", "if-match", "x-request-id", "accept-language",
    ],
)  # fmt: skip
def test_preflight_allows_the_headers_of_the_storefront(
    client: Client, header: str
) -> None:
    response = preflight(client, ALLOWED, **{"Access-Control-Request-Headers": header})
    assert header in response["Access-Control-Allow-Headers"].split(", ")


def test_answers_expose_what_the_storefront_reads(client: Client) -> None:
    response = client.get("/health/live", headers={"Origin": ALLOWED})
    exposed = set(response["Access-Control-Expose-Headers"].split(", "))
    assert {"ETag", "Retry-After", "X-Request-ID", "Link", "Set-Cookie"} <= exposed


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the view raise what it is told to."""

    def prepare(raised: Exception) -> None:
        def get(self: MeView, request: Any) -> None:
            raise raised

        monkeypatch.setattr(MeView, "get", get)
        monkeypatch.setattr(MeView, "authentication_classes", ())
        monkeypatch.setattr(MeView, "permission_classes", ())

    return prepare


def assert_readable(response: Any) -> None:
    """The storefront's script may read the answer, sent with its credentials."""
    assert response["Content-Type"] == "application/problem+json"
    assert response["Access-Control-Allow-Origin"] == ALLOWED
    assert response["Access-Control-Allow-Credentials"] == "true"
    assert "Retry-After" in response["Access-Control-Expose-Headers"]
    assert "origin" in response["Vary"].lower()


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (Forbidden(), 403),
        (NotFound(), 404),
        (Conflict(), 409),
        (Unprocessable(), 422),
        (exceptions.Throttled(), 429),
        (RuntimeError("boom"), 500),
        (Unavailable(), 503),
        (OperationalError("connection refused"), 503),
    ],
)
def test_errors_carry_cors_headers_for_allowed_origins_only(
    client: Client, refusing: Any, raised: Exception, status: int
) -> None:
    refusing(raised)
    client.raise_request_exception = False
    response = client.get(ME, headers={"Origin": ALLOWED})
    assert response.status_code == status
    assert_readable(response)
    other = client.get(ME, headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in other


@pytest.mark.parametrize(
    ("request_line", "body", "content_type", "status"),
    [
        (f"GET {ME}", "", "", 401),
        ("GET /api/v1/nowhere", "", "", 404),
        ("DELETE /api/v1/products", "", "", 405),
        (f"POST {CART}", "{", JSON, 400),
        (f"POST {CART}", f'{{"sku": "{"x" * 1024**2}"}}', JSON, 413),
        (f"POST {CART}", "sku=x", "application/x-www-form-urlencoded", 415),
    ],
)
@pytest.mark.django_db
def test_refusals_before_the_view_carry_cors_headers(
    client: Client, request_line: str, body: str, content_type: str, status: int
) -> None:
    method, path = request_line.split()
    response = client.generic(
        method, path, body, content_type, headers={"Origin": ALLOWED}
    )
    assert response.status_code == status
    assert_readable(response)


@pytest.mark.parametrize("origin", [ALLOWED, "https://evil.example", "null", "*"])
def test_star_is_never_answered(client: Client, origin: str) -> None:
    """T-2.4: a star would be wrong with credentials, for any origin and header."""
    for response in (
        preflight(client, origin),
        client.get("/health/live", headers={"Origin": origin}),
    ):
        sent = [v for n, v in response.items() if n.lower().startswith("access-")]
        assert not any("*" in value for value in sent)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/payments/midtrans/notification",
        "/api/v1/payments/midtrans/notification/",
        "/api/v1/payment/webhook",
        "/api/v1/webhooks/midtrans",
    ],
)
def test_webhooks_answer_without_cors(client: Client, db: None, path: str) -> None:
    """No page calls them."""
    headers = {"Origin": ALLOWED}
    asked = client.options(path, headers=headers | {PREFLIGHT: "POST"})
    posted = client.post(path, "{", JSON, headers=headers)
    for response in (asked, posted):
        assert "Access-Control-Allow-Origin" not in response


def test_missing_session_is_401_with_cors_headers(client: Client) -> None:
    response = client.get(ME, headers={"Origin": ALLOWED})
    assert response.status_code == 401
    assert response["Access-Control-Allow-Origin"] == ALLOWED


def test_refused_origin_runs_nothing(client: Client) -> None:
    response = client.post(ME, headers={"Origin": "https://evil.example"})
    assert response.status_code == 403
    assert response.json()["code"] == "cross_origin"
    assert "Access-Control-Allow-Origin" not in response


def test_admin_has_no_cors_headers(client: Client, db: None) -> None:
    response = client.get("/admin/", headers={"Origin": ALLOWED})
    assert "Access-Control-Allow-Origin" not in response


def test_fault_of_ours_shows_nothing_of_it(client: Client, refusing: Any) -> None:
    refusing(RuntimeError("SELECT secret FROM users"))
    client.raise_request_exception = False
    body = client.get(ME).content.decode()
    assert "SELECT" not in body
    assert "RuntimeError" not in body
