"""The shop's client against a Redis as deploy/redis starts it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django_redis.pool import ConnectionFactory
from pytest_django import Settings
from redis.exceptions import (
    AuthenticationError,
    ConnectionError,
    NoPermissionError,
    RedisError,
)

from karima import redis
from karima.env import from_mapping
from karima.redis import Breaker
from karima.settings import engines
from sandbox.lab.certificates import Authority
from sandbox.lab.redis import running_redis

USER, PASSWORD = "karima", "p@ss:/w%41#&'x=Qm7"
GOOD = {
    "REDIS_HOST": "localhost",
    "REDIS_USER": USER,
    "REDIS_PASSWORD": PASSWORD,
    "REDIS_TLS": "true",
}


@pytest.fixture(scope="module")
def server(lab: Path) -> Iterator[dict[str, str]]:
    """The variables that lead to a running Redis with TLS and an ACL user."""
    with running_redis(lab, user=USER, password=PASSWORD) as port:
        yield GOOD | {"REDIS_PORT": str(port), "REDIS_CA_CERT": str(lab / "ca.pem")}


@pytest.fixture
def connected(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a client for these variables."""
    monkeypatch.setattr(redis, "BREAKER", Breaker())

    def client(variables: dict[str, str]) -> Any:
        # django-redis keeps one pool for an address, whatever else has changed.
        monkeypatch.setattr(ConnectionFactory, "_pools", {})
        settings.CACHES = engines.caches(from_mapping(variables))
        return redis.client()

    return client


def refusal(client: Any) -> RedisError:
    with pytest.raises(RedisError) as caught:
        client.ping()
    assert PASSWORD not in str(caught.value)
    return caught.value


def test_the_cache_works_over_tls_as_the_acl_user(
    server: dict[str, str], connected: Any
) -> None:
    client = connected(server)
    cache.set("word", "kain", 60)
    assert cache.get("word") == "kain"
    assert client.execute_command("ACL", "WHOAMI") == b"karima"
    assert client.eval("return redis.call('GET', KEYS[1])", 1, "karima:none") is None
    assert client.info("memory")["maxmemory_policy"] == "volatile-ttl"


@pytest.mark.parametrize(
    "command",
    [("KEYS", "*"), ("CONFIG", "SET", "maxmemory", "1"), ("GET", "other:key")],
)
def test_the_acl_user_may_do_nothing_dangerous(
    server: dict[str, str], connected: Any, command: tuple[str, ...]
) -> None:
    with pytest.raises(NoPermissionError):
        connected(server).execute_command(*command)


def test_a_wrong_password_is_refused(server: dict[str, str], connected: Any) -> None:
    error = refusal(connected(server | {"REDIS_PASSWORD": "wrong-" + PASSWORD}))
    assert isinstance(error, AuthenticationError)


def test_the_default_user_is_off(server: dict[str, str], connected: Any) -> None:
    error = refusal(connected(server | {"REDIS_USER": ""}))
    assert isinstance(error, AuthenticationError)


def test_plain_talk_to_the_tls_port_is_an_error(
    server: dict[str, str], connected: Any
) -> None:
    error = refusal(connected(server | {"REDIS_TLS": "false"}))
    assert isinstance(error, ConnectionError)


def test_a_server_of_an_unknown_ca_is_refused(
    server: dict[str, str], connected: Any, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_bytes(Authority("Somebody else's CA").pem())
    other = server | {"REDIS_CA_CERT": str(tmp_path / "ca.pem")}
    assert "certificate verify failed" in str(refusal(connected(other)))


def test_the_system_does_not_know_our_ca(
    server: dict[str, str], connected: Any
) -> None:
    error = refusal(connected(server | {"REDIS_CA_CERT": ""}))
    assert "certificate verify failed" in str(error)


def test_a_wrong_host_name_is_refused_and_named(
    server: dict[str, str], connected: Any
) -> None:
    error = refusal(connected(server | {"REDIS_HOST": "127.0.0.1"}))
    assert "127.0.0.1" in str(error)


def test_a_password_alone_is_for_the_default_user(lab: Path, connected: Any) -> None:
    """As an environment without REDIS_USER has it."""
    with running_redis(lab, user="", password=PASSWORD) as port:
        variables = GOOD | {"REDIS_PORT": str(port), "REDIS_USER": ""}
        client = connected(variables | {"REDIS_CA_CERT": str(lab / "ca.pem")})
        assert client.ping()
        client.close()
