"""What the tests of the limits share: empty buckets, and a Redis to be ill-treated."""

import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pytest_django import Settings
from redis import Redis

from karima import local, redis
from karima.env import from_mapping
from karima.ratelimits import callers, limiter
from karima.ratelimits.local import LocalBuckets
from karima.redis import Breaker
from karima.settings import engines
from sandbox.engines import redis as redis_engine
from sandbox.engines.folders import make_data_folder
from sandbox.engines.processes import stop


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> Settings:
    """Turn the limits on, with all buckets full and nothing known against Redis.

    No time passes for what this process counts, nor for the breaker.
    """
    settings.RATE_LIMITS_ENABLED = True
    monkeypatch.setattr(limiter, "LOCAL", LocalBuckets(lambda: 10**12))
    monkeypatch.setattr(redis, "BREAKER", Breaker(clock))
    forget_buckets()
    return settings


def forget_buckets() -> None:
    client = redis.client()
    assert client is not None
    for key in client.scan_iter(f"{callers.PREFIX}:*"):
        client.delete(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRedis:
    """A Redis of one test. `socket` leads to it."""

    folder: Path
    socket: Path
    process: subprocess.Popen[bytes]

    def end(self) -> None:
        stop(self.process, redis_engine.STOP_SIGNAL)

    def hang(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def change_password(self) -> None:
        with Redis(unix_socket_path=str(self.socket)) as client:
            client.config_set("requirepass", "another")

    def forget_password(self) -> None:
        with Redis(unix_socket_path=str(self.socket), password="another") as client:
            client.config_set("requirepass", "")


@pytest.fixture
def own_redis(limits: Settings) -> Iterator[OwnRedis]:
    """Give a Redis that only this test uses, as the shop's cache."""
    # pytest's own folder is closed to others, hence to the servers of a superuser.
    with TemporaryDirectory(prefix="karima-redis-") as place:
        Path(place).chmod(0o755)
        folder = Path(place) / "data"
        make_data_folder(folder)
        process = redis_engine.start(folder)
        assert process is not None
        socket = local.redis_socket(folder)
        limits.CACHES = engines.caches(from_mapping({"REDIS_HOST": str(socket)}))
        server = OwnRedis(folder=folder, socket=socket, process=process)
        yield server
        server.go_on()
        server.end()
