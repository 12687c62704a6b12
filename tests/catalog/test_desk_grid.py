"""The table of SKU: looks before it saves, all or nothing, and nobody overwritten."""

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from catalog.models import ChangeBatch, FieldChange, Product, Stock, Variant
from catalog.services import changes, prices, stock
from catalog.services.changes import Edit, Source, Why
from tests.catalog.desk import form_of, text_of, url
from tests.factories import VariantFactory
from tests.fixtures_staff import StaffClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls("karima.urls.admin")]


@pytest.fixture
def variant() -> Variant:
    variant: Variant = VariantFactory(price=150_000, on_hand=4)
    return variant


def page_of(variant: Variant) -> str:
    return url("variant_grid", product=variant.product_id)


def test_changes_are_shown_before_they_are_saved(
    owner: Client, variant: Variant
) -> None:
    form = form_of(owner.get(page_of(variant)))
    form[f"{variant.pk}-price"] = "Rp175.000,00"
    preview = owner.post(page_of(variant), form | {"step": "preview"})
    assert "Rp\u00a0150.000" in text_of(preview)
    assert "Rp\u00a0175.000" in text_of(preview)
    variant.refresh_from_db()
    assert variant.price == 150_000

    saved = owner.post(page_of(variant), form_of(preview) | {"step": "save"})
    batch = ChangeBatch.objects.get()
    assert saved["Location"] == url("changebatch_change", batch.pk)
    variant.refresh_from_db()
    assert variant.price == 175_000
    assert Product.objects.get().price_min == 175_000
    assert '"price":175000' in variant.product.documents.get().detail
    row = FieldChange.objects.get()
    assert (row.field, row.before, row.after) == ("price", 150_000, 175_000)
    assert str(batch.actor) == "Staf owner"


def test_a_cell_that_cannot_be_read_keeps_all_that_was_typed(
    owner: Client, variant: Variant
) -> None:
    form = form_of(owner.get(page_of(variant)))
    form |= {f"{variant.pk}-price": "1,5 jt", f"{variant.pk}-weight_grams": "500"}
    answer = owner.post(page_of(variant), form | {"step": "save"})
    assert "rupiah utuh" in text_of(answer)
    again = form_of(answer)
    assert again[f"{variant.pk}-price"] == "1,5 jt"
    assert again[f"{variant.pk}-weight_grams"] == "500"
    variant.refresh_from_db()
    assert (variant.price, variant.weight_grams) == (150_000, 400)


def test_a_change_made_meanwhile_is_shown_and_not_overwritten(
    owner: Client, variant: Variant
) -> None:
    form = form_of(owner.get(page_of(variant)))
    prices.change_price(variant, price=160_000)
    form |= {f"{variant.pk}-price": "175000", f"{variant.pk}-weight_grams": "500"}
    answer = owner.post(page_of(variant), form | {"step": "save"})
    assert "Sudah diubah menjadi Rp\u00a0160.000" in text_of(answer)
    variant.refresh_from_db()
    assert (variant.price, variant.weight_grams) == (160_000, 400)

    owner.post(page_of(variant), form_of(answer) | {"step": "save"})
    variant.refresh_from_db()
    assert (variant.price, variant.weight_grams) == (175_000, 500)


def test_stock_needs_a_reason_and_goes_through_the_ledger(
    owner: Client, variant: Variant
) -> None:
    form = form_of(owner.get(page_of(variant))) | {f"{variant.pk}-on_hand": "9"}
    refused = owner.post(page_of(variant), form | {"step": "save"})
    assert "Tulis keterangan" in text_of(refused)
    assert Stock.objects.get(pk=variant.pk).on_hand == 4
    owner.post(
        page_of(variant),
        form | {"step": "save", "note": "Hitung ulang", "reason": "lost"},
    )
    assert Stock.objects.get(pk=variant.pk).on_hand == 9
    movement = variant.movements.order_by("-pk")[0]
    told = (movement.kind, movement.reason, movement.note)
    assert told == ("adjust", "lost", "Hitung ulang")
    assert not list(stock.verify())


