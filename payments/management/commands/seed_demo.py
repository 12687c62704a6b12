"""Fill the shop with believable data: articles, customers, staff, orders."""

import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from catalog.management.demo.build import build_catalogue
from payments.management.demo.orders import add_orders
from payments.management.demo.people import add_customers, add_demo_staff


class Command(BaseCommand):
    help = "Add demo data. Safe to run twice: only what is missing is added."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--products", type=int, default=60, help="how many articles (default: 60)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.APP_ENV not in {"development", "test"}:
            raise CommandError("Demo data has no place in production.")
        if not 1 <= options["products"] <= 100_000:
            raise CommandError("--products takes a number from 1 to 100000.")
        with _bar("articles") as progress:
            build_catalogue(products=options["products"], progress=progress)
        call_command("sync_roles", verbosity=0)
        add_demo_staff()
        with _bar("orders") as progress:
            add_orders(add_customers(), progress=progress)
        self.stdout.write("The demo shop is stocked.")


class _bar:
    """A progress bar on a terminal, nothing elsewhere."""

    def __init__(self, name: str) -> None:
        self.bar = tqdm(desc=name, disable=not sys.stderr.isatty())

    def __enter__(self) -> Callable[[int, int], None]:
        return self.show

    def __exit__(self, *exc: object) -> None:
        self.bar.close()

    def show(self, done: int, total: int) -> None:
        self.bar.total = total
        self.bar.update(done - self.bar.n)
