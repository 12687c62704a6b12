#!/usr/bin/env python
"""Run Django's commands with the settings that APP_ENV selects."""

import sys

from django.core.management import execute_from_command_line

from karima.env_file import take_env_file


def main() -> None:
    if sys.argv[1:2] == ["preflight"]:
        take_env_file(sys.argv[2:])
    # Reads the environment, and ends the process if it is refused.
    from karima.settings import select_settings  # noqa: PLC0415  after the line above

    select_settings()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
