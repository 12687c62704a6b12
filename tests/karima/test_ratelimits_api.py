"""Limits as callers meet them: which scope, which headers, and what runs no more."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve
from pytest_django import Settings

from karima.ratelimits import limiter, scopes
from karima.ratelimits.middleware import (
    RateLimitMiddleware,
    limited_by,
    named_scope,
    scope_name,
)
from karima.ratelimits.scopes import Scope, by_address
from orders.models import Cart
from sandbox.kratos import Kratos
from tests.fixtures_staff import StaffClient
from tests.karima.test_cross_origin import API_ROUTES

ORIGIN = "http://127.0.0.1:3000"
ME, CART_ITEMS = "/api/v1/auth/me", "/api/v1/cart/items"
TOKEN = {"X-Session-Token": "ory_st_" + "a" * 32}
COOKIE = {"Cookie": "ory_kratos_session=abc"}
CART = {"X-Cart-Token": "cart"}
KEY = {"Authorization": "Api-Key krm_x"}
ITEM = re.compile(r'"([a-z_]+-[a-z_]+-\d+)";q=(\d+);w=(\d+);burst=(\d+)')


@pytest.fixture
def one_each(limits: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Let each scope through once in an hour."""
    narrow = (by_address(1, burst=1, window_seconds=scopes.HOUR),)
    for name in scopes.SCOPES:
        monkeypatch.setitem(scopes.SCOPES, name, Scope(name=name, rules=narrow))
    return limits


def scope_of(path: str, method: str = "GET", **headers: str) -> str:
    request = RequestFactory().generic(method, path, headers=headers)
    view = resolve(path.partition("?")[0], "karima.urls.dev").func
    return scope_name(request, view)


@pytest.mark.parametrize(
    ("method", "path", "headers", "scope"),
    [
        ("GET", "/api/v1/products", {}, "catalog"),
        ("GET", "/api/v1/products", TOKEN, "catalog"),
        ("GET", "/api/v1/products/gamis", {}, "catalog"),
        ("GET", "/api/v1/categories", {}, "catalog"),
        ("GET", "/api/v1/products?q=gamis", {}, "search"),
        ("GET", "/api/v1/products?sort=price&q=", {}, "search"),
        ("GET", ME, {}, "anonymous"),
        ("GET", ME, TOKEN, "signed_in"),
        ("GET", ME, COOKIE, "signed_in"),
        ("GET", ME, {"Authorization": "Bearer x"}, "signed_in"),
        ("GET", ME, {"Authorization": "Basic x"}, "anonymous"),
        ("GET", "/api/v1/orders", TOKEN, "signed_in"),
        ("GET", "/api/v1/cart", {}, "anonymous"),
        ("GET", "/api/v1/cart", TOKEN, "signed_in"),
        ("POST", "/api/v1/cart", {}, "guest_cart"),
        ("POST", CART_ITEMS, {}, "guest_cart"),
        ("POST", CART_ITEMS, CART, "cart"),
        ("POST", CART_ITEMS, TOKEN, "cart"),
        ("PATCH", "/api/v1/cart/items/1", CART, "cart"),
        ("DELETE", "/api/v1/cart/items/1", TOKEN, "cart"),
        ("POST", "/api/v1/checkout", TOKEN, "checkout"),
        ("POST", "/api/v1/orders/KRM-1/pay", TOKEN, "payment"),
        ("GET", "/api/v1/orders/KRM-1/payment", TOKEN, "signed_in"),
        ("POST", "/api/v1/payments/midtrans/notification", {}, "webhook"),
        ("POST", "/api/v1/payment/webhook", {}, "webhook"),
        ("POST", "/api/v1/webhooks/midtrans", {}, "webhook"),
        ("POST", "/api/v1/auth/logout", TOKEN, "auth"),
        ("GET", "/api/v1/auth/sessions", TOKEN, "auth"),
        ("POST", "/api/v1/webhooks/kratos", {}, "webhook"),
        ("PATCH", "/api/v1/products/x", KEY, "programs"),
        ("GET", "/api/v1/products/x", KEY, "catalog"),
        ("PUT", "/api/v1/orders/KRM-1/status", KEY, "programs"),
        ("POST", "/api/v1/checkout", KEY, "checkout"),
        ("GET", "/login", {}, "sign_in"),
        ("GET", "/health", {}, "unlimited"),
        ("GET", "/health/live", {}, "unlimited"),
        ("GET", "/health/ready", {}, "unlimited"),
        ("GET", "/api/v1/health", {}, "unlimited"),
        ("GET", "/api/v1/nowhere", {}, "anonymous"),
        ("GET", "/api/v1/openapi.json", {}, "anonymous"),
        ("GET", "/admin/", {}, "unlimited"),
        ("GET", "/media/products/a.webp", {}, "unlimited"),
    ],
)
def test_scope_of_a_request(
    method: str, path: str, headers: dict[str, str], scope: str
) -> None:
    assert scope_of(path, method, **headers) == scope


