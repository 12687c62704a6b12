import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLResolver, get_resolver
from django.urls.resolvers import RegexPattern
from pytest_django import Settings

from accounts.models import StaffAuditEntry
from karima.cross_origin import CrossOriginGuard, is_exempt

STOREFRONT = "https://karima.example"
COOKIE = {"Cookie": "ory_kratos_session=abc"}
BEARER = {"Authorization": "Bearer ory_st_x"}


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ran")


class Webhook:
    origin_exempt = True


def webhook(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ran")


webhook.cls = Webhook  # type: ignore[attr-defined]  # as DRF does


@pytest.fixture(autouse=True)
def origins(settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [STOREFRONT]
    settings.ALLOWED_HOSTS = ["api.karima.example"]


def answer(
    headers: Mapping[str, str], *, method: str = "POST", to: object = view
) -> HttpResponse | None:
    request = RequestFactory().generic(
        method, "/api/v1/orders", headers={"Host": "api.karima.example", **headers}
    )
    guard = CrossOriginGuard(view)
    return guard.process_view(request, to, (), {})  # type: ignore[arg-type]  # any view


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(
            {"Origin": STOREFRONT, "Sec-Fetch-Site": "cross-site", **COOKIE},
            id="storefront",
        ),
        pytest.param(
            {"Origin": "http://api.karima.example", **COOKIE}, id="own origin"
        ),
        pytest.param({"Sec-Fetch-Site": "same-origin", **COOKIE}, id="same origin"),
        pytest.param(BEARER, id="token without cookie"),
        pytest.param({}, id="curl"),
        pytest.param({"Cookie": "theme=dark"}, id="another cookie"),
    ],
)
def test_own_pages_and_programs_pass(headers: Mapping[str, str]) -> None:
    assert answer(headers) is None


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Origin": "https://evil.example", **COOKIE}, "origin"),
        ({"Origin": "null", **COOKIE}, "origin"),
        ({"Origin": "https://taken.karima.example", **COOKIE}, "origin"),
        ({"Origin": "https://karima.example.evil.example", **COOKIE}, "origin"),
        ({"Origin": "http://karima.example", **COOKIE}, "origin"),
        ({"Origin": "https://KARIMA.example", **COOKIE}, "origin"),
        ({"Origin": "https://karima.example:8443", **COOKIE}, "origin"),
        ({"Origin": f"{STOREFRONT} https://evil.example", **COOKIE}, "origin"),
        ({"Origin": "", **COOKIE}, "origin"),
        ({"Origin": "https://evil.example", **BEARER}, "origin"),
        (COOKIE, "cookie_without_origin"),
        ({"Sec-Fetch-Site": "none", **COOKIE}, "fetch_site"),
        ({"Sec-Fetch-Site": "same-site", **COOKIE}, "fetch_site"),
        ({**BEARER, **COOKIE}, "cookie_without_origin"),
        ({"Cookie": "karima_admin=x"}, "cookie_without_origin"),
    ],
)
def test_other_pages_are_refused(headers: Mapping[str, str], reason: str) -> None:
    response = answer(headers)
    assert response is not None
    assert response.status_code == 403
    assert response["Content-Type"] == "application/problem+json"
    assert f'"reason": "{reason}"'.encode() in response.content


def test_reading_is_not_refused() -> None:
    assert answer({"Origin": "https://evil.example", **COOKIE}, method="GET") is None


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH"])
def test_every_unsafe_method_is_guarded(method: str) -> None:
    assert answer({"Origin": "https://evil.example"}, method=method) is not None


def test_view_with_a_signature_is_exempt() -> None:
    assert answer({"Origin": "https://evil.example"}, to=webhook) is None


# Views that a signature or a key guards instead; extend this list only after a review.
REVIEWED_EXEMPTIONS = {
    "api/v1/payments/midtrans/notification",
    "api/v1/payment/webhook",
    "api/v1/webhooks/midtrans",
    "api/v1/webhooks/kratos",
}


def routes(patterns: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every route of the API host with its view."""
    for entry in patterns:
        route = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, route)
        elif not isinstance(entry.pattern, RegexPattern):
            yield route, entry.callback


API_ROUTES = list(routes(get_resolver("karima.urls.api").url_patterns))


def test_only_reviewed_views_are_exempt() -> None:
    assert {r for r, view in API_ROUTES if is_exempt(view)} == REVIEWED_EXEMPTIONS


@pytest.mark.parametrize("route", [r for r, view in API_ROUTES if not is_exempt(view)])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_route_changes_anything_for_another_site(
    client: Client, settings: Settings, route: str, method: str
) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    path = "/" + re.sub(r"<[^>]+>", "1", route)
    headers = {"Origin": "https://evil.example", **COOKIE}
    response = client.generic(method, path, headers=headers)
    assert response.status_code == 403
    assert response.json()["code"] == "cross_origin"


ADMIN_ROUTES = sorted(
    {r for r, _ in routes(get_resolver("karima.urls.admin").url_patterns)}
)


def row_counts() -> dict[str, int]:
    """Return how many rows each table of the shop has; the audit may grow."""
    models = [m for m in apps.get_models() if m is not StaffAuditEntry]
    return {m._meta.label: m._default_manager.count() for m in models}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_admin_changes_nothing_for_another_site(
    settings: Settings, owner: Client, method: str
) -> None:
    """The member of staff is signed in, and the page is not ours."""
    settings.ALLOWED_HOSTS = ["testserver"]
    owner.get("/admin/")
    before = row_counts()
    for route in ADMIN_ROUTES:
        path = "/" + re.sub(r"<[^>]+>", "1", route)
        headers = {"Origin": "https://evil.example"}
        assert owner.generic(method, path, headers=headers).status_code == 403, path
    assert row_counts() == before
