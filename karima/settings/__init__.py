"""Settings by difference: `base` holds what is common, `dev` and `prod` the rest."""

import os

MODULES = {"production": "karima.settings.prod", "staging": "karima.settings.prod"}


def select_settings() -> None:
    """Choose the settings module from APP_ENV unless DJANGO_SETTINGS_MODULE is set."""
    app_env = os.environ.get("APP_ENV", "development")
    module = MODULES.get(app_env, "karima.settings.dev")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", module)
