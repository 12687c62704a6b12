"""Write the ready documents of all products, or compare them with the shop."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.services import documents

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Write the documents of all products, as the public API sends them. Safe to "
        "repeat and to stop; what is right already is left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--verify",
            action="store_true",
            help="change nothing; fail when a document is not what it should be",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verify"]:
            self._verify()
            return
        done = 0
        for done in documents.rebuild():
            self.stderr.write(f"{done} products")
        self.stdout.write(f"{done} products have their documents.")

    def _verify(self) -> None:
        done, wrong = 0, []
        for done, found in documents.verify():
            wrong += found
            self.stderr.write(f"{done} products")
        if wrong:
            listed = ", ".join(map(str, wrong[:SHOWN]))
            raise CommandError(
                f"{len(wrong)} of {done} products are out of date: {listed}. "
                "Run rebuild_documents."
            )
        self.stdout.write(f"The documents of {done} products are right.")
