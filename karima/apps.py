"""The project itself, and Django's admin with the shop's own site in its place."""

from django.apps import AppConfig

# Imported as a module: Django takes every configuration named here for a candidate.
from django.contrib.admin import apps as admin_apps
from django.core.checks import register

from karima import checks
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
        register(checks.environment, deploy=True)
        for key, probe in PROBES:
            add_probe(key, probe)


class KarimaAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "karima.admin_site.KarimaAdminSite"
