"""Two hundred requests at once get exactly what a limit gives out."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis as redis_library
from django.test import RequestFactory

from karima import redis
from karima.ratelimits import callers, limiter
from karima.ratelimits.buckets import Bucket
from karima.ratelimits.local import LocalBuckets
from karima.ratelimits.scopes import Scope, by_address

pytestmark = pytest.mark.usefixtures("limits")

THREADS, LIMIT = 200, 10
A_DAY = 86_400
TEN = Scope(name="test", rules=(by_address(LIMIT, burst=LIMIT, window_seconds=A_DAY),))


class HesitantBuckets(LocalBuckets):
    """Let other threads run between reading and writing, so that a race would show."""

    def _full_after(self, bucket: Bucket, now: int) -> int:
        full = super()._full_after(bucket, now)
        time.sleep(0)
        return full


def allowed_at_once() -> int:
    start = threading.Barrier(THREADS)

    def ask(number: int) -> bool:
        request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7")
        start.wait(timeout=30)
        standing = limiter.take(request, TEN)
        return standing is not None and standing.is_allowed

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(ask, range(THREADS)))


def the_client() -> redis_library.Redis:
    client = redis.client()
    assert client is not None
    return client


@pytest.fixture(autouse=True)
def patient_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every thread wait its turn: 200 at once on two cores is not an outage."""
    pool = the_client().connection_pool
    monkeypatch.setitem(pool.connection_kwargs, "socket_timeout", 30)
    monkeypatch.setitem(pool.connection_kwargs, "socket_connect_timeout", 30)
    pool.disconnect()


def test_two_hundred_at_once_get_exactly_the_limit() -> None:
    assert allowed_at_once() == LIMIT


def test_two_hundred_at_once_get_exactly_the_limit_without_redis(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redis, "client", lambda: None)
    monkeypatch.setattr(limiter, "LOCAL", HesitantBuckets())
    assert allowed_at_once() == LIMIT


def test_limit_that_reads_and_then_writes_lets_all_through() -> None:
    """The race that the script closes: everybody reads before anybody writes."""
    key, client = f"{callers.PREFIX}:naive", the_client()
    threads = 40
    has_read = threading.Barrier(threads)

    def ask(number: int) -> bool:
        used = int(client.get(key) or 0)
        has_read.wait(timeout=30)
        client.set(key, used + 1, ex=60)
        return used < LIMIT

    with ThreadPoolExecutor(threads) as pool:
        assert sum(pool.map(ask, range(threads))) == threads
