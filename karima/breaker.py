"""Stop asking a service that does not answer, for some seconds.

One breaker holds for one process. It only spares waiting, so processes need not agree.
"""

import math
import threading
import time
from collections import deque

from karima import metrics


class Breaker:
    """Count failures; too many in a short time open it, and nobody is let through.

    When the open time is over, one caller may try: an answer closes the breaker, a
    failure keeps it open as long again. All methods are safe between threads.
    """

    def __init__(
        self,
        *,
        dependency: str,
        failures: int,
        within_seconds: float,
        open_seconds: float,
    ) -> None:
        self._dependency = dependency
        self._within_seconds = within_seconds
        self._open_seconds = open_seconds
        self._failures: deque[float] = deque(maxlen=failures)
        self._opens_again_at = 0.0
        self._lock = threading.Lock()

    def wait_seconds(self) -> int:
        """Return 0 when the caller may ask, else how long to wait, in seconds."""
        with self._lock:
            now = time.monotonic()
            if not self._opens_again_at:
                return 0
            if now < self._opens_again_at:
                return math.ceil(self._opens_again_at - now)
            self._opens_again_at = now + self._open_seconds
            return 0

    def failed(self) -> None:
        """Count a failure."""
        with self._lock:
            now = time.monotonic()
            self._failures.append(now)
            is_full = len(self._failures) == self._failures.maxlen
            if is_full and now - self._failures[0] <= self._within_seconds:
                self._opens_again_at = now + self._open_seconds
                metrics.breaker_is(self._dependency, is_open=True)

    def answered(self) -> None:
        """Forget the failures: the service answers."""
        with self._lock:
            self._failures.clear()
            if self._opens_again_at:
                metrics.breaker_is(self._dependency, is_open=False)
            self._opens_again_at = 0.0
