"""Count in this process, while Redis does not answer or where there is none.

The same arithmetic as the script of `buckets`; other processes do not see it.
"""

import threading
import time
from collections.abc import Callable, Sequence

from karima.ratelimits.buckets import Bucket, Reading

# Some two megabytes. Only a caller with very many addresses reaches it.
MOST_BUCKETS = 10_000


class LocalBuckets:
    """The moments, in microseconds, at which this process's buckets are full again."""

    def __init__(self, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock_ns = clock_ns
        self._full: dict[str, int] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._full)

    def take(self, buckets: Sequence[Bucket], *, spend: bool = True) -> list[Reading]:
        """Take one request from every bucket, or from none when one is empty."""
        with self._lock:
            now = self._clock_ns() // 1000
            full = {b.key: self._full_after(b, now) for b in buckets}
            spare = {b.key: now - full[b.key] + b.burst * b.interval for b in buckets}
            if spend and min(spare.values()) >= 0:
                self._full |= full
                self._forget(now)
        return [
            Reading.of(b, spare=spare[b.key], reset=full[b.key] - now) for b in buckets
        ]

    def _full_after(self, bucket: Bucket, now: int) -> int:
        return max(self._full.get(bucket.key, now), now) + bucket.interval

    def _forget(self, now: int) -> None:
        """Drop full buckets, and if that is not enough those that are nearly full."""
        if len(self._full) <= MOST_BUCKETS:
            return
        emptiest = sorted(self._full.items(), key=lambda item: -item[1])
        kept = emptiest[: MOST_BUCKETS // 2]
        self._full = {key: full for key, full in kept if full > now}


def share(bucket: Bucket, part: float) -> Bucket:
    """Return the part of a bucket that one of several processes gives out."""
    return Bucket(
        key=bucket.key,
        interval=round(bucket.interval / part),
        burst=max(1, int(bucket.burst * part)),
    )
