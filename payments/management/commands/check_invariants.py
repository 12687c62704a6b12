import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from karima import invariants
from karima.invariants import Finding
from payments.services.watching import INVARIANTS


class Command(BaseCommand):
    help = (
        "Check what must always hold of stock, orders and money. Changes nothing. "
        "Status 1 when something does not hold, 2 when it could not be looked at."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            findings = invariants.check(INVARIANTS)
        except Error as error:
            raise CommandError(f"Not looked at: {error}", returncode=2) from error
        write = self._write_json if options["json"] else self._write_lines
        write(findings)
        broken = [f.invariant.name for f in findings if f.count]
        if broken:
            raise CommandError(f"Broken: {', '.join(broken)}.", returncode=1)

    def _write_json(self, findings: list[Finding]) -> None:
        rows = [
            {
                "name": found.invariant.name,
                "says": found.invariant.says,
                "violations": found.count,
                "first": list(found.named),
            }
            for found in findings
        ]
        document = {"ok": not any(f.count for f in findings), "invariants": rows}
        self.stdout.write(json.dumps(document, indent=2))

    def _write_lines(self, findings: list[Finding]) -> None:
        for found in findings:
            verdict = f"{found.count} broken" if found.count else "ok"
            self.stdout.write(f"{verdict:>10}  {found.invariant.name}")
            for subject in found.named:
                self.stdout.write(f"{'':>12}{subject}")
        self.stdout.write(f"{len(findings)} invariants, looked at in one snapshot.")