def test_pages_of_the_auth_host_are_one_scope(settings: Settings) -> None:
    settings.AUTH_HOSTS = ["auth.karima.example"]
    settings.ALLOWED_HOSTS = ["auth.karima.example"]
    request = RequestFactory().get("/x", headers={"Host": "auth.karima.example"})
    assert scope_name(request, lambda request: HttpResponse()) == "sign_in"


def test_views_name_scopes_that_exist() -> None:
    named = {named_scope(view) for _, view in API_ROUTES}
    known = {*scopes.SCOPES, scopes.UNLIMITED, ""}
    assert named - known == set()


def test_function_names_its_scope() -> None:
    @limited_by("search")
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert named_scope(view) == "search"


def test_middleware_stands_behind_cors_and_before_csrf_and_kratos() -> None:
    order = [name.rpartition(".")[2] for name in django_settings.MIDDLEWARE]
    around = [
        "CorsMiddleware", "CrossOriginGuard", "RateLimitMiddleware",
        "CsrfViewMiddleware", "KratosSessionMiddleware", "CloudflareAccessMiddleware",
    ]  # fmt: skip
    assert sorted(around, key=order.index) == around


def test_refusal_is_a_problem_with_a_time_to_wait(
    client: Client, one_each: Settings
) -> None:
    client.get(ME)
    response = client.get(ME)
    document = response.json()
    assert response.status_code == 429
    assert response["Content-Type"] == "application/problem+json"
    assert (document["code"], document["scope"]) == ("rate_limited", "anonymous")
    assert document["detail"] == (
        "Terlalu banyak permintaan. Silakan coba beberapa saat lagi."
    )
    assert 3590 < int(response["Retry-After"]) <= 3600
    assert response["Cache-Control"] == "no-store"


def test_refusal_carries_the_cors_headers(client: Client, one_each: Settings) -> None:
    client.get(ME, headers={"Origin": ORIGIN})
    response = client.get(ME, headers={"Origin": ORIGIN})
    assert response.status_code == 429
    assert response["Access-Control-Allow-Origin"] == ORIGIN
    assert response["Access-Control-Allow-Credentials"] == "true"
    exposed = set(response["Access-Control-Expose-Headers"].split(", "))
    assert {"Retry-After", "RateLimit", "RateLimit-Policy"} <= exposed


def test_preflight_is_not_counted(client: Client, one_each: Settings) -> None:
    headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    statuses = [client.options(ME, headers=headers).status_code for _ in range(5)]
    assert statuses == [200] * 5
    assert client.get(ME).status_code == 401


def test_cheap_refusal_is_not_counted(client: Client, one_each: Settings) -> None:
    foreign = {"Origin": "https://evil.example"}
    statuses = [client.post(ME, headers=foreign).status_code for _ in range(3)]
    assert statuses == [403] * 3
    assert client.get(ME).status_code == 401


def test_answer_says_how_the_caller_stands(client: Client, limits: Settings) -> None:
    response = client.get(ME)
    assert response.status_code == 401
    assert response["RateLimit-Policy"] == '"anonymous-address-60";q=120;w=60;burst=40'
    assert response["RateLimit"] == '"anonymous-address-60";r=39;t=1'


@pytest.mark.django_db
def test_answer_names_every_rule_and_the_tightest(
    client: Client, limits: Settings
) -> None:
    response = client.post("/api/v1/checkout", headers=TOKEN)
    assert ITEM.findall(response["RateLimit-Policy"]) == [
        ("checkout-credential-60", "10", "60", "5"),
        ("checkout-credential-3600", "30", "3600", "30"),
        ("checkout-address-60", "120", "60", "60"),
    ]
    assert response["RateLimit"] == '"checkout-credential-60";r=4;t=6'


def test_refusal_says_when_to_come_back(client: Client, one_each: Settings) -> None:
    client.get(ME)
    response = client.get(ME)
    wait = response["Retry-After"]
    assert response["RateLimit"] == f'"anonymous-address-3600";r=0;t={wait}'


