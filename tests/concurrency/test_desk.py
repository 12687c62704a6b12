"""The merchandiser's desk and a checkout meet over one variant."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from catalog.models import Stock, Variant
from catalog.services import changes, stock
from catalog.services.changes import ChangedMeanwhile, Edit, Source, Why
from catalog.services.stock import StockLine
from tests.concurrency.at_once import wait_until_it_waits
from tests.factories import VariantFactory

pytestmark = pytest.mark.django_db(transaction=True)


def edit(variant: Variant, field: str, after: int) -> str:
    """Change a value from what the variant at hand says; tell how that ended."""
    before = changes.value_of(variant, field)
    change = Edit(
        product_id=variant.product_id,
        variant_id=variant.pk,
        field=field,
        before=before,
        after=after,
    )
    why = Why(actor=None, source=Source.GRID, title="Tabel")
    try:
        changes.apply([change], why=why)
    except ChangedMeanwhile as refusal:
        return refusal.code
    finally:
        connection.close()
    return "changed"


@pytest.mark.parametrize(("field", "after"), [("price", 99_000), ("on_hand", 12)])
def test_checkout_and_a_change_of_its_variant_do_not_deadlock(
    field: str, after: int
) -> None:
    variant = VariantFactory(on_hand=3, price=100_000)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            stock.reserve([StockLine(variant.pk, 1)], reference="KRM-1")
            job = pool.submit(edit, variant, field, after)
            wait_until_it_waits(job)
        assert job.result() == "changed"
    assert Stock.objects.get().reserved == 1
    assert list(stock.verify()) == []


def test_count_of_a_shelf_that_is_being_emptied_is_refused() -> None:
    variant = VariantFactory(on_hand=10)
    lines = [StockLine(variant.pk, 2)]
    with transaction.atomic():
        stock.reserve(lines, reference="KRM-1")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            stock.ship(lines, reference="KRM-1")
            job = pool.submit(edit, variant, "on_hand", 12)
            wait_until_it_waits(job)
        assert job.result() == "changed_meanwhile"
    assert Stock.objects.get().on_hand == 8
