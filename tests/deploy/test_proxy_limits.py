"""How much and how often, and in what words the proxy itself refuses."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.proxy import (
    ADMIN,
    API,
    AUTH,
    STOREFRONT,
    Answer,
    Proxy,
    answer_of,
    render,
    run_proxy,
)
from tests.deploy.upstream import Upstream

MIB = 1024**2
MEMBERS = {"type", "title", "status", "detail", "instance", "code", "errors"}


@pytest.fixture
def strict(
    tmp_path: Path, backend: Upstream, kratos_behind: Upstream
) -> Iterator[Proxy]:
    """Give a proxy with its shipped bursts, none of them used up.

    Nothing is given back while a test runs, however slow the machine.
    """
    with run_proxy(
        tmp_path,
        backend=backend.address,
        kratos=kratos_behind.address,
        PROXY_ADMIN_RATE="1r/m",
        PROXY_FORMS_RATE="1r/m",
    ) as proxy:
        yield proxy


def problem_of(answer: Answer) -> dict[str, object]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    document: dict[str, object] = json.loads(answer.body)
    assert document.keys() == MEMBERS | {"request_id"}
    assert document["status"] == answer.status
    assert document["request_id"] == answer.headers["X-Request-ID"]
    return document


def assert_readable_by_the_storefront(answer: Answer) -> None:
    assert answer.headers.get_all("Access-Control-Allow-Origin") == [STOREFRONT]
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    ("host", "path", "most"),
    [
        (API, "/api/v1/checkout", MIB),
        (API, "/api/v1/payments/midtrans/notification", 64 * 1024),
        (API, "/api/v1/payment/webhook", 64 * 1024),
        (API, "/api/v1/webhooks/kratos", 64 * 1024),
        (API, "/api/v1/webhooks/midtrans", 64 * 1024),
        (API, "/api/v1/products/gamis/media", 12 * MIB),
        (API, "/api/v1/products/gamis/stock", MIB),
        (ADMIN, "/admin/catalog/product/add/", 12 * MIB),
        (AUTH, "/login", 64 * 1024),
    ],
)
def test_bodies_have_a_limit(
    proxy: Proxy, backend: Upstream, host: str, path: str, most: int
) -> None:
    assert proxy.request("POST", host, path, body=b"x" * most).status == 200
    assert len(backend.seen[0].body) == most
    refused = proxy.request("POST", host, path, body=b"x" * (most + 1))
    assert refused.status == 413
    assert len(backend.seen) == 1


def test_body_too_large_is_a_problem_that_the_storefront_can_read(
    proxy: Proxy, backend: Upstream
) -> None:
    refused = proxy.request(
        "POST",
        API,
        "/api/v1/checkout",
        body=b"x" * (MIB + 1),
        headers={"Origin": STOREFRONT},
    )
    assert problem_of(refused)["code"] == "body_too_large"
    assert problem_of(refused)["instance"] == "/api/v1/checkout"
    assert_readable_by_the_storefront(refused)


def test_foreign_origin_may_not_read_refusals(proxy: Proxy) -> None:
    for origin in ("https://evil.example", "https://karima.com.evil.example", "null"):
        refused = proxy.get(API, "/metrics", Origin=origin)
        assert problem_of(refused)["code"] == "not_found"
        assert "Access-Control-Allow-Origin" not in refused.headers
        assert "Access-Control-Allow-Credentials" not in refused.headers


def test_path_that_would_break_the_document_is_left_out(proxy: Proxy) -> None:
    refused = proxy.get(API, "/metrics%22%2C%22x%22%3A%22")
    assert problem_of(refused)["instance"] == ""


def test_address_too_long_for_gunicorn_is_refused(
    proxy: Proxy, backend: Upstream
) -> None:
    refused = proxy.get(API, "/api/v1/products?q=" + "x" * 4050)
    assert problem_of(refused)["code"] == "uri_too_long"
    assert backend.seen == []
    assert proxy.get(API, "/api/v1/products?q=" + "x" * 3900).status == 200


def test_shipped_rates(tmp_path: Path, proxy: Proxy) -> None:
    variables = {
        name: text
        for name, text in proxy.environment.items()
        if not name.endswith("_RATE")
    }
    render(tmp_path, variables)
    written = (tmp_path / "conf.d/10-http.conf").read_text("utf-8")
    zones = re.findall(r"zone=(\w+):\d+m rate=(\S+);", written)
    assert dict(zones) == {
        "client": "50r/s",
        "application": "200r/s",
        "admin": "5r/s",
        "forms": "20r/m",
        "flows": "5r/s",
    }


def many(proxy: Proxy, count: int, host: str, path: str, method: str) -> list[Answer]:
    return [
        proxy.request(method, host, path, headers={"Origin": STOREFRONT})
        for _ in range(count)
    ]


def refused_of(answers: list[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.status == 429]


def test_admin_lets_a_burst_of_twenty_pass(strict: Proxy, backend: Upstream) -> None:
    answers = many(strict, 24, ADMIN, "/admin/", "GET")
    refused = refused_of(answers)
    assert [answer.status for answer in answers[:21]] == [200] * 21
    assert refused
    assert refused[0].headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Terlalu banyak permintaan" in refused[0].text
    assert refused[0].headers["Retry-After"] == "5"


def test_pictures_and_styles_of_the_admin_do_not_count(
    strict: Proxy, backend: Upstream
) -> None:
    answers = many(strict, 30, ADMIN, "/static/admin/css/base.css", "GET")
    assert refused_of(answers) == []


def test_passwords_can_be_tried_a_few_times_only(
    strict: Proxy, kratos_behind: Upstream
) -> None:
    answers = many(strict, 25, AUTH, "/self-service/login?flow=x", "POST")
    assert [answer.status for answer in answers] == [200] * 21 + [429] * 4
    assert len(kratos_behind.seen) == 21
    elsewhere = strict.request(
        "POST",
        AUTH,
        "/self-service/login?flow=x",
        headers={"CF-Connecting-IP": "203.0.113.9"},
    )
    assert elsewhere.status == 200
    assert strict.get(AUTH, "/login").status == 200


def test_network_of_ipv6_shares_one_limit(
    strict: Proxy, kratos_behind: Upstream
) -> None:
    def sent(address: str) -> int:
        headers = {"CF-Connecting-IP": address}
        path = "/self-service/login?flow=x"
        return strict.request("POST", AUTH, path, headers=headers).status

    assert [sent(f"2001:db8:0:a::{n:x}") for n in range(1, 22)] == [200] * 21
    assert sent("2001:db8:0:a:ffff::1") == 429
    assert sent("2001:db8:0:b::1") == 200


def statuses_of(proxy: Proxy, count: int, path: str) -> list[int]:
    """Return what a client with one connection is answered."""
    connection = proxy.connect(API)
    found = []
    for _ in range(count):
        connection.request("GET", path)
        found.append(answer_of(connection).status)
    connection.close()
    return found


def test_each_client_of_the_api_has_a_limit(tmp_path: Path, backend: Upstream) -> None:
    with run_proxy(
        tmp_path,
        backend=backend.address,
        kratos=backend.address,
        PROXY_CLIENT_RATE="1r/m",
    ) as proxy:
        statuses = statuses_of(proxy, 260, "/api/v1/orders")
        refused = proxy.get(API, "/api/v1/orders", Origin=STOREFRONT)
        other = proxy.get(API, "/api/v1/orders", CF_Connecting_IP="203.0.113.9")
    assert statuses[:201] == [200] * 201
    assert refused.status == 429
    assert problem_of(refused)["code"] == "rate_limited"
    assert_readable_by_the_storefront(refused)
    assert other.status == 200


def test_whole_application_has_a_limit_that_the_catalogue_does_not_use_up(
    tmp_path: Path, backend: Upstream
) -> None:
    with run_proxy(
        tmp_path,
        backend=backend.address,
        kratos=backend.address,
        PROXY_API_RATE="1r/m",
        PROXY_CLIENT_RATE="5000r/s",
    ) as proxy:
        assert set(statuses_of(proxy, 450, "/api/v1/products")) == {200}
        statuses = statuses_of(proxy, 450, "/api/v1/orders")
        assert statuses[:401] == [200] * 401
        assert 429 in statuses[401:]
        assert proxy.get(API, "/api/v1/products").status == 200
