"""Taking stock: counted, compared, applied once, whatever ships meanwhile."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from accounts.models import User
from catalog.models import Stock, StockMovement, StockTake, Variant
from catalog.services import documents, low_stock, stock, stock_sheets, stock_takes
from catalog.services.imports import UnreadableFile
from catalog.services.stock import StockLine
from tests.catalog.desk import form_of, url
from tests.catalog.import_files import as_csv, as_xlsx
from tests.factories import (
    CategoryFactory,
    ProductFactory,
    StaffFactory,
    VariantFactory,
)
from tests.fixtures_queue import Jobs
from tests.fixtures_staff import StaffClient

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("karima.urls.admin"),
]


@pytest.fixture
def counter(db: None) -> User:
    return StaffFactory()


@pytest.fixture
def variant(db: None) -> Variant:
    return VariantFactory(on_hand=10, price=100_000)


def opened(actor: User) -> StockTake:
    return stock_takes.open_take(title="Rak A", category=None, actor=actor)


def on_hand(variant: Variant) -> int:
    return Stock.objects.get(pk=variant.pk).on_hand


def applied(take: StockTake, actor: User) -> StockTake:
    stock_takes.start(take.pk, actor=actor)
    stock_takes.run(take.pk)
    take.refresh_from_db()
    return take


def reserve(variant: Variant, quantity: int, reference: str = "KRM-1") -> None:
    with transaction.atomic():
        stock.reserve([StockLine(variant.pk, quantity)], reference=reference)


def test_applied_is_the_difference_to_the_moment_of_counting(
    counter: User, variant: Variant, jobs: Jobs
) -> None:
    reserve(variant, 2)
    take = opened(counter)
    stock_takes.record(take.pk, {variant.pk: 9}, actor=counter)
    with transaction.atomic():
        stock.ship([StockLine(variant.pk, 2)], reference="KRM-1")
    stock_takes.start(take.pk, actor=counter)
    assert jobs() == [("catalog.tasks.apply_stock_take", {"take_id": str(take.pk)})]
    assert on_hand(variant) == 8
    stock_takes.run(take.pk)
    assert on_hand(variant) == 7
    movement = StockMovement.objects.latest("id")
    told = (movement.reason, movement.reference, movement.delta_on_hand)
    assert told == ("take", take.reference, -1)
    assert movement.actor == counter
    assert not list(stock.verify())


def test_applying_again_changes_nothing(counter: User, variant: Variant) -> None:
    take = opened(counter)
    stock_takes.record(take.pk, {variant.pk: 7}, actor=counter)
    assert applied(take, counter).state == "applied"
    stock_takes.run(take.pk)
    with pytest.raises(stock_takes.StockTakeClosed):
        stock_takes.start(take.pk, actor=counter)
    assert on_hand(variant) == 7
    assert StockMovement.objects.filter(reference=take.reference).count() == 1


def test_a_killed_run_goes_on_where_it_was(
    counter: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    variants = [VariantFactory(on_hand=5) for _ in range(3)]
    monkeypatch.setattr(stock_takes, "BATCH", 1)
    take = opened(counter)
    stock_takes.record(take.pk, {v.pk: 4 for v in variants}, actor=counter)
    stock_takes.start(take.pk, actor=counter)
    assert stock_takes._run_batch(take.pk)
    assert sorted(map(on_hand, variants)) == [4, 5, 5]
    stock_takes.run(take.pk)
    assert [on_hand(v) for v in variants] == [4, 4, 4]


def test_two_sessions_do_not_correct_one_variant_twice(
    counter: User, variant: Variant
) -> None:
    first, second = opened(counter), opened(counter)
    for take in (first, second):
        stock_takes.record(take.pk, {variant.pk: 8}, actor=counter)
    applied(first, counter)
    assert applied(second, counter).state == "counting"
    assert on_hand(variant) == 8
    assert second.lines.get().problem == stock_takes.ADJUSTED
    stock_takes.record(second.pk, {variant.pk: 8}, actor=counter)
    assert applied(second, counter).state == "applied"
    assert on_hand(variant) == 8


def test_less_than_was_promised_is_refused_and_can_be_tried_again(
    counter: User, variant: Variant
) -> None:
    other = VariantFactory(on_hand=5)
    reserve(variant, 6)
    take = opened(counter)
    stock_takes.record(take.pk, {variant.pk: 5, other.pk: 4}, actor=counter)
    assert applied(take, counter).state == "counting"
    assert (on_hand(variant), on_hand(other)) == (10, 4)
    with transaction.atomic():
        stock.release([StockLine(variant.pk, 6)], reference="KRM-1")
    assert applied(take, counter).state == "applied"
    assert (on_hand(variant), on_hand(other)) == (5, 4)


def test_what_was_not_counted_stays(counter: User, variant: Variant) -> None:
    other = VariantFactory(on_hand=5)
    take = opened(counter)
    with pytest.raises(stock_takes.NothingCounted):
        stock_takes.start(take.pk, actor=counter)
    stock_takes.record(take.pk, {variant.pk: 10, other.pk: 1}, actor=counter)
    stock_takes.record(take.pk, {other.pk: None}, actor=counter)
    applied(take, counter)
    assert (on_hand(variant), on_hand(other)) == (10, 5)


def test_a_category_counts_all_below_it(counter: User, variant: Variant) -> None:
    above = CategoryFactory()
    product = ProductFactory(category=CategoryFactory(parent=above))
    inside = VariantFactory(product=product)
    take = stock_takes.open_take(title="A", category=above, actor=counter)
    assert [line.variant_id for line in take.lines.all()] == [inside.pk]
    assert stock_takes.record(take.pk, {variant.pk: 1}, actor=counter) == 0


def test_a_cancelled_session_changes_nothing(counter: User, variant: Variant) -> None:
    take = opened(counter)
    stock_takes.record(take.pk, {variant.pk: 1}, actor=counter)
    stock_takes.close(take.pk)
    take.refresh_from_db()
    assert (take.state, on_hand(variant)) == ("cancelled", 10)
    with pytest.raises(stock_takes.StockTakeClosed):
        stock_takes.record(take.pk, {variant.pk: 1}, actor=counter)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_sheet_is_checked_row_by_row(
    counter: User, variant: Variant, separator: str
) -> None:
    other = VariantFactory()
    take = opened(counter)
    rows = [
        ("sku", "dihitung"),
        (variant.sku.lower(), "1.000"),
        (other.sku, ""),
        (other.sku, "dua"),
        ("ASING", "3"),
        (variant.sku, "4"),
    ]
    sheet = stock_sheets.check(take, as_csv(rows, separator=separator))
    assert (sheet.counts, sheet.empty) == ({variant.pk: 1000}, 1)
    assert [number for number, _, _ in sheet.faults] == [4, 5, 6]
    assert not take.lines.filter(counted__isnull=False).exists()
    assert stock_sheets.check(take, as_xlsx(rows[:2])).counts == {variant.pk: 1000}
    with pytest.raises(UnreadableFile, match="harga"):
        stock_sheets.check(take, as_csv([("sku", "harga"), ("A", "1")]))


def test_the_desk_counts_by_screen_and_file_and_applies(
    owner: Client, variant: Variant
) -> None:
    other = VariantFactory(on_hand=3)
    owner.post(url("stocktake_new"), {"title": "Akhir bulan", "category": ""})
    take = StockTake.objects.get()
    page = url("stocktake_change", take.pk)
    form = form_of(owner.get(page))
    answer = owner.post(page, form | {f"c-{variant.pk}": "8", f"c-{other.pk}": "empat"})
    assert "1 hitungan perlu diperiksa" in answer.content.decode()

    file = b"".join(owner.get(url("stocktake_sheet", take.pk)).streaming_content)
    assert file.startswith("\ufeffsku;produk;".encode())
    filled = as_csv([("sku", "dihitung"), (other.sku, "4")])
    upload = url("stocktake_upload", take.pk)
    checked = owner.post(upload, {"file": SimpleUploadedFile("a.csv", filled)})
    assert "1 hitungan siap" in checked.content.decode()
    assert stock_takes.progress(take).counted == 1
    owner.post(upload, form_of(checked) | {"step": "save"})

    shown = owner.get(url("stocktake_differences", take.pk)).content.decode()
    assert "-Rp\u00a0200.000" in shown
    assert (on_hand(variant), on_hand(other)) == (10, 3)
    owner.post(url("stocktake_step", take.pk), {"step": "apply"})
    stock_takes.run(take.pk)
    assert (on_hand(variant), on_hand(other)) == (8, 4)
    assert "Selesai" in owner.get(page).content.decode()


def test_who_counts_does_not_apply(staff_client: StaffClient, variant: Variant) -> None:
    take = opened(StaffFactory())
    client = staff_client("warehouse")
    page = url("stocktake_change", take.pk)
    client.post(page, {f"c-{variant.pk}": "8"})
    assert stock_takes.progress(take).differing == 1
    answer = client.post(url("stocktake_step", take.pk), {"step": "apply"})
    assert answer.status_code == 403
    take.refresh_from_db()
    assert take.state == "counting"


def test_the_low_list_is_sorted_filtered_and_sets_thresholds(owner: Client) -> None:
    few, none = VariantFactory(on_hand=2), VariantFactory()
    plenty = VariantFactory(on_hand=9)
    page = url("variant_low_stock")
    assert [row.pk for row in low_stock.low()] == [none.pk, few.pk]
    owner.post(page, form_of(owner.get(page)) | {f"t-{few.pk}": "1"})
    assert [row.pk for row in low_stock.low()] == [none.pk]
    stock.set_thresholds({plenty.pk: 9})
    assert [row.pk for row in low_stock.low(plenty.product.category)] == [plenty.pk]
    chosen = url("variant_low_stock", kategori=plenty.product.category_id)
    assert none.sku not in owner.get(chosen).content.decode()
    file = b"".join(owner.get(f"{page}?berkas=csv").streaming_content).decode()
    assert none.sku in file
    assert few.sku not in file


def test_a_threshold_changes_what_customers_see() -> None:
    variant = VariantFactory(on_hand=9)
    assert not [wrong for _, wrong in documents.verify() if wrong]
    stock.set_thresholds({variant.pk: 9})
    assert not [wrong for _, wrong in documents.verify() if wrong]
