"""Count in Redis: the generic cell rate algorithm, in one script.

A bucket is one number, the moment at which it will be full again. Reading, deciding and
writing are one step for Redis, so 200 requests at once get exactly what is left; a
limit that reads, adds and writes back in Python lets five times as many through.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import redis

MICROSECONDS = 1_000_000

# For each key, ARGV holds the microseconds between two requests and the burst; the
# answer, how many microseconds the bucket has to spare (below 0: refused) and when it
# is full again. Nothing is taken from any bucket unless all have something left, nor
# when ARGV[1] is 0. The time is Redis's own, so that the clocks of the machines do not
# matter. A bucket is kept one second longer than it needs to fill up.
SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local answers, full, refused = {}, {}, false
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  full[i] = math.max(tonumber(redis.call('GET', key) or now), now) + interval
  local spare = now - (full[i] - burst * interval)
  refused = refused or spare < 0
  answers[2 * i - 1], answers[2 * i] = spare, full[i] - now
end
if not refused and ARGV[1] == '1' then
  for i, key in ipairs(KEYS) do
    local ms = math.ceil((full[i] - now) / 1000) + 1000
    redis.call('SET', key, string.format('%.0f', full[i]), 'PX', ms)
  end
end
return answers
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One bucket: a request every `interval` microseconds, `burst` of them at once."""

    key: str
    interval: int
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a bucket stands after a request. Times are in seconds.

    `wait` is 0 when the bucket allows the request; `remaining` counts what is left
    after it, and `reset` is when the bucket is full again.
    """

    wait: float
    remaining: int
    reset: float

    @classmethod
    def of(cls, bucket: "Bucket", *, spare: int, reset: int) -> "Reading":
        """Return the reading of a bucket; both times in microseconds."""
        return cls(
            wait=max(-spare, 0) / MICROSECONDS,
            remaining=max(spare // bucket.interval, 0),
            reset=reset / MICROSECONDS,
        )


def take(
    client: redis.Redis, buckets: Sequence[Bucket], *, spend: bool = True
) -> list[Reading]:
    """Take one request from every bucket, or from none when one is empty.

    Without `spend` nothing is taken and the answer is the same. Raises
    `redis.RedisError` when Redis does not answer.
    """
    numbers = [n for bucket in buckets for n in (bucket.interval, bucket.burst)]
    script = client.register_script(SCRIPT)
    flat = script(keys=[bucket.key for bucket in buckets], args=[int(spend), *numbers])
    return [
        Reading.of(bucket, spare=spare, reset=reset)
        for bucket, spare, reset in zip(buckets, flat[::2], flat[1::2], strict=True)
    ]
