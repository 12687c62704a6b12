"""A connection to PostgreSQL that does not wait for ever for a server that hangs."""

import functools
import threading
from typing import Any, Self

import psycopg
from psycopg.abc import RV, PQGen

# The server ends a statement by itself at its time-out; only one that cannot is silent
# for this much longer.
GRACE_SECONDS = 2
INTERVAL_SECONDS = 0.1


# Set while this process cannot open connections: a pool that has none to give is then
# not busy, its database is away.
REFUSED = threading.Event()


class Silent(psycopg.OperationalError):
    """The server took a statement and did not answer."""


class AnsweringConnection(psycopg.Connection[Any]):
    """A connection that is given up when the server is silent for too long.

    A stopped server, or one whose disk hangs, keeps its connections open: the kernel
    answers for it, so no time-out of TCP helps, and its own time-outs do not run.
    """

    silence_seconds: float | None = None

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> Self:
        """Open a connection, and remember whether that works at present."""
        try:
            opened = super().connect(*args, **kwargs)
        except psycopg.Error:
            REFUSED.set()
            raise
        REFUSED.clear()
        return opened

    def wait(
        self,
        gen: PQGen[RV],
        interval: float = INTERVAL_SECONDS,
        timeout: float | None = None,
    ) -> RV:
        if timeout is not None or self.silence_seconds is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.silence_seconds)
        except psycopg.errors._WaitTimeout as error:
            # Without a word to the server, which would not hear it.
            self.pgconn.finish()
            message = f"PostgreSQL did not answer within {self.silence_seconds} seconds"
            raise Silent(message) from error


@functools.cache
def answering_within(statement_timeout: int) -> type[AnsweringConnection]:
    """Return the kind of connection for this time-out in seconds; 0 waits for ever."""
    silence = statement_timeout + GRACE_SECONDS if statement_timeout else None
    return type(
        "AnsweringConnection", (AnsweringConnection,), {"silence_seconds": silence}
    )
