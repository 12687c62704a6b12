"""Is the shop alive, and what does it depend on?

Each probe runs in a thread of its own under one deadline, so that a database that
hangs instead of refusing cannot hang the answer.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from karima import redis, replica
from karima.api import PublicView

logger = logging.getLogger(__name__)

OK, DOWN, NOT_CONFIGURED = "ok", "down", "not configured"
# All probes together; a monitor gives up at 2 seconds.
DEADLINE_SECONDS = 1.5


class Probe:
    """One thing the shop depends on, asked by at most one thread at a time.

    `check` returns a state and raises when the thing does not answer.
    """

    def __init__(self, name: str, check: Callable[[], str]) -> None:
        self.name = name
        self.check = check
        self.state = DOWN
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def begin(self) -> threading.Thread:
        """Return the thread that is asking, started if none is."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self.state = DOWN
                self._thread = threading.Thread(target=self._ask, daemon=True)
                self._thread.start()
            return self._thread

    def _ask(self) -> None:
        try:
            self.state = self.check()
        except Exception:
            # Whatever is raised, the dependency did not answer.
            logger.warning(
                "probe_failed", exc_info=True, extra={"dependency": self.name}
            )
            self.state = DOWN


def check_database() -> str:
    """Ask the database for one row over a connection of this thread's own."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return OK
    finally:
        connection.close()


def check_redis() -> str:
    """Ping Redis, or say that the shop runs without it."""
    client = redis.client()
    if client is None:
        return NOT_CONFIGURED
    client.ping()
    return OK


DATABASE = Probe("database", check_database)
REDIS = Probe("redis", check_redis)
# Soft dependencies that apps add; one that is down is shown and fails nothing.
EXTRA: dict[str, Probe] = {}


def add_probe(name: str, check: Callable[[], str]) -> None:
    """Show one more dependency under `/health`. Called from an app's `ready()`."""
    EXTRA[name] = Probe(name, check)


if replica.is_configured():
    add_probe(replica.ALIAS, replica.health)


def states(probes: Iterable[Probe]) -> dict[str, str]:
    """Return every probe's state within the deadline; silence counts as down."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    asked = [(probe, probe.begin()) for probe in probes]
    for _, thread in asked:
        thread.join(max(0.0, deadline - time.monotonic()))
    return {
        probe.name: DOWN if thread.is_alive() else probe.state
        for probe, thread in asked
    }


STATE_HELP = "`ok` or `down`"


class LivenessOutput(serializers.Serializer[Any]):
    status = serializers.CharField(help_text="`ok`")


class ReadinessOutput(serializers.Serializer[Any]):
    status = serializers.CharField(help_text=STATE_HELP)
    database = serializers.CharField(help_text=STATE_HELP)


class HealthOutput(ReadinessOutput):
    redis = serializers.CharField(help_text="`ok`, `down` or `not configured`")
    environment = serializers.CharField()
    version = serializers.CharField()
    timestamp = serializers.DateTimeField()


EXAMPLE = {
    "status": OK,
    "database": OK,
    "redis": OK,
    "environment": "development",
    "version": "0.1.0",
    "timestamp": "2026-11-23T03:12:44.182736Z",
}


class HealthView(PublicView):
    # A monitor must not be told that it asks too often.
    rate_limit = "unlimited"

    @extend_schema(
        operation_id="health",
        summary="Health of the shop and of what it depends on",
        tags=["health"],
        responses={200: HealthOutput, 503: HealthOutput},
        examples=[OpenApiExample("Healthy", value=EXAMPLE, status_codes=["200"])],
    )
    def get(self, request: Request) -> Response:
        found = states([DATABASE, REDIS, *EXTRA.values()])
        is_down = DOWN in (found["database"], found["redis"])
        document = {
            "status": DOWN if is_down else OK,
            **found,
            "environment": settings.APP_ENV,
            "version": settings.APP_VERSION,
            "timestamp": timezone.now(),
        }
        return _answer(document, is_down=is_down)


@extend_schema_view(get=extend_schema(operation_id="health_of_api"))
class ApiHealthView(HealthView):
    """The same below the API's own prefix, for callers that know no other."""


class LivenessView(PublicView):
    rate_limit = "unlimited"

    @extend_schema(
        operation_id="health_live",
        summary="Does the process answer",
        tags=["health"],
        responses=LivenessOutput,
        examples=[OpenApiExample("Alive", value={"status": OK})],
    )
    def get(self, request: Request) -> Response:
        return _answer({"status": OK}, is_down=False)


class ReadinessView(PublicView):
    rate_limit = "unlimited"

    @extend_schema(
        operation_id="health_ready",
        summary="Can the process serve requests",
        tags=["health"],
        responses={200: ReadinessOutput, 503: ReadinessOutput},
        examples=[
            OpenApiExample(
                "Ready", value={"status": OK, "database": OK}, status_codes=["200"]
            )
        ],
    )
    def get(self, request: Request) -> Response:
        state = states([DATABASE])["database"]
        return _answer({"status": state, "database": state}, is_down=state != OK)


def _answer(document: dict[str, Any], *, is_down: bool) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(document, status=503 if is_down else 200, headers=headers)
