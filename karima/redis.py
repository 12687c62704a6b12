"""Redis: one client for the cache and for scripts, left alone while it is ill.

Everything that speaks to Redis does so through this client, because the cache is made
of it (`karima.settings.engines`). A command that fails costs one time-out; after a few
of them Redis is not asked for some seconds, so that a request which needs it five
times does not wait five times.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import redis
from django_redis import get_redis_connection
from redis.exceptions import ConnectionError, ResponseError, TimeoutError

from karima import metrics

logger = logging.getLogger(__name__)

# So many failures within so many seconds, and Redis is left alone for so many.
FAILURES, WITHIN_SECONDS, PAUSE_SECONDS = 5, 10.0, 5.0


class RedisPaused(ConnectionError):
    """Redis was not asked: it has failed too often in the last seconds."""


class Breaker:
    """Remember failures, and say whether the next command may be tried.

    After a pause one caller tries for all the others, who go on without Redis until
    that one has an answer.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._paused_until = 0.0
        self._lock = threading.Lock()

    def allows(self) -> bool:
        if not self._paused_until:
            return True
        with self._lock:
            now = self._clock()
            if now < self._paused_until:
                return False
            if self._paused_until:
                self._paused_until = now + PAUSE_SECONDS
            return True

    def succeed(self) -> None:
        if self._failures or self._paused_until:
            with self._lock:
                self._failures.clear()
                self._paused_until = 0.0
            metrics.breaker_is("redis", is_open=False)

    def fail(self) -> None:
        with self._lock:
            now = self._clock()
            self._failures.append(now)
            oldest = self._failures[0]
            if len(self._failures) == FAILURES and now - oldest <= WITHIN_SECONDS:
                self._paused_until = now + PAUSE_SECONDS
                metrics.breaker_is("redis", is_open=True)


BREAKER = Breaker()


class GuardedRedis(redis.Redis):
    """A client that asks the breaker first and tells it how it went.

    Raises `RedisPaused` instead of asking. It is a `ConnectionError`, which the cache
    answers with a miss.
    """

    def execute_command(self, *args: Any, **options: Any) -> Any:
        if not BREAKER.allows():
            raise RedisPaused("Redis is left alone for some seconds")
        try:
            answer = super().execute_command(*args, **options)
        except (ConnectionError, TimeoutError) as error:
            BREAKER.fail()
            reason = type(error).__name__
            logger.warning(
                "redis_unavailable", extra={"dependency": "redis", "reason": reason}
            )
            raise
        except ResponseError:
            BREAKER.succeed()
            raise
        BREAKER.succeed()
        return answer


def client() -> redis.Redis | None:
    """Return the client of the cache's Redis, or None where the shop has none.

    Its commands raise `redis.RedisError` after 0.25 seconds, or at once.
    """
    try:
        found: redis.Redis = get_redis_connection("default")
    except NotImplementedError:
        return None
    return found