def test_who_may_not_adjust_stock_cannot_by_this_page(
    staff_client: StaffClient, variant: Variant
) -> None:
    marketing = staff_client("marketing")
    form = form_of(marketing.get(page_of(variant)))
    assert f"{variant.pk}-on_hand" not in form
    form |= {f"{variant.pk}-on_hand": "9", f"{variant.pk}-weight_grams": "500"}
    marketing.post(page_of(variant), form | {"step": "save", "note": "x"})
    variant.refresh_from_db()
    assert variant.weight_grams == 500
    assert Stock.objects.get(pk=variant.pk).on_hand == 4


@pytest.mark.parametrize("role", ["cs", "warehouse", "finance", ""])
def test_the_table_is_for_those_who_may_change_sku(
    staff_client: StaffClient, variant: Variant, role: str
) -> None:
    client = staff_client(role)
    assert client.get(page_of(variant)).status_code == 403
    assert client.post(page_of(variant), {"step": "save"}).status_code == 403


def test_one_wrong_row_keeps_all_rows_from_being_saved(
    owner: Client, variant: Variant
) -> None:
    other: Variant = VariantFactory(product=variant.product, price=90_000)
    form = form_of(owner.get(page_of(variant)))
    form |= {f"{variant.pk}-price": "99900", f"{other.pk}-compare_at_price": "80000"}
    answer = owner.post(page_of(variant), form | {"step": "save"})
    assert "Harga coret di bawah harga jual." in text_of(answer)
    variant.refresh_from_db()
    assert variant.price == 150_000


def test_a_page_costs_the_same_for_few_and_many(
    owner: Client, variant: Variant, django_assert_max_num_queries: object
) -> None:
    owner.get("/admin/")
    for _ in range(12):
        VariantFactory(product=variant.product)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert owner.get(page_of(variant)).status_code == 200


@pytest.mark.parametrize("before", ["", "[]", "{}", '{"x": 1}', '{"1": 2}', "null"])
def test_a_form_that_was_tampered_with_changes_nothing(
    owner: Client, variant: Variant, before: str
) -> None:
    form = {"before": before, "step": "save", f"{variant.pk}-price": "1000"}
    assert owner.post(page_of(variant), form).status_code == 200
    variant.refresh_from_db()
    assert variant.price == 150_000


def test_a_batch_is_undone_once_and_not_over_later_changes(
    owner: Client, variant: Variant
) -> None:
    why = Why(actor=None, source=Source.GRID, title="Harga")
    edit = Edit(
        product_id=variant.product_id,
        variant_id=variant.pk,
        field="price",
        before=150_000,
        after=90_000,
    )
    batch = changes.apply([edit], why=why)
    assert batch is not None
    variant.refresh_from_db()
    prices.change_price(variant, price=95_000)
    undo = url("changebatch_undo", batch.pk)
    refused = text_of(owner.post(undo, follow=True))
    assert "Sudah diubah menjadi Rp\u00a095.000" in refused
    variant.refresh_from_db()
    assert variant.price == 95_000

    prices.change_price(variant, price=90_000)
    assert "Perubahan diurungkan." in text_of(owner.post(undo, follow=True))
    variant.refresh_from_db()
    assert variant.price == 150_000
    assert changes.NotUndoable.detail in text_of(owner.post(undo, follow=True))
    assert ChangeBatch.objects.filter(undoes=batch).count() == 1


def test_the_history_cannot_be_rewritten(variant: Variant) -> None:
    why = Why(actor=None, source=Source.FORM, title="x")
    edit = Edit(product_id=variant.product_id, field="name", before="a", after="b")
    changes.record([edit], why=why)
    for rows in (FieldChange.objects.all(), ChangeBatch.objects.all()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows._raw_delete(using="default")


def test_what_a_form_changed_is_in_the_history_of_the_product(
    owner: Client, variant: Variant
) -> None:
    form = {
        "product": variant.product_id,
        "sku": variant.sku,
        "color": variant.color_id,
        "size": variant.size_id,
        "price": "175000",
        "compare_at_price": "",
        "weight_grams": "400",
        "is_active": "on",
    }
    owner.post(url("variant_change", variant.pk), form)
    row = FieldChange.objects.get()
    assert (row.field, row.before, row.after) == ("price", 150_000, 175_000)
    shown = text_of(owner.get(f"/admin/catalog/product/{variant.product_id}/changes/"))
    assert "Rp\u00a0175.000" in shown
    assert "Staf owner" in shown
