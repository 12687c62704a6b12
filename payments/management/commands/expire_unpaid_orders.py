"""Expire unpaid orders now; the worker does the same every minute."""

from typing import Any

from django.core.management.base import BaseCommand

from payments.services import expiry


class Command(BaseCommand):
    help = "Expire the unpaid orders whose time is up, and release their stock."

    def handle(self, *args: Any, **options: Any) -> None:
        expired = expiry.expire_due()
        self.stdout.write(f"{expired} orders expired.")
