"""A list price changes in one place, and what it was is kept."""

import pytest
from django.db import DatabaseError, transaction

from catalog.models import FieldChange
from catalog.services import changes, prices
from tests.factories import StaffFactory, VariantFactory

pytestmark = pytest.mark.django_db


def test_history_says_who_what_and_why() -> None:
    variant, staff = VariantFactory(price=150_000), StaffFactory()
    prices.change_price(variant, price=120_000, actor=staff, reason="Lebaran")
    row = FieldChange.objects.get()
    assert (row.field, row.before, row.after) == ("price", 150_000, 120_000)
    assert (row.batch.actor, row.batch.note) == (staff, "Lebaran")
    variant.product.refresh_from_db()
    assert variant.product.price_min == 120_000


def test_same_price_leaves_no_trace() -> None:
    prices.change_price(VariantFactory(price=150_000), price=150_000)
    assert not FieldChange.objects.exists()


def test_history_cannot_be_changed() -> None:
    prices.change_price(VariantFactory(), price=120_000)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        FieldChange.objects.update(after=1)


def test_change_by_somebody_else_is_not_written_over() -> None:
    variant = VariantFactory(price=150_000)
    mine = type(variant).objects.get(pk=variant.pk)
    prices.change_price(variant, price=140_000)
    with pytest.raises(changes.ChangedMeanwhile):
        prices.change_price(mine, price=130_000)
