"""Reads of the catalogue: kept as long as the shop says, then asked about anew."""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.deploy.proxy import (
    ADMIN,
    API,
    PATIENCE_SECONDS,
    SECOND_API,
    STOREFRONT,
    Answer,
    Proxy,
)
from tests.deploy.upstream import Reply, Seen, Upstream

PRODUCTS = "/api/v1/products"
OTHER_ORIGIN = "https://admin.ks-backend.cloud"
ONE_SECOND = (
    "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=600"
)
# Held for as long as a test runs: no expiry while it counts.
LONG = "public, max-age=0, s-maxage=600"


class Catalogue:
    """What a shop answers that has an ETag of its version."""

    def __init__(self, cache_control: str = LONG) -> None:
        self.version = "v1"
        self.cache_control = cache_control
        self.more: list[tuple[str, str]] = []
        self.status = 200

    def __call__(self, seen: Seen) -> Reply:
        tag = f'"{self.version}"'
        headers = [("ETag", tag), ("Cache-Control", self.cache_control), *self.more]
        headers += [("Content-Type", "application/json"), ("Vary", "origin")]
        if origin := seen.headers.get("Origin"):
            headers.append(("Access-Control-Allow-Origin", origin))
        if self.status == 200 and seen.headers.get("If-None-Match") == tag:
            return Reply(304, headers)
        body = {"version": self.version, "cookie": seen.headers.get("Cookie", "")}
        return Reply(self.status, headers, json.dumps(body).encode())


@pytest.fixture
def catalogue(backend: Upstream) -> Catalogue:
    shop = Catalogue()
    backend.answering = shop
    return shop


@pytest.fixture
def path(request: pytest.FixtureRequest) -> str:
    """Give an address that no other test has asked for."""
    return f"{PRODUCTS}/{abs(hash(request.node.nodeid))}"


def version_of(answer: Answer) -> str:
    version: str = json.loads(answer.body)["version"]
    return version


