"""Development, the demo and the tests: debug pages, plain http, this machine only."""

from django.core.exceptions import ImproperlyConfigured

from karima.env import env
from karima.settings.base import *  # noqa: F403  settings by difference
from karima.settings.base import STORAGES

if env.is_strict:
    raise ImproperlyConfigured(
        "karima.settings.dev must not serve APP_ENV=production; "
        "unset DJANGO_SETTINGS_MODULE."
    )

# Static files are served from where they lie; nothing has to be collected.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}

DEBUG = env.debug is not False
CSRF_TRUSTED_ORIGINS = list(env.csrf_trusted_origins)
