"""The project itself, and Django's admin with the shop's own site in its place."""

from django.apps import AppConfig

# Imported as a module: Django takes every configuration named here for a candidate.
from django.contrib.admin import apps as admin_apps
from django.core.checks import register

from karima import checks


class KarimaConfig(AppConfig):
    name = "karima"

    def ready(self) -> None:
        register(checks.environment, deploy=True)


class KarimaAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "karima.admin_site.KarimaAdminSite"