def eventually(holds: Callable[[], bool]) -> None:
    """Wait for what must become true; a minute's patience would change nothing."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it does not become true"
        time.sleep(0.02)


@pytest.mark.parametrize(
    "address",
    [PRODUCTS, f"{PRODUCTS}/gamis-1", "/api/v1/categories", "/api/v1/categories/gamis"],
)
def test_second_reader_does_not_reach_the_shop(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, address: str
) -> None:
    address += "?sort=name"
    first, second = proxy.get(API, address), proxy.get(API, address)
    assert [seen.path for seen in backend.seen] == [address]
    assert first.body == second.body
    assert second.headers["ETag"] == '"v1"'
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]


def test_head_is_answered_from_the_same(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, path: str
) -> None:
    head = proxy.request("HEAD", API, path)
    body = proxy.get(API, path).body
    assert [seen.method for seen in backend.seen] == ["GET"]
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize("query", ["?page=2", "?q=gamis", "?page=1", ""])
def test_each_query_is_an_answer_of_its_own(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, query: str
) -> None:
    address = f"/api/v1/products/own{query}"
    proxy.get(API, address)
    assert [seen.path for seen in backend.seen] == [address]


@pytest.mark.parametrize(
    "query",
    [
        "utm_source=ig&limit=2",
        "limit=2&utm_source=ig&utm_medium=social&utm_campaign=lebaran",
        "limit=2&fbclid=AbC-1",
        "gclid=x&limit=2&fbclid=y",
        "utm_source=ig&limit=2&gclid=x&utm_term=",
        "utm_source&limit=2&",
    ],
)
def test_marks_of_campaigns_do_not_make_another_answer(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, query: str, path: str
) -> None:
    proxy.get(API, f"{path}?limit=2")
    proxy.get(API, f"{path}?{query}")
    assert [seen.path for seen in backend.seen] == [f"{path}?limit=2"]


@pytest.mark.parametrize(
    "query", ["xutm_source=a", "q=utm_source", "utm-x=1", "fbclid2=1"]
)
def test_what_only_looks_like_a_mark_stays(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, query: str, path: str
) -> None:
    proxy.get(API, f"{path}?{query}")
    assert [seen.path for seen in backend.seen] == [f"{path}?{query}"]


@pytest.mark.parametrize(
    "header",
    [
        {"Authorization": "Bearer ory_st_x"},
        {"X-Session-Token": "ory_st_x"},
        {"Cookie": "ory_kratos_session=x"},
        {"Cookie": "_ga=1; ory_kratos_session=x"},
    ],
)
def test_whoever_shows_a_credential_is_answered_by_the_shop(
    proxy: Proxy,
    backend: Upstream,
    catalogue: Catalogue,
    header: dict[str, str],
    path: str,
) -> None:
    proxy.get(API, path)
    mine = [
        proxy.request("GET", API, path, headers={**header, "If-None-Match": '"v0"'})
        for _ in range(2)
    ]
    proxy.get(API, path)
    assert len(backend.seen) == 3
    name, text = next(iter(header.items()))
    assert backend.seen[1].headers[name] == text
    assert backend.seen[1].headers["If-None-Match"] == '"v0"'
    assert [answer.status for answer in mine] == [200, 200]


def test_answer_of_a_customer_is_never_kept(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, path: str
) -> None:
    proxy.get(API, path, Authorization="Bearer ory_st_x")
    assert proxy.get(API, path).status == 200
    assert len(backend.seen) == 2


def test_kept_answer_is_made_without_cookies(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, path: str
) -> None:
    first = proxy.get(API, path, Cookie="_ga=1; not_ory_kratos_session=2")
    second = proxy.get(API, path, Cookie="_ga=2")
    assert len(backend.seen) == 1
    assert backend.seen[0].headers.get("Cookie") is None
    assert first.body == second.body


@pytest.mark.parametrize(
    ("cache_control", "more"),
    [
        ("", []),
        ("no-store", []),
        ("public, max-age=60", []),
        ("private, s-maxage=60", []),
        ("no-cache, s-maxage=60", []),
        ("public, s-maxage=0", []),
        (LONG, [("Set-Cookie", "a=b")]),
        (LONG, [("Vary", "*")]),
    ],
)
def test_what_the_shop_does_not_give_to_all_is_not_kept(
    proxy: Proxy,
    backend: Upstream,
    catalogue: Catalogue,
    cache_control: str,
    more: list[tuple[str, str]],
    path: str,
) -> None:
    catalogue.cache_control, catalogue.more = cache_control, more
    answers = [proxy.get(API, path) for _ in range(2)]
    assert len(backend.seen) == 2
    assert answers[1].headers.get("Cache-Control", "") == cache_control


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_refusals_are_not_kept(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, status: int, path: str
) -> None:
    catalogue.status, catalogue.cache_control = status, "no-store"
    assert [proxy.get(API, path).status for _ in range(2)] == [status] * 2
    assert len(backend.seen) == 2


@pytest.mark.parametrize("address", ["/api/v1/cart", "/api/v1/orders", "/health"])
def test_nothing_but_the_catalogue_is_kept(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, address: str
) -> None:
    proxy.get(API, address)
    proxy.get(API, address)
    assert len(backend.seen) == 2


def test_admin_is_never_kept(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue
) -> None:
    proxy.get(ADMIN, "/admin/")
    proxy.get(ADMIN, "/admin/")
    assert len(backend.seen) == 2


def test_write_reaches_the_shop(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, path: str
) -> None:
    proxy.get(API, path)
    assert proxy.request("POST", API, path, body=b"{}").status == 200
    assert [seen.method for seen in backend.seen] == ["GET", "POST"]


def test_each_origin_has_its_own_answer(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, path: str
) -> None:
    for _ in range(2):
        for origin in (STOREFRONT, OTHER_ORIGIN):
            answer = proxy.get(API, path, Origin=origin)
            assert answer.headers.get_all("Access-Control-Allow-Origin") == [origin]
            assert "origin" in answer.headers.get_all("Vary", [])
        answer = proxy.get(API, path)
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert len(backend.seen) == 3


def test_each_host_has_its_own_answer(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, path: str
) -> None:
    for host in (API, SECOND_API, API, SECOND_API):
        proxy.get(host, path)
    hosts = [seen.headers["Host"].partition(":")[0] for seen in backend.seen]
    assert hosts == [API, SECOND_API]


def test_limits_of_one_client_are_not_shown_to_another(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, path: str
) -> None:
    catalogue.more = [("RateLimit", '"catalog";r=1'), ("RateLimit-Policy", '"x"')]
    for _ in range(2):
        kept = proxy.get(API, path)
        assert "RateLimit" not in kept.headers
        assert "RateLimit-Policy" not in kept.headers
    own = proxy.get(API, path, Authorization="Bearer x")
    assert own.headers.get_all("RateLimit") == ['"catalog";r=1']
    assert own.headers.get_all("RateLimit-Policy") == ['"x"']


def test_reader_who_has_it_is_told_so(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, path: str
) -> None:
    catalogue.more = [("X-Filler", "y")]
    proxy.get(API, path)
    for tag in ('"v1"', 'W/"v1"', '"v0", "v1"'):
        answer = proxy.get(API, path, If_None_Match=tag)
        assert (answer.status, answer.body) == (304, b"")
    assert proxy.get(API, path, If_None_Match='"v0"').status == 200
    assert len(backend.seen) == 1


def test_unchanged_answer_is_renewed_without_its_body(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, path: str
) -> None:
    catalogue.cache_control = ONE_SECOND
    first = proxy.get(API, path)
    later: list[Answer] = []

    def asked_again() -> bool:
        later.append(proxy.get(API, path))
        return len(backend.seen) == 2

    eventually(asked_again)
    assert backend.seen[1].headers["If-None-Match"] == '"v1"'
    assert {answer.body for answer in later} == {first.body}
    assert len(later) > 1


def test_change_is_seen_by_the_first_reader_after_a_second(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, path: str
) -> None:
    catalogue.cache_control = ONE_SECOND
    proxy.get(API, path)
    catalogue.version = "v2"
    seen: list[str] = []

    def asked_again() -> bool:
        seen.append(version_of(proxy.get(API, path)))
        return len(backend.seen) == 2

    eventually(asked_again)
    # Not one reader later: the one whose request led to the question has the answer.
    assert seen == ["v1"] * (len(seen) - 1) + ["v2"]


def test_others_take_what_was_while_one_asks(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, path: str
) -> None:
    catalogue.cache_control = ONE_SECOND
    proxy.get(API, path)
    asked, go_on = threading.Event(), threading.Event()

    def slow(seen: Seen) -> Reply:
        asked.set()
        assert go_on.wait(PATIENCE_SECONDS)
        return catalogue(seen)

    backend.answering = slow
    catalogue.version = "v2"
    with ThreadPoolExecutor(1) as pool:

        def read_until_asked() -> str:
            version = "v1"
            while not asked.is_set():
                version = version_of(proxy.get(API, path))
            return version

        first = pool.submit(read_until_asked)
        assert asked.wait(PATIENCE_SECONDS)
        others = [version_of(proxy.get(API, path)) for _ in range(5)]
        go_on.set()
        assert first.result() == "v2"
    assert others == ["v1"] * 5
    assert len(backend.seen) == 2


def test_crowd_before_the_first_answer_asks_once(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, path: str
) -> None:
    arrived = threading.Barrier(8)

    def read(_: int) -> int:
        connection = proxy.connect(API)
        connection.connect()
        arrived.wait(PATIENCE_SECONDS)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return status

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(8))) == [200] * 8
    assert len(backend.seen) == 1


def test_catalogue_stays_open_while_the_shop_fails(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, path: str
) -> None:
    catalogue.cache_control = ONE_SECOND
    proxy.get(API, path)
    catalogue.status, catalogue.version = 503, "v2"
    answers: list[Answer] = []

    def asked_twice() -> bool:
        answers.append(proxy.get(API, path))
        return len(backend.seen) >= 3

    eventually(asked_twice)
    assert {answer.status for answer in answers} == {200}
    catalogue.status = 200
    assert version_of(proxy.get(API, path)) == "v2"


def test_product_taken_off_is_gone_after_a_second(
    proxy: Proxy, backend: Upstream, catalogue: Catalogue, path: str
) -> None:
    catalogue.cache_control = ONE_SECOND
    proxy.get(API, path)
    catalogue.status, catalogue.version = 404, "v2"
    eventually(lambda: proxy.get(API, path).status == 404)
    assert len(backend.seen) == 2
