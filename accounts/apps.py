from django.apps import AppConfig

from accounts import checks
from karima.preflight.items import add_probe


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Orang"

    def ready(self) -> None:
        add_probe("zero-trust", checks.access)
        for probe in (
            checks.kratos_ready,
            checks.kratos_flows,
            checks.kratos_file,
            checks.kratos_secrets,
        ):
            add_probe("kratos", probe)
