"""Many customers at once for the last pieces, on real PostgreSQL."""

import threading
from collections.abc import Callable

import pytest
from django.db import transaction

from catalog.models import Stock, StockMovement
from catalog.services import stock, stock_takes
from catalog.services.stock import StockLine
from tests.concurrency.at_once import at_once
from tests.factories import StaffFactory, VariantFactory

pytestmark = pytest.mark.django_db(transaction=True)


def reserving(lines: list[StockLine], *, reference: str) -> Callable[[], bool]:
    def job() -> bool:
        try:
            with transaction.atomic(durable=True):
                stock.reserve(lines, reference=reference)
        except stock.OutOfStock:
            return False
        return True

    return job


def test_fifty_customers_for_the_last_five_get_exactly_five() -> None:
    variant = VariantFactory(on_hand=5)
    won = at_once(
        [reserving([StockLine(variant.pk, 1)], reference=f"KRM-{n}") for n in range(50)]
    )
    balance = Stock.objects.get(variant=variant)
    assert won.count(True) == 5
    assert (balance.on_hand, balance.reserved) == (5, 5)
    assert list(stock.verify()) == []


def test_baskets_in_opposite_order_do_not_deadlock() -> None:
    first, second = VariantFactory(on_hand=20), VariantFactory(on_hand=20)
    there = [StockLine(first.pk, 1), StockLine(second.pk, 1)]
    back = list(reversed(there))
    won = at_once(
        [reserving(back if n % 2 else there, reference=f"KRM-{n}") for n in range(40)]
    )
    assert won.count(True) == 20
    assert list(Stock.objects.values_list("reserved", flat=True)) == [20, 20]
    assert list(stock.verify()) == []


def test_an_order_released_and_shipped_at_once_ends_one_way() -> None:
    variant = VariantFactory(on_hand=5)
    lines = [StockLine(variant.pk, 2)]
    for reference in ("KRM-1", "KRM-2"):
        with transaction.atomic():
            stock.reserve(lines, reference=reference)

    def ending(act: Callable[..., None]) -> Callable[[], bool]:
        def job() -> bool:
            try:
                with transaction.atomic():
                    act(lines, reference="KRM-1")
            except stock.ReservationMissing:
                return False
            return True

        return job

    won = at_once([ending(stock.release), ending(stock.ship)] * 4)
    assert won.count(True) == 1
    assert Stock.objects.get(variant=variant).reserved == 2
    assert list(stock.verify()) == []


def test_a_shelf_is_counted_and_applied_while_orders_reserve_and_ship() -> None:
    variants = [VariantFactory(on_hand=20) for _ in range(3)]
    actor = StaffFactory()
    take = stock_takes.open_take(title="Rak", category=None, actor=actor)

    def buy(n: int) -> Callable[[], bool]:
        lines = [StockLine(variant.pk, 1) for variant in variants]

        def job() -> bool:
            with transaction.atomic():
                stock.reserve(lines, reference=f"KRM-{n}")
            with transaction.atomic():
                stock.ship(lines, reference=f"KRM-{n}")
            return True

        return job

    def count_two_less() -> bool:
        # The shelf has two less than the books, whatever they say at the moment.
        for variant in variants:
            with transaction.atomic():
                books = stock.look([variant.pk])[variant.pk].on_hand
                # A parcel leaves the books only while nobody looks.
                stock_takes.note(take.pk, {variant.pk: books - 2}, actor=actor)
        stock_takes.start(take.pk, actor=actor)
        runs = [lambda: stock_takes.run(take.pk)] * 2
        at_once(runs)
        return True

    at_once([count_two_less, *[buy(n) for n in range(8)]])
    take.refresh_from_db()
    assert take.state == "applied"
    assert [Stock.objects.get(pk=v.pk).on_hand for v in variants] == [10, 10, 10]
    assert StockMovement.objects.filter(reference=take.reference).count() == 3
    assert list(stock.verify()) == []


def test_read_then_write_oversells_which_is_why_the_update_is_guarded() -> None:
    variant = VariantFactory(on_hand=5)
    everyone_has_read = threading.Barrier(10)

    def buy_naively() -> bool:
        row = Stock.objects.get(variant=variant)
        everyone_has_read.wait(timeout=30)
        if row.available < 1:
            return False
        Stock.objects.filter(variant=variant).update(reserved=row.reserved + 1)
        return True

    won = at_once([buy_naively] * 10)
    assert won.count(True) == 10
    assert Stock.objects.get(variant=variant).reserved == 1
