from django.core.management.base import BaseCommand, CommandError

from catalog.services import stock


class Command(BaseCommand):
    help = "Prove that every stock balance is the sum of its movements."

    def handle(self, *args: object, **options: object) -> None:
        differences = list(stock.verify())
        if differences:
            raise CommandError("\n".join(_describe(row) for row in differences))
        self.stdout.write("Every stock balance is the sum of its movements.")


def _describe(row: stock.Difference) -> str:
    return (
        f"{row.sku}: balance {row.on_hand} on hand, {row.reserved} reserved; "
        f"ledger {row.ledger_on_hand} on hand, {row.ledger_reserved} reserved."
    )
