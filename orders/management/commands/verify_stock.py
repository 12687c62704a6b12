from django.core.management.base import BaseCommand, CommandError

from catalog.services import stock
from karima import invariants
from orders.services.invariants import RESERVED_IS_ORDERS


class Command(BaseCommand):
    help = (
        "Prove that every stock balance is the sum of its movements, and that what is "
        "reserved is what unshipped orders hold."
    )

    def handle(self, *args: object, **options: object) -> None:
        problems = [_describe(row) for row in stock.verify()]
        held = invariants.find(RESERVED_IS_ORDERS)
        problems += [
            f"{sku}: reserved is not what unshipped orders hold." for sku in held.named
        ]
        if held.count > len(held.named):
            problems.append(f"... {held.count - len(held.named)} more.")
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(
            "Every stock balance is the sum of its movements, and what is reserved is "
            "what unshipped orders hold."
        )


def _describe(row: stock.Difference) -> str:
    return (
        f"{row.sku}: balance {row.on_hand} on hand, {row.reserved} reserved; "
        f"ledger {row.ledger_on_hand} on hand, {row.ledger_reserved} reserved."
    )
