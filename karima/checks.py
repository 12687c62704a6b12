"""What `manage.py check --deploy` says of an environment that should not stay so."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Warning

from karima.env import env, rules


def environment(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Return one warning for each weakness that the shop can start with."""
    return [
        Warning(f"{problem.name}: {problem.mend}", id=f"karima.{problem.rule}")
        for problem in rules.warnings(env)
    ]
