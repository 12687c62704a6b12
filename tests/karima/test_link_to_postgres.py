"""`DB_SSL_MODE` against a PostgreSQL with TLS, an impostor, and an empty pool."""

import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.db.utils import ConnectionHandler
from django.test.client import RequestFactory

from karima import connections
from karima.api import problem_of
from karima.env import from_mapping
from karima.error_pages import StoreErrorMiddleware
from karima.settings import engines
from sandbox.lab.certificates import Authority
from sandbox.lab.impostor import impostor
from sandbox.lab.postgres import HOST, HOSTILE_PASSWORD, Cluster
from tests.karima.environments import good_production

STRANGER = "other.example"


def options(mode: str, root: Path | None, *, strict: bool = False) -> dict[str, Any]:
    """Return what the shop hands to libpq for this mode and CA."""
    names = {"DB_SSL_MODE": mode, "DB_SSL_ROOT_CERT": str(root or "")}
    env = from_mapping((good_production() if strict else {}) | names)
    return engines.connection_options(env)


def connect(link: dict[str, Any], mode: str, root: Path | None, **more: Any) -> Any:
    own = {name: value for name, value in link.items() if not name.startswith("ssl")}
    own.pop("require_auth")
    strict = more.pop("strict", False)
    return psycopg.connect(**own | options(mode, root, strict=strict) | more)


@pytest.fixture
def other_ca(tmp_path: Path) -> Path:
    path = tmp_path / "other.pem"
    path.write_bytes(Authority("Somebody else's CA").pem())
    return path


