"""Let another Access account take an e-mail: `manage.py staff_rebind citra@...`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.services import staff
from karima.errors import StoreError


class Command(BaseCommand):
    help = "Bind a member of staff to the next Access account with their e-mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--reason", default="", help="kept in the audit")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            row = staff.rebind(options["email"], reason=options["reason"])
        except StoreError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"The next sign-in of {row.email} binds its Access account.")
        if row.former_sub:
            self.stdout.write("The account that held the address stays refused.")
