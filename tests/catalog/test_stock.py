"""Stock: each change, each refusal, and the ledger."""

import contextlib
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from catalog.models import Stock, StockMovement, Variant
from catalog.services import stock
from catalog.services.stock import StockLine
from tests.factories import VariantFactory

pytestmark = pytest.mark.django_db


def balance(variant: Variant) -> tuple[int, int]:
    return Stock.objects.values_list("on_hand", "reserved").get(variant=variant)


def kinds(variant: Variant) -> list[str]:
    movements = StockMovement.objects.filter(variant=variant).order_by("id")
    return list(movements.values_list("kind", flat=True))


def reserve(*lines: tuple[Variant, int], reference: str = "KRM-1") -> None:
    with transaction.atomic():
        stock.reserve(
            [StockLine(variant.pk, quantity) for variant, quantity in lines],
            reference=reference,
        )


def test_receive_adds_to_what_is_on_hand() -> None:
    variant = VariantFactory(on_hand=5)
    stock.receive([StockLine(variant.pk, 3)], reference="PO-7", note="Kiriman kedua")
    movement = StockMovement.objects.filter(variant=variant).latest("id")
    assert balance(variant) == (8, 0)
    assert (movement.delta_on_hand, movement.on_hand_after) == (3, 8)
    assert (movement.reference, movement.note) == ("PO-7", "Kiriman kedua")


def test_reserve_promises_pieces_and_leaves_them_on_hand() -> None:
    variant = VariantFactory(on_hand=5)
    reserve((variant, 2))
    assert balance(variant) == (5, 2)
    assert kinds(variant) == ["receive", "reserve"]


def test_reserve_adds_lines_of_the_same_variant() -> None:
    variant = VariantFactory(on_hand=5)
    reserve((variant, 2), (variant, 3))
    assert balance(variant) == (5, 5)
    assert StockMovement.objects.filter(kind="reserve").count() == 1


def test_reserve_refuses_more_than_is_left() -> None:
    variant = VariantFactory(on_hand=5, sku="KHM-SAGE-L")
    reserve((variant, 3))
    with pytest.raises(stock.OutOfStock) as refusal:
        reserve((variant, 3), reference="KRM-2")
    assert refusal.value.errors == [
        {
            "field": "items",
            "code": "out_of_stock",
            "message": "Stok KHM-SAGE-L tersisa 2.",
            "sku": "KHM-SAGE-L",
            "available": 2,
        }
    ]
    assert balance(variant) == (5, 3)


def test_reserve_reports_every_short_line_and_changes_nothing() -> None:
    enough, short, empty = (
        VariantFactory(on_hand=9),
        VariantFactory(on_hand=1),
        VariantFactory(),
    )
    with pytest.raises(stock.OutOfStock) as refusal:
        reserve((empty, 1), (short, 2), (enough, 9))
    left = {row["sku"]: row["available"] for row in refusal.value.errors}
    assert left == {short.sku: 1, empty.sku: 0}
    assert balance(enough) == (9, 0)
    assert kinds(enough) == ["receive"]


def test_reserve_keeps_nothing_even_if_the_caller_swallows_the_refusal() -> None:
    enough, short = VariantFactory(on_hand=9), VariantFactory()
    with transaction.atomic():
        lines = [StockLine(enough.pk, 1), StockLine(short.pk, 1)]
        with contextlib.suppress(stock.OutOfStock):
            stock.reserve(lines, reference="KRM-1")
    assert balance(enough) == (9, 0)


def test_an_order_reserves_a_variant_only_once() -> None:
    variant = VariantFactory(on_hand=5)
    reserve((variant, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        reserve((variant, 1))
    assert balance(variant) == (5, 1)


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001, 10**9])
def test_reserve_refuses_a_quantity_that_makes_no_sense(quantity: int) -> None:
    variant = VariantFactory(on_hand=5)
    with pytest.raises(stock.InvalidQuantity):
        reserve((variant, quantity))
    assert balance(variant) == (5, 0)


@pytest.mark.django_db(transaction=True)
def test_reserve_insists_on_the_callers_transaction() -> None:
    variant = VariantFactory(on_hand=5)
    with pytest.raises(TransactionManagementError):
        stock.reserve([StockLine(variant.pk, 1)], reference="KRM-1")
    assert balance(variant) == (5, 0)


def test_release_gives_the_reservation_back() -> None:
    variant = VariantFactory(on_hand=5)
    reserve((variant, 2))
    stock.release([StockLine(variant.pk, 2)], reference="KRM-1")
    assert balance(variant) == (5, 0)
    assert kinds(variant) == ["receive", "reserve", "release"]


def test_ship_takes_the_pieces_out_of_the_shop() -> None:
    variant = VariantFactory(on_hand=5)
    reserve((variant, 2))
    stock.ship([StockLine(variant.pk, 2)], reference="KRM-1")
    assert balance(variant) == (3, 0)
    assert kinds(variant) == ["receive", "reserve", "ship"]


