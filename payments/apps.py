from django.apps import AppConfig

from karima.preflight.items import add_probe
from payments import checks


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = "Keuangan"

    def ready(self) -> None:
        add_probe("midtrans", checks.midtrans_key)