def test_health_is_not_counted(client: Client, one_each: Settings) -> None:
    answers = [client.get("/health/live") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert "RateLimit" not in answers[-1]


def test_nothing_is_counted_while_limits_are_off(
    client: Client, one_each: Settings
) -> None:
    one_each.RATE_LIMITS_ENABLED = False
    answers = [client.get(ME) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401] * 3
    assert "RateLimit-Policy" not in answers[-1]


def test_scopes_do_not_use_each_other_up(
    client: Client, one_each: Settings, db: None
) -> None:
    assert client.get(ME).status_code == 401
    assert client.get("/api/v1/products").status_code == 200
    assert client.get("/api/v1/products?q=x").status_code == 200
    assert client.get("/api/v1/products").status_code == 429


def test_body_of_a_refused_request_is_not_read(
    client: Client, one_each: Settings, db: None
) -> None:
    post: Callable[[], Any] = lambda: client.post(  # noqa: E731  said once, asked twice
        CART_ITEMS, "{not json", content_type="application/json", headers=CART
    )
    assert post().status_code == 400
    assert post().status_code == 429


def test_refused_request_does_not_ask_kratos(
    client: Client, one_each: Settings, kratos: Kratos, db: None
) -> None:
    one_each.KRATOS_INTERNAL_URL = kratos.public_url
    assert client.get(ME, headers=TOKEN).status_code == 401
    asked = len(kratos.requests)
    assert asked > 0
    assert client.get(ME, headers=TOKEN).status_code == 429
    assert len(kratos.requests) == asked


def test_refused_guest_gets_no_cart(
    client: Client, one_each: Settings, db: None
) -> None:
    assert client.post("/api/v1/cart").status_code == 201
    assert client.post("/api/v1/cart").status_code == 429
    assert Cart.objects.count() == 1


def test_two_ipv6_addresses_of_one_64_share_a_limit(
    client: Client, one_each: Settings
) -> None:
    assert client.get(ME, REMOTE_ADDR="2001:db8::1").status_code == 401
    assert client.get(ME, REMOTE_ADDR="2001:db8::ffff:2").status_code == 429
    assert client.get(ME, REMOTE_ADDR="2001:db8:0:1::1").status_code == 401


def test_proxy_s_clients_have_a_limit_each(client: Client, one_each: Settings) -> None:
    one_each.TRUSTED_PROXIES = ["10.0.0.0/8"]
    for number in (1, 2):
        named = {"X-Real-IP": f"203.0.113.{number}"}
        answer = client.get(ME, headers=named, REMOTE_ADDR="10.0.0.2")
        assert answer.status_code == 401


def test_stranger_does_not_escape_by_a_header(
    client: Client, one_each: Settings
) -> None:
    statuses = [
        client.get(ME, headers={"X-Real-IP": f"203.0.113.{n}"}, REMOTE_ADDR="9.9.9.9")
        for n in (1, 2)
    ]
    assert [answer.status_code for answer in statuses] == [401, 429]


def test_closed_scope_is_503_for_the_caller(
    client: Client, one_each: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody_counts(*args: object, **values: object) -> None:
        raise limiter.LimitsUnavailable(retry_after_seconds=5)

    monkeypatch.setattr(limiter, "take", nobody_counts)
    response = client.get(ME, headers={"Origin": ORIGIN})
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response.json()["code"] == "unavailable"
    assert response["Access-Control-Allow-Origin"] == ORIGIN


def test_refused_page_is_a_page(client: Client, one_each: Settings) -> None:
    one_each.AUTH_HOSTS = ["auth.karima.example"]
    one_each.ALLOWED_HOSTS = ["auth.karima.example"]
    one_each.ROOT_URLCONF = "karima.urls.auth"
    request = RequestFactory().get("/x", headers={"Host": "auth.karima.example"})
    answers = [limited(request), limited(request)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1]["Content-Type"].startswith("text/html")
    assert "Terlalu banyak permintaan" in answers[1].content.decode()


def limited(request: HttpRequest) -> HttpResponse:
    """Return what the middleware makes of a view that answers 200."""

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    def inner(request: HttpRequest) -> HttpResponse:
        return middleware.process_view(request, view, (), {}) or view(request)

    middleware = RateLimitMiddleware(inner)
    return middleware(request)


def deny(client: Client, times: int) -> list[int]:
    return [client.get("/admin/").status_code for _ in range(times)]


@pytest.mark.django_db
def test_address_that_access_refuses_too_often_is_refused_early(
    client: Client, limits: Settings
) -> None:
    assert deny(client, 20) == [403] * 20
    response = client.get("/admin/")
    assert response.status_code == 403
    assert 0 < int(response["Retry-After"]) <= 3
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.django_db
def test_other_address_is_not_refused_early(client: Client, limits: Settings) -> None:
    deny(client, 21)
    response = client.get("/admin/", REMOTE_ADDR="203.0.113.7")
    assert response.status_code == 403
    assert "Retry-After" not in response


def test_staff_are_not_counted(staff_client: StaffClient, limits: Settings) -> None:
    browser = staff_client("warehouse")
    staff_page = "/admin/accounts/staffidentity/add/"
    answers = [browser.get(staff_page) for _ in range(25)]
    assert [answer.status_code for answer in answers] == [403] * 25
    assert "Retry-After" not in answers[-1]
    assert browser.get("/admin/").status_code == 200
