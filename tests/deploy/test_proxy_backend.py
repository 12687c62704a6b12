"""Who serves, what is said when nobody does, and how another takes over."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.proxy import (
    ADMIN,
    API,
    AUTH,
    NGINX,
    STOREFRONT,
    Proxy,
    answer_of,
    run_proxy,
    search_path,
)
from tests.deploy.upstream import Reply, Seen, Upstream, run_upstream

NOBODY = "127.0.0.1:9"


@pytest.fixture
def green() -> Iterator[Upstream]:
    """Give the other colour."""
    with run_upstream("green") as upstream:
        yield upstream


@pytest.fixture
def switchable(
    tmp_path: Path, backend: Upstream, kratos_behind: Upstream
) -> Iterator[Proxy]:
    """Give a proxy whose backend may be changed."""
    with run_proxy(
        tmp_path,
        backend=backend.address,
        kratos=kratos_behind.address,
        PROXY_CLIENT_RATE="5000r/s",
    ) as proxy:
        yield proxy


def switch(proxy: Proxy, place: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PROXY_FOLDER": str(proxy.folder)}
    return subprocess.run(
        [NGINX / "switch-backend.sh", place],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_configuration_is_accepted_without_a_warning(proxy: Proxy) -> None:
    done = proxy.test()
    assert done.returncode == 0
    assert "warn" not in done.stderr


def test_without_a_backend_the_api_answers_a_problem(
    tmp_path: Path, kratos_behind: Upstream
) -> None:
    with run_proxy(tmp_path, backend=NOBODY, kratos=kratos_behind.address) as proxy:
        answer = proxy.get(API, "/api/v1/cart", Origin=STOREFRONT)
        page = proxy.get(ADMIN, "/admin/")
        login = proxy.get(AUTH, "/login")
        kratos = proxy.get(AUTH, "/sessions/whoami")
        assert proxy.local("/proxy/health").status == 200
    assert answer.status == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["Access-Control-Allow-Origin"] == STOREFRONT
    document = json.loads(answer.body)
    assert document["code"] == "unavailable"
    assert document["instance"] == "/api/v1/cart"
    for shown in (page, login):
        assert shown.status == 503
        assert shown.headers["Content-Type"] == "text/html; charset=utf-8"
        assert shown.headers["Cache-Control"] == "no-store"
        assert "Layanan sedang tidak tersedia" in shown.text
        assert shown.headers["X-Request-ID"] in shown.text
    assert kratos.headers["X-Answered-By"] == "kratos"


def test_without_kratos_its_paths_are_a_page_and_the_shop_sells(
    tmp_path: Path, backend: Upstream
) -> None:
    with run_proxy(tmp_path, backend=backend.address, kratos=NOBODY) as proxy:
        assert proxy.get(AUTH, "/self-service/login/browser").status == 503
        assert proxy.get(AUTH, "/login").status == 200
        assert proxy.get(API, "/api/v1/cart").status == 200


def test_refusals_of_the_shop_pass_as_they_are(proxy: Proxy, backend: Upstream) -> None:
    for status in (400, 413, 429, 500, 502, 503, 504):
        backend.answering = lambda seen, status=status: Reply(status, [], b"own")
        answer = proxy.request("POST", API, "/api/v1/checkout", body=b"{}")
        assert (answer.status, answer.body) == (status, b"own")


def test_post_is_not_sent_twice(proxy: Proxy, backend: Upstream) -> None:
    def hang_up(seen: Seen) -> Reply:
        raise ConnectionAbortedError

    # The first request leaves a connection to the backend, which nginx keeps for the
    # second: when such a one ends, nginx would try again.
    connection = proxy.connect(API)
    connection.request("GET", "/health")
    assert answer_of(connection).status == 200
    backend.answering = hang_up
    connection.request("POST", "/api/v1/checkout", b"{}")
    answer = answer_of(connection)
    connection.close()
    assert answer.status == 503
    assert [seen.method for seen in backend.seen] == ["GET", "POST"]


def test_another_backend_takes_over(
    switchable: Proxy, backend: Upstream, green: Upstream
) -> None:
    assert switchable.get(API, "/").headers["X-Answered-By"] == "backend"
    assert switch(switchable, green.address).returncode == 0
    switchable.wait_for_new_workers()
    assert switchable.get(API, "/").headers["X-Answered-By"] == "green"
    assert switchable.get(ADMIN, "/").headers["X-Answered-By"] == "green"


def test_request_in_flight_is_finished_by_the_one_it_began_with(
    switchable: Proxy, backend: Upstream, green: Upstream
) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slow(seen: Seen) -> Reply:
        asked.set()
        assert go_on.wait(10)
        return backend.greet(seen)

    backend.answering = slow
    connection = switchable.connect(API)
    connection.request("POST", "/api/v1/checkout", b"{}")
    assert asked.wait(10)
    backend.answering = backend.greet
    assert switch(switchable, green.address).returncode == 0
    while switchable.get(API, "/health").headers["X-Answered-By"] != "green":
        pass
    go_on.set()
    answer = answer_of(connection)
    connection.close()
    assert (answer.status, answer.headers["X-Answered-By"]) == (200, "backend")


@pytest.mark.parametrize("place", ["x; } server { y", "127.0.0.1", "", "a b:80"])
def test_what_is_no_place_is_refused(
    switchable: Proxy, backend: Upstream, place: str
) -> None:
    before = (switchable.folder / "live/backend.conf").read_text("utf-8")
    assert switch(switchable, place).returncode == 64
    assert (switchable.folder / "live/backend.conf").read_text("utf-8") == before


def test_backend_that_nginx_does_not_accept_changes_nothing(
    switchable: Proxy, backend: Upstream
) -> None:
    before = (switchable.folder / "live/backend.conf").read_text("utf-8")
    done = switch(switchable, "no-such-host.invalid:8080")
    assert done.returncode != 0
    assert "host not found" in done.stderr
    assert (switchable.folder / "live/backend.conf").read_text("utf-8") == before
    assert switchable.get(API, "/").status == 200


def test_choice_outlives_rendering_anew(tmp_path: Path, proxy: Proxy) -> None:
    live = tmp_path / "live/backend.conf"
    live.parent.mkdir()
    live.write_text("upstream backend { server chosen:1; }\n", encoding="utf-8")
    subprocess.run(
        [NGINX / "render.sh", tmp_path],
        env=proxy.environment,
        check=True,
        capture_output=True,
    )
    assert "chosen:1" in live.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("API_HOSTS", "api.karima.com; } server { listen 1"),
        ("CORS_ORIGIN", 'https://karima.com" evil'),
        ("CORS_ORIGIN", "https://karima.com/path"),
        ("PROXY_TRUSTED_PEERS", "0.0.0.0/0; x"),
        ("PROXY_ORIGIN_PULLS", "maybe"),
    ],
)
def test_variable_that_would_be_read_as_configuration_stops_the_start(
    tmp_path: Path, name: str, text: str
) -> None:
    done = subprocess.run(
        [NGINX / "render.sh", tmp_path],
        env={"PATH": search_path(), name: text},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 78
    assert name in done.stderr


def test_missing_certificate_stops_the_start_and_says_where(tmp_path: Path) -> None:
    done = subprocess.run(
        [NGINX / "render.sh", tmp_path],
        env={"PATH": search_path()},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 78
    assert f"{tmp_path}/tls/proxy.crt is missing" in done.stderr


def test_idle_connections_end_before_gunicorn_ends_them(proxy: Proxy) -> None:
    live = (proxy.folder / "live/backend.conf").read_text("utf-8")
    gunicorn = (NGINX.parent / "gunicorn.conf.py").read_text("utf-8")
    assert "keepalive_timeout 4s;" in live
    assert "\nkeepalive = 5\n" in gunicorn
