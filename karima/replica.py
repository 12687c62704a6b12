"""The read replica: what it may answer, and whether it is fresh enough to.

Reads go there only inside a function marked by `prefer_replica`, and only those of the
catalogue's tables; everything else, and every write, stays with the primary. Why the
lag is measured by positions in the primary's log is in decision 0043.
"""

import functools
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import Error, connections
from django.db.models import Model

logger = logging.getLogger(__name__)

ALIAS = "replica"
TABLES_OF = "catalog"
CHECK_EVERY_SECONDS = 1.0
# After a failed read nothing is read there for so long.
PAUSE_SECONDS = 5.0

# Of what was inserted, not of what was written: a commit need not wait for its writing.
PRIMARY_POSITION = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"
# None on a server that is no replica, or is one no more.
REPLICA_POSITION = (
    "SELECT CASE WHEN pg_is_in_recovery() "
    "THEN (pg_last_wal_replay_lsn() - '0/0')::bigint END"
)

P = ParamSpec("P")
R = TypeVar("R")


class Freshness:
    """How old, at most, is what the replica shows? Measured by a thread aside.

    Each second with traffic, a thread notes the primary's position in its log and asks
    for the replica's. The replica shows at least the state of the latest moment whose
    position it has reached. An answer that does not come lets that moment grow old, so
    a replica that hangs, lags or is gone is left alone without a further rule.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._noted: deque[tuple[float, int]] = deque(maxlen=120)
        self._shows_moment = -math.inf
        self._paused_until = -math.inf
        self._checked_at = -math.inf
        self._checking = threading.Lock()
        self._is_down = False

    def is_enough(self) -> bool:
        """Say whether the replica may answer now; never waits for a server."""
        now = self._clock()
        if now - self._checked_at >= CHECK_EVERY_SECONDS:
            self._begin_check(now)
        return now >= self._paused_until and self.lag_seconds() <= _max_lag_seconds()

    def lag_seconds(self) -> float:
        """Return the age of what the replica is known to show; infinite if unknown."""
        return self._clock() - self._shows_moment

    def pause(self) -> None:
        """Leave the replica alone for some seconds."""
        self._paused_until = self._clock() + PAUSE_SECONDS

    def note(self, *, primary: int, replica: int | None, moment: float) -> None:
        """Compare two positions, asked for at `moment` or later: the primary's first.

        A replica's position of None shows nothing at all.
        """
        self._noted.append((moment, primary))
        if replica is None:
            self._shows_moment = -math.inf
            return
        reached = (then for then, position in self._noted if position <= replica)
        self._shows_moment = max(reached, default=self._shows_moment)

    def measure(self) -> None:
        """Ask both servers. Raises `django.db.Error` when one does not answer."""
        moment = self._clock()
        primary = _ask("default", PRIMARY_POSITION)
        replica = _ask(ALIAS, REPLICA_POSITION)
        # The primary always has a position.
        self.note(primary=primary or 0, replica=replica, moment=moment)

    def _begin_check(self, now: float) -> None:
        if self._checking.acquire(blocking=False):
            self._checked_at = now
            threading.Thread(target=self._check, daemon=True).start()

    def _check(self) -> None:
        try:
            self.measure()
            self._is_down = False
        except Error:
            # One line for an outage, not one a second.
            if not self._is_down:
                logger.warning(
                    "replica_unavailable", exc_info=True, extra={"dependency": ALIAS}
                )
            self._is_down = True
        finally:
            connections.close_all()
            self._checking.release()


FRESHNESS = Freshness()
_serving: ContextVar[bool] = ContextVar("serving_from_replica", default=False)


class ReplicaRouter:
    """Send marked reads of the catalogue to the replica, all else to the primary."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        if _serving.get() and model._meta.app_label == TABLES_OF:
            return ALIAS
        return None

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return "default"

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == ALIAS else None


def prefer_replica(read: Callable[P, R]) -> Callable[P, R]:
    """Have the replica answer a read that may be some seconds old.

    The function must only read, evaluate its queries itself, and be safe to run twice:
    when the replica fails in the middle, the primary answers from the beginning.
    Without a replica this changes nothing.
    """

    @functools.wraps(read)
    def answer(*args: P.args, **kwargs: P.kwargs) -> R:
        if not is_configured() or not FRESHNESS.is_enough():
            return read(*args, **kwargs)
        try:
            with _serving_from_replica():
                return read(*args, **kwargs)
        except Error as error:
            FRESHNESS.pause()
            reason = type(error).__name__
            logger.warning(
                "replica_read_failed", extra={"dependency": ALIAS, "reason": reason}
            )
        return read(*args, **kwargs)

    return answer


@contextmanager
def _serving_from_replica() -> Iterator[None]:
    token = _serving.set(True)
    try:
        yield
    finally:
        _serving.reset(token)


def is_configured() -> bool:
    return ALIAS in connections.databases


def health() -> str:
    """Measure now, and say `ok` or `lagging`. Raises when a server does not answer."""
    try:
        FRESHNESS.measure()
    finally:
        connections.close_all()
    is_fresh = FRESHNESS.lag_seconds() <= _max_lag_seconds()
    return "ok" if is_fresh else "lagging"


def _max_lag_seconds() -> float:
    return float(settings.DB_REPLICA_MAX_LAG_SECONDS)


def _ask(alias: str, question: str) -> int | None:
    with connections[alias].cursor() as cursor:
        cursor.execute(question)
        row: tuple[int | None] = cursor.fetchone()
    return row[0]
