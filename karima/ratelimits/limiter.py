"""Decide whether a request is within its limits, with Redis and without."""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from redis.exceptions import RedisError

from karima import redis
from karima.errors import Unavailable
from karima.ratelimits import buckets, callers, local
from karima.ratelimits.buckets import MICROSECONDS, Bucket, Reading
from karima.ratelimits.scopes import Rule, Scope, WithoutRedis

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5

LOCAL = local.LocalBuckets()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the caller stands with a scope. `readings` are in the order of its rules."""

    scope: Scope
    readings: tuple[Reading, ...]

    @property
    def is_allowed(self) -> bool:
        return not any(reading.wait for reading in self.readings)

    @property
    def retry_after_seconds(self) -> int:
        """Return when the next request would pass, rounded up; at least a second."""
        return max(1, math.ceil(max(reading.wait for reading in self.readings)))

    @property
    def tightest(self) -> tuple[Rule, Reading]:
        """Return the rule that will refuse first, or that has refused."""
        pairs = zip(self.scope.rules, self.readings, strict=True)
        return min(pairs, key=lambda pair: (-pair[1].wait, pair[1].remaining))


class LimitsUnavailable(Unavailable):
    """Nobody can count, and what is asked must not be open without a limit."""


def take(
    request: HttpRequest,
    scope: Scope,
    *,
    path_values: dict[str, Any] | None = None,
    spend: bool = True,
) -> Standing | None:
    """Count the request and return how its caller stands; None: not counted, allowed.

    Without `spend` the answer is the same and nothing is counted. Raises
    `LimitsUnavailable` while Redis is down, in a scope that is closed then.
    """
    wanted = [
        _bucket(request, scope=scope, rule=rule, path_values=path_values or {})
        for rule in scope.rules
    ]
    client = redis.client()
    if client is None:
        return _standing(scope, LOCAL.take(_own_part(wanted, 1.0), spend=spend))
    try:
        return _standing(scope, buckets.take(client, wanted, spend=spend))
    except RedisError:
        return _without_redis(scope, wanted, spend=spend)


def _without_redis(
    scope: Scope, wanted: Sequence[Bucket], *, spend: bool
) -> Standing | None:
    if scope.without_redis is WithoutRedis.ALLOW:
        return None
    if scope.without_redis is WithoutRedis.DENY:
        raise LimitsUnavailable(retry_after_seconds=RETRY_AFTER_SECONDS)
    part = _own_part(wanted, scope.local_share)
    return _standing(scope, LOCAL.take(part, spend=spend))


def _own_part(wanted: Sequence[Bucket], share: float) -> list[Bucket]:
    """Return this process's part, so that all together give out no more than one."""
    part = share / settings.RATE_LIMIT_PROCESSES
    return [local.share(bucket, part) for bucket in wanted]


def _standing(scope: Scope, readings: Sequence[Reading]) -> Standing:
    return Standing(scope=scope, readings=tuple(readings))


def _bucket(
    request: HttpRequest, *, scope: Scope, rule: Rule, path_values: dict[str, Any]
) -> Bucket:
    key = callers.key_of(request, scope=scope, rule=rule, path_values=path_values)
    interval = round(rule.window_seconds * MICROSECONDS / rule.limit)
    return Bucket(key=key, interval=max(1, interval), burst=rule.burst)
