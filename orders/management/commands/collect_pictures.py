from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from catalog.services import media
from orders.services import pictures


class Command(BaseCommand):
    help = "List the pictures in the store that nothing shows; --remove removes them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--remove", action="store_true", help="in an hour from now")
        parser.add_argument(
            "--many", action="store_true", help="even if they are a large share"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        orphans = pictures.find_orphans()
        for name in orphans.names:
            self.stdout.write(name)
        self.stdout.write(f"{len(orphans.names)} of {orphans.stored} are not shown.")
        if not options["remove"]:
            return
        if not (orphans.is_plausible or options["many"]):
            raise CommandError(
                "Too many to be believed: is this the database of this bucket? "
                "--many removes them nevertheless."
            )
        with transaction.atomic():
            media.discard(orphans.names)
        self.stdout.write("They are removed in an hour.")