@pytest.mark.parametrize("first", [stock.release, stock.ship])
@pytest.mark.parametrize("second", [stock.release, stock.ship])
def test_a_reservation_ends_once(
    first: Callable[..., None], second: Callable[..., None]
) -> None:
    variant = VariantFactory(on_hand=9)
    reserve((variant, 2))
    reserve((variant, 2), reference="KRM-2")
    first([StockLine(variant.pk, 2)], reference="KRM-1")
    before = balance(variant)
    with pytest.raises(stock.ReservationMissing):
        second([StockLine(variant.pk, 2)], reference="KRM-1")
    assert balance(variant) == before


def test_release_refuses_more_than_the_order_holds() -> None:
    variant = VariantFactory(on_hand=9)
    reserve((variant, 1))
    reserve((variant, 4), reference="KRM-2")
    with pytest.raises(stock.ReservationMissing):
        stock.release([StockLine(variant.pk, 2)], reference="KRM-1")
    assert balance(variant) == (9, 5)


def test_give_back_puts_returned_pieces_on_the_shelf() -> None:
    variant = VariantFactory(on_hand=5)
    reserve((variant, 2))
    stock.ship([StockLine(variant.pk, 2)], reference="KRM-1")
    stock.give_back([StockLine(variant.pk, 1)], reference="KRM-1", note="Salah ukuran")
    assert balance(variant) == (4, 0)
    assert kinds(variant)[-1] == "return"


def test_adjust_sets_what_was_counted() -> None:
    variant = VariantFactory(on_hand=5)
    stock.adjust(variant.pk, new_on_hand=3, actor=None, note="Stok opname")
    movement = StockMovement.objects.latest("id")
    assert balance(variant) == (3, 0)
    assert (movement.delta_on_hand, movement.note) == (-2, "Stok opname")


def test_adjust_to_the_same_count_writes_no_movement() -> None:
    variant = VariantFactory(on_hand=5)
    stock.adjust(variant.pk, new_on_hand=5, actor=None, note="Stok opname")
    assert kinds(variant) == ["receive"]


def test_adjust_cannot_take_what_orders_were_promised() -> None:
    variant = VariantFactory(on_hand=5)
    reserve((variant, 4))
    with pytest.raises(stock.StockStillReserved):
        stock.adjust(variant.pk, new_on_hand=3, actor=None, note="Stok opname")
    assert balance(variant) == (5, 4)


def test_saving_a_variant_leaves_its_stock_alone() -> None:
    variant = VariantFactory(on_hand=5)
    stale = Variant.objects.select_related("stock").get(pk=variant.pk)
    reserve((variant, 2))
    stale.save()
    assert balance(variant) == (5, 2)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE catalog_stockmovement SET delta_on_hand = 9",
        "DELETE FROM catalog_stockmovement",
    ],
)
def test_the_ledger_refuses_changes_from_anyone(statement: str) -> None:
    VariantFactory(on_hand=5)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_database_refuses_a_reservation_above_the_balance() -> None:
    variant = VariantFactory(on_hand=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stock.objects.filter(variant=variant).update(reserved=6)


def test_verify_finds_nothing_after_a_lawful_day() -> None:
    variant = VariantFactory(on_hand=5)
    VariantFactory()
    reserve((variant, 2))
    stock.ship([StockLine(variant.pk, 2)], reference="KRM-1")
    assert list(stock.verify()) == []
    call_command("verify_stock")


def test_verify_stock_names_a_reservation_that_no_order_holds() -> None:
    variant = VariantFactory(on_hand=5, sku="GMS-MILO-M")
    reserve((variant, 2))
    with pytest.raises(CommandError, match=r"GMS-MILO-M: reserved is not"):
        call_command("verify_stock")


def test_verify_names_a_balance_that_the_ledger_does_not_explain() -> None:
    variant = VariantFactory(on_hand=5, sku="GMS-MILO-M")
    Stock.objects.filter(variant=variant).update(on_hand=6)
    assert list(stock.verify()) == [
        stock.Difference(variant.pk, "GMS-MILO-M", 6, 0, 5, 0)
    ]
    with pytest.raises(CommandError, match="GMS-MILO-M"):
        call_command("verify_stock")


def test_an_adjustment_keeps_its_reason() -> None:
    variant = VariantFactory(on_hand=5)
    stock.adjust(
        variant.pk, new_on_hand=3, actor=None, note="Sobek", reason=stock.Reason.DAMAGED
    )
    movement = StockMovement.objects.latest("id")
    assert (movement.kind, movement.reason) == ("adjust", "damaged")


@pytest.mark.parametrize(("kind", "reason"), [("adjust", "moon"), ("receive", "lost")])
def test_the_database_refuses_reasons_that_are_none(kind: str, reason: str) -> None:
    with pytest.raises(IntegrityError, match="movement_reason_is_known"):
        StockMovement.objects.create(
            variant=VariantFactory(),
            kind=kind,
            reason=reason,
            delta_on_hand=1,
            delta_reserved=0,
            on_hand_after=1,
            reserved_after=0,
            created_at=timezone.now(),
        )
