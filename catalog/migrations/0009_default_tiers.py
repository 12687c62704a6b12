from typing import Any

from django.db import migrations

# Pieces and basis points off, for the whole shop.
DEFAULTS = {
    "retail": {5: 500, 10: 1000},
    "reseller": {1: 500, 5: 1000, 10: 1500, 20: 2000, 50: 2500, 100: 3000},
}


def set_defaults(apps: Any, schema_editor: Any) -> None:
    tier_price = apps.get_model("catalog", "TierPrice")
    tier_price.objects.bulk_create(
        tier_price(
            group_id=group, min_quantity=pieces, kind="percent", value=basis_points
        )
        for group, steps in DEFAULTS.items()
        for pieces, basis_points in steps.items()
    )


class Migration(migrations.Migration):
    """Give the shop the price table that it starts with."""

    dependencies = [("catalog", "0008_prices")]

    operations = [migrations.RunPython(set_defaults, migrations.RunPython.noop)]
