import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from prometheus_client import CollectorRegistry

from accounts.clients.kratos import check_ready
from karima.health import DATABASE, REDIS, Probe
from karima.metrics import exporter
from payments.services.watching import INVARIANTS, READINGS


class Command(BaseCommand):
    help = (
        "Serve what the database, the probes and the invariants say to Prometheus, on "
        "/internal/metrics with METRICS_TOKEN. One process for the whole shop."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--address", default="0.0.0.0")  # noqa: S104 of a container
        parser.add_argument("--port", type=int, default=9101)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.METRICS_TOKEN:
            raise CommandError("METRICS_TOKEN is not set: nobody could read this.")
        found = exporter.Invariants(INVARIANTS)
        try:
            server = exporter.server(
                _registry(found), address=options["address"], port=options["port"]
            )
        except OSError as error:
            raise CommandError(f"Port {options['port']}: {error.strerror}") from error
        stop = threading.Event()
        checker = threading.Thread(
            target=exporter.keep_checking, args=[found], kwargs={"stop": stop}
        )
        _end_when_told(server)
        self.stdout.write(f"Serving {options['address']}:{options['port']}")
        self.stdout.flush()
        checker.start()
        try:
            server.serve_forever()
        finally:
            stop.set()
            server.server_close()
            checker.join()


def _registry(found: exporter.Invariants) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(exporter.DatabaseFigures(READINGS))
    registry.register(
        exporter.Dependencies([DATABASE, REDIS, Probe("kratos", check_ready)])
    )
    registry.register(found)
    return registry


def _end_when_told(server: exporter.Server) -> None:
    """Let SIGTERM and Ctrl-C end the server, from a thread it does not wait for."""

    def end(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
