import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

PAUSE_SECONDS = 1.0


class Command(BaseCommand):
    help = "Wait until PostgreSQL answers and, if asked, until it is migrated."
    # The checks of the apps are not about the database; the server runs them anyway.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--timeout", type=float, default=60, help="seconds")
        parser.add_argument("--migrated", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        deadline = time.monotonic() + options["timeout"]
        while not is_ready(migrated=options["migrated"]):
            if time.monotonic() > deadline:
                raise CommandError("The database is not ready.")
            time.sleep(PAUSE_SECONDS)


def is_ready(*, migrated: bool) -> bool:
    """Say whether the database answers and, if asked, has every migration."""
    try:
        connection.ensure_connection()
        return not (migrated and has_open_migrations())
    except OperationalError:
        return False
    finally:
        connection.close()


def has_open_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
