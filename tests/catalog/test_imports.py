"""SKU from a file: a dry run that writes nothing, a run that can be killed."""

import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import User
from catalog.models import FieldChange, ImportFile, ImportRow, Product, Stock, Variant
from catalog.services import exporting, imports, stock
from tests.catalog import import_files
from tests.catalog.desk import text_of, url
from tests.catalog.import_files import BAD, HEADER, ROWS, as_csv, as_xlsx, row
from tests.factories import ColorFactory, SizeFactory, VariantFactory
from tests.fixtures_queue import Jobs
from tests.fixtures_staff import StaffClient
from tests.karima.processes import ROOT

pytestmark = pytest.mark.urls("karima.urls.admin")

RUN = """
import sys
from uuid import UUID
import django
django.setup()
from catalog.services import imports
imports.run(UUID(sys.argv[1]))
"""
Row = ImportRow.State


@pytest.fixture
def merchandiser(db: None) -> User:
    return import_files.furnish()


def receive(data: bytes, actor: User) -> ImportFile:
    return imports.receive(data, name="berkas.csv", actor=actor)


def run_to_the_end(file: ImportFile) -> ImportFile:
    imports.start(file.pk)
    imports.run(file.pk)
    file.refresh_from_db()
    return file


def faults(file: ImportFile) -> dict[int, set[str]]:
    """Return the columns that are wrong, by the row's number."""
    rows = file.rows.filter(state__in=[Row.BAD, Row.FAILED])
    return {row.number: {error["field"] for error in row.errors} for row in rows}


def the_one_fault(data: bytes, actor: User) -> set[str]:
    return faults(receive(data, actor))[2]


def test_a_dry_run_of_five_thousand_lists_the_fifty_and_writes_nothing(
    merchandiser: User, jobs: Jobs
) -> None:
    file = receive(import_files.big_file(), merchandiser)
    found = faults(file)
    assert (file.row_count, file.bad_count, len(found)) == (ROWS, BAD, BAD)
    # The header is row 1, and every hundredth row from the fourth on is wrong.
    assert sorted(found) == [number * 100 + 5 for number in range(BAD)]
    assert {column for columns in found.values() for column in columns} == {"harga"}
    assert not Variant.objects.exists()
    assert not Product.objects.exists()
    assert jobs() == []


@pytest.mark.django_db(transaction=True)
def test_a_run_that_was_killed_goes_on_to_the_same_end(empty_queue: None) -> None:
    actor = import_files.furnish()
    file = receive(import_files.big_file(), actor)
    imports.start(file.pk)
    killed_at = kill_midway(file)
    assert 0 < killed_at < ROWS - BAD

    # Nobody has to notice: the job of every minute does, once the silence is long.
    assert imports.continue_stopped() == 0
    ImportFile.objects.update(beat_at=timezone.now() - timedelta(minutes=3))
    assert imports.continue_stopped() == 1
    imports.run(file.pk)

    file.refresh_from_db()
    assert file.state == ImportFile.State.DONE
    done = imports.progress(file)
    assert (done.created, done.failed, done.bad) == (ROWS - BAD, 0, BAD)
    assert Variant.objects.count() == ROWS - BAD
    assert Product.objects.filter(status="draft").count() == ROWS // 50
    assert FieldChange.objects.filter(field="created").count() == ROWS - BAD
    assert Stock.objects.get(variant__sku="IMP-00006").on_hand == 6
    assert not list(stock.verify())


def kill_midway(file: ImportFile) -> int:
    """Run the file in a process of its own, kill it, and return the rows it made."""
    environment = os.environ | {
        "DB_NAME": connection.settings_dict["NAME"],
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(file.pk)], env=environment, cwd=ROOT
    )
    made = file.rows.filter(state=Row.CREATED)
    try:
        while made.count() < 500:
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return made.count()


def test_the_same_file_twice_changes_nothing_the_second_time(
    merchandiser: User,
) -> None:
    data = as_csv([HEADER, *map(row, range(60))])
    first = run_to_the_end(receive(data, merchandiser))
    assert imports.progress(first).created == 60
    before = FieldChange.objects.count()
    second = run_to_the_end(receive(data, merchandiser))
    assert imports.progress(second).same == 60
    assert (Variant.objects.count(), Product.objects.count()) == (60, 2)
    assert FieldChange.objects.count() == before


def test_a_known_sku_changes_by_what_its_cells_say(merchandiser: User) -> None:
    variant = VariantFactory(
        sku="GMS-1", price=100_000, compare_at_price=120_000, on_hand=4
    )
    data = as_csv(
        [
            ["Harga Coret", "SKU", "Harga Jual", "stok", "berat (gram)"],
            ["-", "gms-1", "Rp 90.000,00", "9", ""],
        ]
    )
    run_to_the_end(receive(data, merchandiser))
    variant.refresh_from_db()
    assert (variant.price, variant.compare_at_price) == (90_000, None)
    assert variant.weight_grams == 400
    assert Stock.objects.get(pk=variant.pk).on_hand == 9
    assert Product.objects.get().price_min == 90_000
    assert set(FieldChange.objects.values_list("field", flat=True)) == {
        "price",
        "compare_at_price",
        "on_hand",
    }


