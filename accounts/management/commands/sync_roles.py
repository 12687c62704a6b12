"""Write the table of roles to the database: `manage.py sync_roles`."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.services import roles


class Command(BaseCommand):
    help = "Make the groups of the staff what accounts.services.roles says."

    def handle(self, *args: Any, **options: Any) -> None:
        roles.sync()
        self.stdout.write(f"Roles: {', '.join(roles.ROLES)}.")
