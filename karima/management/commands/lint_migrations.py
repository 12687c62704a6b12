from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.migrations.loader import MigrationLoader

from karima import migration_lint


class Command(BaseCommand):
    help = "Refuse migrations since the last release that stop a serving version."
    # It looks at migrations; the checks of the apps are other commands' work.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--pending-contracts",
            action="store_true",
            help="print the migrations to come that take away what the version "
            "before needs, one a line",
        )
        what.add_argument(
            "--record-release",
            metavar="VERSION",
            help="take all migrations as released; for the commit of a release",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["pending_contracts"]:
            for name in migration_lint.pending_contracts():
                self.stdout.write(name)
        elif options["record_release"]:
            migration_lint.write_release(options["record_release"])
        else:
            self._lint()

    def _lint(self) -> None:
        loader = MigrationLoader(None)
        found = list(migration_lint.problems(loader, migration_lint.read_release()))
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write("No migration stops a serving version.")