def test_a_row_that_stock_refuses_fails_alone(merchandiser: User) -> None:
    held = VariantFactory(sku="HELD", on_hand=5)
    free = VariantFactory(sku="FREE", on_hand=5)
    stock.reserve([stock.StockLine(held.pk, 3)], reference="KRM-1")
    data = as_csv([["sku", "stok"], ["HELD", "1"], ["FREE", "1"]])
    file = run_to_the_end(receive(data, merchandiser))
    done = imports.progress(file)
    assert (done.updated, done.failed) == (1, 1)
    assert Stock.objects.get(pk=held.pk).on_hand == 5
    assert Stock.objects.get(pk=free.pk).on_hand == 1


def test_a_row_that_went_wrong_after_the_dry_run_fails_with_its_reason(
    merchandiser: User,
) -> None:
    VariantFactory(sku="GMS-1", price=100_000)
    file = receive(as_csv([["sku", "harga"], ["GMS-1", "90000"]]), merchandiser)
    Variant.objects.update(compare_at_price=100_000)
    Variant.objects.update(price=50_000, compare_at_price=60_000)
    run_to_the_end(file)
    assert faults(file) == {2: {"harga_coret"}}
    assert Variant.objects.get().price == 50_000


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        ({"harga": "1,5 jt"}, {"harga"}),
        ({"harga": ""}, {"harga"}),
        ({"berat_gram": "0"}, {"berat_gram"}),
        ({"berat_gram": "0,5"}, {"berat_gram"}),
        ({"stok": "-1"}, {"stok"}),
        ({"warna": "Ungu Terong"}, {"warna"}),
        ({"ukuran": "XXXXL"}, {"ukuran"}),
        ({"kategori": ""}, {"kategori"}),
        ({"kategori": "Sepatu"}, {"kategori"}),
        ({"produk": "x" * 121}, {"produk"}),
        ({"sku": "ada spasi"}, {"sku"}),
        ({"sku": ""}, {"sku"}),
        ({"sku": "GMS/"}, {"sku"}),
    ],
)
def test_what_is_wrong_is_said_of_its_column(
    merchandiser: User, cells: dict[str, str], wrong: set[str]
) -> None:
    good = dict(zip(HEADER, map(str, row(0)), strict=True))
    data = as_csv([HEADER, list((good | cells).values())])
    assert the_one_fault(data, merchandiser) == wrong


def test_rows_that_contradict_each_other_are_all_wrong(merchandiser: User) -> None:
    twin = ["IMP-9", *row(0)[1:]]
    file = receive(as_csv([HEADER, row(0), twin, row(1), row(1)]), merchandiser)
    found = faults(file)
    assert found[2] == found[3] == {"ukuran"}
    assert found[4] == found[5] == {"sku", "ukuran"}


def test_a_sku_of_another_article_is_not_taken_over(merchandiser: User) -> None:
    VariantFactory(sku="IMP-00000")
    data = as_csv([HEADER, row(0)])
    assert {"produk", "warna"} <= the_one_fault(data, merchandiser)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_csv_file_is_read_by_the_separator_it_has(separator: str) -> None:
    data = as_csv([["sku", "harga"], ["A1", "1000"]], separator=separator)
    assert imports.read(data)[0].cells == {"sku": "A1", "harga": "1000"}


def test_a_workbook_gives_its_numbers_as_typed() -> None:
    line = imports.read(
        as_xlsx([["sku", "harga", "berat", "dijual"], [123, 150000.0, 1.5, True]])
    )[0]
    assert line.cells == {
        "sku": "123",
        "harga": "150000",
        "berat_gram": "1,5",
        "dijual": "ya",
    }


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b" " * 50_000_000)
    return buffer.getvalue()


HOSTILE: list[tuple[str, bytes, str]] = [
    ("a bomb", bomb(), "jauh lebih besar"),
    ("a broken zip", b"PK\x03\x04" + b"x" * 100, "tidak dapat dibaca"),
    ("half a workbook", as_xlsx([["sku"], ["A"]])[:900], "tidak dapat dibaca"),
    ("a picture", b"\x89PNG\r\n\x1a\n\xff\xfe", "tidak terbaca"),
    ("nothing", b"", "tidak berisi"),
    ("a header alone", b"sku;harga\r\n", "tidak berisi"),
    ("no sku", b"harga\r\n1000\r\n", "paling sedikit sku"),
    ("an unknown column", b"sku;hraga\r\nA;1\r\n", "hraga"),
    ("a column twice", b"sku;harga;harga jual\r\nA;1;2\r\n", "lebih dari sekali"),
    ("NUL", b"sku\r\nA\x00B\r\n", "tidak dapat dibaca"),
    ("Latin-1", "sku;produk\r\nA;Café\r\n".encode("latin-1"), "UTF-8"),
    ("a huge cell", b"sku;produk\r\nA;" + b"x" * 3000, "2.000 huruf"),
    ("a monstrous cell", b"sku;produk\r\nA;" + b"x" * 200_000, "tidak dapat dibaca"),
    ("too many rows", b"sku\r\n" + b"A\r\n" * 10_001, "10.000 baris"),
    ("too large", b"sku\r\n" + b"A" * (5 * 1024**2), "5 MB"),
]


