"""PostgreSQL, Redis and the bucket, each as it should be and not."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.files.storage import storages
from django.db import OperationalError, connection
from moto.server import ThreadedMotoServer
from pytest_django import Settings
from redis import Redis

from karima import redis
from karima.env import from_mapping
from karima.preflight import media, stores
from karima.redis import Breaker
from karima.settings import engines
from tests.karima.environments import good_production
from tests.karima.preflight_servers import production_context, running_redis, states

CONTEXT = production_context()
PASSWORD = "a-password-of-some-length"
BUCKET = "karima-production"


@pytest.mark.django_db
def test_migrated_database_is_ok_and_its_superuser_is_noticed() -> None:
    assert states(stores.database(CONTEXT)) == ["ok", "manual", "ok"]


@pytest.mark.django_db
def test_lesser_role_is_ok() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE preflight_app")
        cursor.execute("GRANT SELECT ON django_migrations TO preflight_app")
        cursor.execute("SET LOCAL ROLE preflight_app")
    assert states(stores.database(CONTEXT)) == ["ok", "ok"]


@pytest.mark.django_db
def test_waiting_migration_fails() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'payments'")
    (*_, last) = stores.database(CONTEXT)
    assert last.state == "fail"
    assert "migrate" in last.mend


@pytest.mark.django_db
def test_link_without_tls_fails() -> None:
    (finding,) = stores.database_tls(CONTEXT)
    assert finding.state == "fail"


def test_database_that_is_away_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("password=hunter2")

    monkeypatch.setattr(connection, "cursor", away)
    assert list(stores.database(CONTEXT)) == [stores.NO_DATABASE]
    assert list(stores.database_tls(CONTEXT)) == [stores.NO_DATABASE]


@pytest.fixture
def redis_at(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, str], None]:
    """Return a function that has the shop use another Redis."""

    monkeypatch.setattr(redis, "BREAKER", Breaker())

    def use(socket: str, password: str) -> None:
        env = from_mapping({"REDIS_HOST": socket, "REDIS_PASSWORD": password})
        settings.CACHES = engines.caches(env)

    return use


CAREFUL = {
    "requirepass": PASSWORD,
    "maxmemory": "64mb",
    "maxmemory-policy": "allkeys-lru",
}


def test_careful_redis_is_ok(
    tmp_path: Path, redis_at: Callable[[str, str], None]
) -> None:
    with running_redis(tmp_path, **CAREFUL) as socket:
        redis_at(socket, PASSWORD)
        assert states(stores.redis_server(CONTEXT)) == ["ok", "ok", "ok"]


def test_wrong_password_fails(
    tmp_path: Path, redis_at: Callable[[str, str], None]
) -> None:
    with running_redis(tmp_path, **CAREFUL) as socket:
        redis_at(socket, "another-password-that-is-wrong")
        assert list(stores.redis_server(CONTEXT)) == [stores.NO_REDIS]


def test_open_redis_that_never_forgets_fails_twice(
    tmp_path: Path, redis_at: Callable[[str, str], None]
) -> None:
    with running_redis(tmp_path) as socket:
        redis_at(socket, "")
        assert states(stores.redis_server(CONTEXT)) == ["ok", "fail", "fail"]


def test_user_who_may_not_ask_is_told_to_look(
    tmp_path: Path, redis_at: Callable[[str, str], None]
) -> None:
    with running_redis(tmp_path, **CAREFUL) as socket:
        admin = Redis(unix_socket_path=socket, password=PASSWORD)
        admin.execute_command("ACL", "SETUSER", "default", "-@dangerous")
        admin.close()
        redis_at(socket, PASSWORD)
        assert states(stores.redis_server(CONTEXT)) == ["ok", "ok", "manual"]


def test_no_redis_fails(settings: Settings) -> None:
    settings.CACHES = engines.caches(from_mapping({"CACHE_TYPE": "memory"}))
    assert states(stores.redis_server(CONTEXT)) == ["fail"]


def test_redis_that_is_away_fails(
    tmp_path: Path, redis_at: Callable[[str, str], None]
) -> None:
    redis_at(str(tmp_path / "nobody.sock"), PASSWORD)
    assert list(stores.redis_server(CONTEXT)) == [stores.NO_REDIS]


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """Give the address of a stand-in for R2 that has the bucket."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    ).create_bucket(Bucket=BUCKET)
    yield url
    server.stop()


@pytest.fixture
def media_at(settings: Settings) -> Callable[..., None]:
    """Return a function that has the shop keep its photos at an address."""

    def use(url: str, **changes: Any) -> None:
        good = good_production() | {"R2_ENDPOINT": url} | changes
        kept = engines.media_storage(from_mapping(good))
        settings.STORAGES = settings.STORAGES | {"default": kept}

    return use


def test_bucket_takes_gives_and_removes(s3: str, media_at: Callable[..., None]) -> None:
    media_at(s3)
    assert states(media.bucket(CONTEXT)) == ["ok"]
    assert storages["default"].listdir(media.FOLDER) == ([], [])


def test_wrong_bucket_fails_with_the_variable(
    s3: str, media_at: Callable[..., None]
) -> None:
    media_at(s3, R2_BUCKET_NAME="somebody-elses")
    (finding,) = media.bucket(CONTEXT)
    assert finding.state == "fail"
    assert "R2_BUCKET_NAME" in finding.mend


def test_bucket_that_is_away_fails(
    media_at: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    media_at("http://127.0.0.1:9")
    (finding,) = media.bucket(CONTEXT)
    assert finding.state == "fail"
    assert good_production()["R2_SECRET_ACCESS_KEY"] not in finding.text


def test_photos_on_this_machine_fail() -> None:
    assert states(media.bucket(CONTEXT)) == ["fail"]