def test_verify_full_is_encrypted_and_has_the_time_outs(cluster: Cluster) -> None:
    with connect(cluster.link(), "verify-full", cluster.tls / "ca.pem") as link:
        encrypted, version = link.execute(
            "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ).fetchone()
        names = ("statement_timeout", "lock_timeout", "application_name")
        values = [
            link.execute("SELECT current_setting(%s)", [name]).fetchone()[0]
            for name in names
        ]
    assert encrypted is True
    assert version == "TLSv1.3"
    assert values == ["8s", "4s", "karima"]


@pytest.mark.parametrize(
    ("mode", "root", "host"),
    [
        ("prefer", False, HOST),
        ("require", False, HOST),
        ("require", False, STRANGER),
        ("require", True, STRANGER),
        ("verify-ca", True, HOST),
        ("verify-ca", True, STRANGER),
        ("verify-full", True, HOST),
    ],
)
def test_who_is_let_in(cluster: Cluster, mode: str, root: bool, host: str) -> None:
    ca = cluster.tls / "ca.pem" if root else None
    with connect(cluster.link(), mode, ca, host=host) as connection:
        assert connection.pgconn.ssl_in_use


def test_a_plain_connection_is_refused_by_the_server(cluster: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="no encryption") as caught:
        connect(cluster.link(), "disable", None)
    assert HOSTILE_PASSWORD not in str(caught.value)


def test_a_wrong_host_name_is_refused_and_named(cluster: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match=STRANGER):
        connect(cluster.link(), "verify-full", cluster.tls / "ca.pem", host=STRANGER)


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_a_server_of_another_ca_is_refused_and_the_cause_named(
    cluster: Cluster, other_ca: Path, mode: str
) -> None:
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        connect(cluster.link(), mode, other_ca)


def test_an_expired_certificate_is_refused(
    cluster: Cluster, authority: Authority, tmp_path: Path
) -> None:
    authority.write(tmp_path, "postgres", HOST, days=-1)
    files = tmp_path / "postgres.pem", tmp_path / "postgres.key"
    with (
        impostor(*files) as server,
        pytest.raises(psycopg.OperationalError, match="certificate verify failed"),
    ):
        link = cluster.link(port=server.port)
        connect(link, "verify-full", cluster.tls / "ca.pem")


def test_the_password_is_not_told_in_clear_to_who_claims_to_be_the_server(
    cluster: Cluster, tmp_path: Path
) -> None:
    Authority().write(tmp_path, "postgres", HOST)
    files = tmp_path / "postgres.pem", tmp_path / "postgres.key"
    with impostor(*files) as server:
        link = cluster.link(port=server.port)
        with pytest.raises(psycopg.OperationalError, match="method requirement"):
            connect(link, "require", None, strict=True)
    assert server.heard == [b""]


def test_an_impostor_gets_the_password_of_a_development_that_only_encrypts(
    cluster: Cluster, tmp_path: Path
) -> None:
    """Why production adds require_auth; and the proof that the impostor would hear."""
    Authority().write(tmp_path, "postgres", HOST)
    files = tmp_path / "postgres.pem", tmp_path / "postgres.key"
    with impostor(*files) as server, pytest.raises(psycopg.OperationalError):
        connect(cluster.link(port=server.port), "require", None)
    assert HOSTILE_PASSWORD.encode() in server.heard[0]


def test_verify_full_without_its_ca_file_says_which(cluster: Cluster) -> None:
    missing = cluster.tls / "nowhere.pem"
    with pytest.raises(psycopg.OperationalError, match="nowhere.pem"):
        connect(cluster.link(), "verify-full", missing)


def test_a_wrong_password_is_an_error_without_it(cluster: Cluster) -> None:
    wrong = "wr0ng-" + HOSTILE_PASSWORD
    with pytest.raises(psycopg.OperationalError, match="authentication") as caught:
        connect(cluster.link(), "verify-full", cluster.tls / "ca.pem", password=wrong)
    assert wrong not in str(caught.value)


def test_the_same_server_is_let_in_before_its_certificate_expires(
    cluster: Cluster, authority: Authority, tmp_path: Path
) -> None:
    """So that the refusal above is about the date: here the talk goes on."""
    authority.write(tmp_path, "postgres", HOST)
    files = tmp_path / "postgres.pem", tmp_path / "postgres.key"
    with (
        impostor(*files) as server,
        pytest.raises(psycopg.OperationalError, match="method requirement"),
    ):
        link = cluster.link(port=server.port)
        connect(link, "verify-full", cluster.tls / "ca.pem", strict=True)


@pytest.fixture
def pooled() -> Any:
    """A pool of one connection to the tests' own server."""
    settings = engines.database(from_mapping({"DB_POOL_MAX": "1"}))
    mine = connection.settings_dict
    names = ("HOST", "PORT", "USER", "PASSWORD", "NAME")
    handler = ConnectionHandler(
        {"default": settings | {name: mine[name] for name in names}}
    )
    yield handler["default"]
    handler["default"].close_pool()


@pytest.mark.django_db
def test_a_request_that_gets_no_connection_is_told_that_the_shop_is_busy(
    pooled: Any, caplog: pytest.LogCaptureFixture
) -> None:
    taken = pooled.pool
    taken.open()
    caught: list[Exception] = []

    def ask() -> None:
        try:
            pooled.copy().ensure_connection()
        except OperationalError as error:
            caught.append(error)

    with taken.connection():
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    problem = problem_of(caught[0])
    assert problem
    assert (problem.status, problem.code) == (503, "database_busy")
    assert problem.headers["Retry-After"] == "2"
    assert "database_busy" in caplog.text
    request = RequestFactory().get("/api/v1/products")
    answer = StoreErrorMiddleware(lambda _: None).process_exception(request, caught[0])
    assert answer
    assert answer.status_code == 503


@pytest.mark.django_db
def test_an_empty_pool_of_a_database_that_is_away_is_not_called_busy() -> None:
    settings = engines.database(
        from_mapping({"DB_POOL_MAX": "1", "DB_HOST": "/nonexistent"})
    )
    settings["OPTIONS"]["pool"]["timeout"] = 0.2
    handler = ConnectionHandler({"default": settings})
    try:
        with pytest.raises(OperationalError) as caught:
            handler["default"].ensure_connection()
        problem = problem_of(caught.value)
    finally:
        handler["default"].close_pool()
        connections.REFUSED.clear()
    assert problem
    assert problem.code == "database_unavailable"


def test_a_server_that_is_silent_is_given_up(cluster: Cluster) -> None:
    """With a time-out of its own that does not run, as in a server that is stopped."""
    kind = connections.answering_within(1)
    link = cluster.link(options="-c statement_timeout=0")
    with kind.connect(**link) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(connections.Silent, match="within 3 seconds"):
            connection.execute("SELECT pg_sleep(60)")
        assert connection.closed


def test_without_a_statement_timeout_a_silence_has_no_end() -> None:
    assert connections.answering_within(0).silence_seconds is None
