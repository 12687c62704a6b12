from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from karima.money import format_rupiah
from payments.services import settlement
from payments.services.settlement import BadReport


class Command(BaseCommand):
    help = (
        "Hold a settlement report of Midtrans's dashboard (CSV) against the books. "
        "What differs becomes an issue, once. Status 1 when something differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="raise no issues")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = options["file"].read_bytes()
            result = settlement.compare(content, dry_run=options["dry_run"])
        except (OSError, BadReport) as error:
            raise CommandError(f"Not read: {error}", returncode=2) from error
        for difference in result.differences:
            row = difference.row
            self.stdout.write(
                f"line {row.number}  {row.order_id}  {format_rupiah(row.amount)}  "
                f"{difference.why}"
            )
        self.stdout.write(
            f"{result.rows} rows: {format_rupiah(result.paid)} paid, "
            f"{format_rupiah(result.refunded)} refunded, "
            f"{format_rupiah(result.fees)} fees; {len(result.differences)} differ."
        )
        if result.differences:
            raise CommandError("The report and the books differ.", returncode=1)
