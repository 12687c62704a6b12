#!/usr/bin/env python
"""Run Django's commands with the settings that APP_ENV selects."""

import sys

from django.core.management import execute_from_command_line

from karima.settings import select_settings


def main() -> None:
    select_settings()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
