"""Add a member of staff: `manage.py staff_add citra@karima.example --group owner`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.services.staff import add_staff
from karima.errors import StoreError


class Command(BaseCommand):
    help = "Let a person enter the admin through Cloudflare Access."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="full name, shown in the admin")
        parser.add_argument(
            "--group", action="append", default=[], help="may be given several times"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = add_staff(
                options["email"], full_name=options["name"], groups=options["group"]
            )
        except StoreError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{user.email} may enter the admin.")
