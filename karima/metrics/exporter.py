"""What one process tells for all: the database's figures, probes, invariants.

The web processes do not: each would ask the database the same at every look.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.db import Error, connection
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from karima import invariants, readings
from karima.health import DOWN, NOT_CONFIGURED, Probe, states
from karima.invariants import Finding, Invariant
from karima.metrics.middleware import PATHS
from karima.metrics.token import is_monitor
from karima.readings import Reading

logger = logging.getLogger(__name__)

INVARIANTS_EVERY_SECONDS = 300


class DatabaseFigures(Collector):
    """The readings, asked anew at each look."""

    def __init__(self, wanted: Sequence[Reading]) -> None:
        self.wanted = wanted

    def describe(self) -> Iterable[Metric]:
        return [reading.family() for reading in self.wanted]

    def collect(self) -> Iterator[Metric]:
        try:
            yield from readings.take(self.wanted)
        finally:
            connection.close()


class Dependencies(Collector):
    """What the shop leans on, 1 for up. One that is not configured has no sample."""

    def __init__(self, probes: Sequence[Probe]) -> None:
        self.probes = probes

    def describe(self) -> Iterable[Metric]:
        return [self._family()]

    def collect(self) -> Iterator[Metric]:
        family = self._family()
        for name, state in states(self.probes).items():
            if state != NOT_CONFIGURED:
                family.add_metric([name], float(state != DOWN))
        yield family

    def _family(self) -> GaugeMetricFamily:
        return GaugeMetricFamily(
            "karima_dependency_up", "1 when a dependency answers", labels=["dep"]
        )


class Invariants(Collector):
    """What the last check found, and when it ended. `check` makes a new one."""

    def __init__(self, wanted: Sequence[Invariant]) -> None:
        self.wanted = wanted
        self._findings: list[Finding] = []
        self._checked_at: float | None = None

    def check(self) -> None:
        """Check all; when the database does not answer, what was known stays."""
        try:
            self._findings = invariants.check(self.wanted)
            self._checked_at = time.time()
        except Error:
            logger.warning("invariants_not_checked", exc_info=True)
        finally:
            connection.close()
        for found in self._findings:
            if found.count:
                logger.error("invariant_broken", extra={"reason": found.invariant.name})

    def describe(self) -> Iterable[Metric]:
        return self._families()

    def collect(self) -> Iterator[Metric]:
        violations, checked_at = self._families()
        for found in self._findings:
            violations.add_metric([found.invariant.name], found.count)
        if self._checked_at is not None:
            checked_at.add_metric([], self._checked_at)
        yield from (violations, checked_at)

    def _families(self) -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
        return (
            GaugeMetricFamily(
                "karima_invariant_violations",
                "Things that break an invariant",
                labels=["invariant"],
            ),
            GaugeMetricFamily(
                "karima_invariant_last_run_timestamp_seconds",
                "When the invariants were last checked",
            ),
        )


def keep_checking(found: Invariants, *, stop: threading.Event) -> None:
    """Check the invariants every five minutes until told to stop."""
    while True:
        found.check()
        if stop.wait(INVARIANTS_EVERY_SECONDS):
            return


def guarded(registry: CollectorRegistry) -> Callable[..., Iterable[bytes]]:
    """Return the WSGI application that shows the registry to who has the token."""
    show = make_wsgi_app(registry)

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] not in PATHS:
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"not found\n"]
        if not is_monitor(environ.get("HTTP_AUTHORIZATION", "")):
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"forbidden\n"]
        return show(environ, start_response)

    return application


class Server(ThreadingMixIn, WSGIServer):
    """Answers while a slow look is still being answered."""

    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    """Writes no line for each look."""

    timeout = 30

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def server(registry: CollectorRegistry, *, address: str, port: int) -> Server:
    """Return the server, listening. Raises `OSError` when the port is taken."""
    application: Any = guarded(registry)
    return make_server(address, port, application, Server, QuietHandler)
