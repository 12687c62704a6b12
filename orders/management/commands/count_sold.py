from typing import Any

from django.core.management.base import BaseCommand

from orders.services import sales


class Command(BaseCommand):
    help = "Count the pieces sold of every product anew, for the order `popular`."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{sales.count_sold()} products changed.")
