"""Settings by difference: `base` holds what is common, `dev` and `prod` the rest."""

import os

from karima.env import env


def select_settings() -> None:
    """Choose the settings module from APP_ENV unless DJANGO_SETTINGS_MODULE is set."""
    module = "karima.settings.prod" if env.is_strict else "karima.settings.dev"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", module)