@pytest.mark.parametrize(
    ("data", "told"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE]
)
def test_a_file_that_is_none_is_refused_with_the_reason(data: bytes, told: str) -> None:
    with pytest.raises(imports.UnreadableFile) as refused:
        imports.read(data)
    assert told in refused.value.detail


def test_a_file_is_sent_looked_at_and_started_by_hand(
    owner: Client, jobs: Jobs
) -> None:
    import_files.furnish()
    data = as_csv([HEADER, row(0), row(1, price="1,5 jt")])
    sent = SimpleUploadedFile("harga.csv", data)
    page = owner.post(url("importfile_new"), {"file": sent}, follow=True)
    assert "1 siap, 1 salah" in text_of(page)
    assert "rupiah utuh" in text_of(page)
    file = ImportFile.objects.get()
    faulty = owner.get(url("importfile_faults", file.pk))
    assert b"IMP-00001" in b"".join(faulty)  # type: ignore[arg-type]
    owner.post(url("importfile_start", file.pk), {"step": "start"})
    assert jobs() == [("catalog.tasks.run_import", {"file_id": str(file.pk)})]
    again = owner.post(url("importfile_start", file.pk), {"step": "start"}, follow=True)
    assert imports.ImportNotWaiting.detail in text_of(again)
    assert len(jobs()) == 1
    imports.run(file.pk)
    done = text_of(owner.get(url("importfile_change", file.pk)))
    assert "1 SKU dibuat" in done
    assert "1 baris salah dilewati" in done


def test_a_file_that_cannot_be_read_is_a_message(owner: Client) -> None:
    sent = SimpleUploadedFile("x.xlsx", b"PK\x03\x04nothing")
    page = owner.post(url("importfile_new"), {"file": sent})
    assert "Simpan sebagai XLSX" in text_of(page)
    assert not ImportFile.objects.exists()


@pytest.mark.parametrize("role", ["cs", "warehouse", "finance", ""])
def test_imports_are_for_those_who_may_change_sku(
    staff_client: StaffClient, role: str
) -> None:
    client = staff_client(role)
    for page in (url("importfile_new"), url("importfile_changelist")):
        assert client.get(page).status_code == 403


def test_stock_by_file_needs_the_right_to_adjust_it(staff_client: StaffClient) -> None:
    VariantFactory(sku="A1")
    sent = SimpleUploadedFile("x.csv", b"sku;stok\r\nA1;5\r\n")
    page = staff_client("marketing").post(url("importfile_new"), {"file": sent})
    assert "tidak berhak mengisi kolom stok" in text_of(page)


NASTY = '=HYPERLINK("http://x";"klik")'


def test_an_export_calculates_nothing_and_comes_back_as_it_was(owner: Client) -> None:
    variant = VariantFactory(
        product__name=NASTY, color=ColorFactory(), size=SizeFactory(), cost=90_000
    )
    variant.product.category.name = "@SUM(A1)"
    variant.product.category.save()
    chosen = {"action": "export_csv", "_selected_action": [variant.pk]}
    answer = owner.post(url("variant_changelist"), chosen)
    body = b"".join(answer)  # type: ignore[arg-type]
    assert body.startswith(b"\xef\xbb\xbfsku;produk;")
    assert b"\"'=HYPERLINK" in body
    assert b";'@SUM(A1);" in body
    assert imports.read(body)[0].cells["produk"] == NASTY

    chosen["action"] = "export_xlsx"
    book = load_workbook(
        io.BytesIO(owner.post(url("variant_changelist"), chosen).content)
    )
    cells = {cell.column: cell for cell in book.worksheets[0][2]}
    assert (cells[2].data_type, cells[2].value) == ("s", f"'{NASTY}")
    assert cells[6].value == 150_000
    actor = User.objects.get(email="owner@karima.example")
    again = run_to_the_end(receive(body, actor))
    assert imports.progress(again).same == 1


@pytest.mark.parametrize(("role", "sees"), [("cs", False), ("marketing", True)])
def test_the_cost_is_exported_to_those_who_may_see_it(
    staff_client: StaffClient, role: str, sees: bool
) -> None:
    variant = VariantFactory(cost=91_234)
    chosen: dict[str, Any] = {"action": "export_csv", "_selected_action": [variant.pk]}
    body = b"".join(staff_client(role).post(url("variant_changelist"), chosen))
    assert (b"hpp" in body, b"91234" in body) == (sees, sees)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_text_that_would_be_calculated_is_guarded(text: str) -> None:
    assert exporting.guarded(text) == f"'{text}"
    assert exporting.guarded(-5) == -5
