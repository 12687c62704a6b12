"""The project itself, and Django's admin with the shop's own site in its place."""

import atexit
from importlib import import_module

from django.apps import AppConfig
from django.conf import settings

# Imported as a module: Django takes every configuration named here for a candidate.
from django.contrib.admin import apps as admin_apps
from django.core.checks import register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from karima import checks, error_reports
from karima.preflight import edge, media, records, stores, watching
from karima.preflight.items import add_probe

PROBES = [
    ("credentials", stores.database),
    ("credentials", stores.redis_server),
    ("database-tls", stores.database_tls),
    ("r2", media.bucket),
    ("dns", edge.dns),
    ("certificates", edge.certificates),
    ("certificates", edge.clock),
    ("monitoring", watching.metrics),
    ("logs", watching.logs),
    ("backups", records.backups),
    ("smoke", records.smoke),
    ("loadtest", records.load_test),
    ("audit", records.audit),
]


class KarimaConfig(AppConfig):
    name = "karima"

    def ready(self) -> None:
        atexit.register(close_pools)
        register(checks.environment, deploy=True)
        error_reports.begin(
            settings.SENTRY_DSN,
            environment=settings.APP_ENV,
            version=settings.APP_VERSION,
        )
        for key, probe in PROBES:
            add_probe(key, probe)
        if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
            start_tracing()


def close_pools() -> None:
    """Close this process's connections to PostgreSQL while its threads still run.

    A pool that is left to the interpreter's end waits 5 s for each thread of its own.
    """
    for alias in connections:
        connections[alias].close_pool()  # type: ignore[attr-defined]


def start_tracing() -> None:
    """Import and start what most shops do not have installed."""
    try:
        tracing = import_module("karima.tracing")
    except ModuleNotFoundError as error:
        raise ImproperlyConfigured(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set and OpenTelemetry is not installed: "
            "install requirements-otel.txt, or remove the variable."
        ) from error
    tracing.start()


class KarimaAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "karima.admin_site.KarimaAdminSite"
