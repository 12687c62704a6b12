"""Print a link into the admin while Cloudflare is down; see docs/operations.md."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.services import break_glass
from karima.errors import StoreError
from karima.wib import wib


class Command(BaseCommand):
    help = "Print a link that signs one member of staff in without Access, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--reason", required=True, help="kept in the audit")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            link = break_glass.open_link(options["email"], reason=options["reason"])
        except StoreError as error:
            raise CommandError(error.detail) from error
        port = settings.BREAK_GLASS_PORT
        self.stdout.write(f"http://127.0.0.1:{port}/break-glass/{link.secret}")
        self.stdout.write(f"Once, until {wib(link.expires_at)}. Reach it by a tunnel:")
        self.stdout.write(f"ssh -N -L {port}:127.0.0.1:{port} <this server>")
