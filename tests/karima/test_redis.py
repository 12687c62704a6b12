import logging

import pytest
from django.core.cache import cache
from pytest_django import Settings
from redis.exceptions import ConnectionError, ResponseError

from karima import redis
from karima.env import from_mapping
from karima.redis import Breaker, GuardedRedis, RedisPaused
from karima.settings import engines
from tests.fixtures_limits import Clock

NOWHERE = "/nonexistent/redis.sock"


@pytest.fixture
def breaker(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Breaker:
    breaker = Breaker(clock)
    monkeypatch.setattr(redis, "BREAKER", breaker)
    return breaker


@pytest.fixture
def no_server(settings: Settings, breaker: Breaker) -> GuardedRedis:
    settings.CACHES = engines.caches(from_mapping({"REDIS_HOST": NOWHERE}))
    client = redis.client()
    assert isinstance(client, GuardedRedis)
    return client


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.fail()


def test_four_failures_are_forgiven(breaker: Breaker) -> None:
    fail(breaker, 4)
    assert breaker.allows()


def test_five_failures_make_a_pause_of_five_seconds(
    breaker: Breaker, clock: Clock
) -> None:
    fail(breaker, 5)
    assert not breaker.allows()
    clock.now += 4.9
    assert not breaker.allows()
    clock.now += 0.2
    assert breaker.allows()


def test_failures_far_apart_make_no_pause(breaker: Breaker, clock: Clock) -> None:
    for _ in range(20):
        breaker.fail()
        clock.now += 2.6
    assert breaker.allows()


def test_success_forgets_the_failures(breaker: Breaker) -> None:
    fail(breaker, 4)
    breaker.succeed()
    fail(breaker, 4)
    assert breaker.allows()


def test_one_caller_tries_after_the_pause(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.now += 5.1
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.succeed()
    assert [breaker.allows() for _ in range(3)] == [True, True, True]


def test_failed_try_makes_another_pause(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.now += 5.1
    assert breaker.allows()
    breaker.fail()
    clock.now += 4.9
    assert not breaker.allows()


def test_commands_after_five_failures_do_not_reach_redis(
    no_server: GuardedRedis,
) -> None:
    for _ in range(5):
        with pytest.raises(ConnectionError) as refused:
            no_server.ping()
        assert not isinstance(refused.value, RedisPaused)
    with pytest.raises(RedisPaused):
        no_server.ping()


def test_cache_of_a_redis_that_is_away_misses(no_server: GuardedRedis) -> None:
    for _ in range(10):
        cache.set("key", "value")
        assert cache.get("key", "missed") == "missed"


def test_each_real_failure_is_logged_once(
    no_server: GuardedRedis, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(10):
            cache.get("key")
    assert [record.getMessage() for record in caplog.records] == [
        "redis_unavailable"
    ] * 5


def test_refused_command_is_an_answer(breaker: Breaker) -> None:
    client = redis.client()
    assert client is not None
    fail(breaker, 4)
    with pytest.raises(ResponseError):
        client.execute_command("NOSUCHCOMMAND")
    fail(breaker, 4)
    assert breaker.allows()


def test_client_tries_once_for_a_quarter_of_a_second(breaker: Breaker) -> None:
    client = redis.client()
    assert client is not None
    options = client.connection_pool.connection_kwargs
    assert options["socket_timeout"] == 0.25
    assert options["socket_connect_timeout"] == 0.25
    assert options["retry"].get_retries() == 0


def test_shop_without_redis_has_no_client(settings: Settings) -> None:
    settings.CACHES = engines.caches(from_mapping({"CACHE_TYPE": "memory"}))
    assert redis.client() is None
