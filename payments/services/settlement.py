"""Hold Midtrans's settlement report against the books, row by row.

Nothing of the report is kept: what differs becomes an issue, once for each fact, so
that the same report, or one that overlaps, can be read again.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db import transaction

from karima.errors import Invalid
from karima.money import format_rupiah
from payments.models import GatewayTransaction, PaymentIssue
from payments.services import states
from payments.services.issues import raise_issue

MAX_BYTES = 20 * 1024 * 1024
# Midtrans's dashboard writes one of these, by report and language of the account.
COLUMNS: Mapping[str, frozenset[str]] = {
    "order_id": frozenset({"order id", "order_id", "id pesanan", "no. pesanan"}),
    "transaction_id": frozenset({"transaction id", "transaction_id", "id transaksi"}),
    "amount": frozenset({"amount", "gross amount", "gross_amount", "jumlah"}),
    "fee": frozenset({"fee", "mdr", "transaction fee", "biaya"}),
    "kind": frozenset({"transaction type", "type", "jenis", "tipe transaksi"}),
}
REFUND_WORDS = ("refund", "pengembalian")
# 389000, 389.000, 389,000.00, Rp389.000,00; never a part of a rupiah.
AMOUNT = re.compile(r"-?(?:Rp\.?\s*)?([0-9]{1,3}(?:[.,][0-9]{3})*|[0-9]+)(?:[.,]00?)?")
GONE_BY = states.PAID | states.RETURNED


class BadReport(Invalid):
    code = "bad_settlement_report"
    title = "Bad settlement report"
    detail = "Laporan ini bukan CSV dengan kolom Order ID dan Amount."


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the report; amounts in rupiah, `number` as a spreadsheet counts."""

    number: int
    order_id: str
    transaction_id: str
    amount: int
    fee: int
    is_refund: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that the books do not bear out, and why, for the staff."""

    row: Row
    why: str


@dataclass(slots=True)
class Result:
    """What the report says: sums in rupiah, and all that differs."""

    rows: int = 0
    paid: int = 0
    refunded: int = 0
    fees: int = 0
    differences: list[Difference] = field(default_factory=list)


def compare(content: bytes, *, dry_run: bool = False) -> Result:
    """Match every row with its transaction; raise issues unless it is a dry run.

    All or nothing: a file that cannot be read to its end changes nothing. Raises
    `BadReport` with the line. Opens its own transaction.
    """
    result, seen = Result(), set()
    for row in _rows(content):
        result.rows += 1
        result.fees += row.fee
        if row.is_refund:
            result.refunded += row.amount
        else:
            result.paid += row.amount
        key = (row.order_id, row.transaction_id, row.amount, row.is_refund)
        why = "Dua kali di laporan." if key in seen and not row.is_refund else ""
        seen.add(key)
        if why := why or _difference(row):
            result.differences.append(Difference(row, why))
    if not dry_run:
        _put_before_staff(result.differences)
    return result


def _difference(row: Row) -> str:
    """Return why the books do not bear a row out; empty when they do."""
    found = _transaction(row)
    if found is None:
        return "Toko tidak mengenal pembayaran ini."
    if found.paid_at is None or found.status not in GONE_BY:
        return f"Di toko statusnya {found.status}, bukan lunas."
    if row.is_refund and row.amount > found.refunded_total:
        return f"Di toko baru {format_rupiah(found.refunded_total)} kembali."
    if not row.is_refund and row.amount != found.gross_amount:
        return f"Di toko jumlahnya {format_rupiah(found.gross_amount)}."
    return ""


def _transaction(row: Row) -> GatewayTransaction | None:
    known = GatewayTransaction.objects.select_related("attempt__order")
    if row.transaction_id:
        return known.filter(transaction_id=row.transaction_id).first()
    of_order = known.filter(attempt__provider_order_id=row.order_id)
    return of_order.order_by("-rank").first()


def _put_before_staff(differences: Iterable[Difference]) -> None:
    with transaction.atomic(durable=True):
        for difference in differences:
            row, found = difference.row, _transaction(difference.row)
            kind = (
                PaymentIssue.Kind.MISMATCH if found else PaymentIssue.Kind.UNKNOWN_ORDER
            )
            name, amount = row.transaction_id or row.order_id, format_rupiah(row.amount)
            raise_issue(
                kind,
                subject=f"laporan {name} {row.amount}",
                detail=f"Laporan Midtrans: {amount}. {difference.why}",
                order=found.attempt.order if found else None,
            )


def _rows(content: bytes) -> Iterator[Row]:
    if len(content) > MAX_BYTES:
        raise BadReport("Laporan ini lebih besar dari 20 MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadReport() from None
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    lines = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        columns = _columns(next(lines, []))
        for number, cells in enumerate(lines, start=2):
            if any(cell.strip() for cell in cells):
                yield _row(number, cells, columns)
    except csv.Error:
        raise BadReport() from None


def _columns(head: list[str]) -> dict[str, int]:
    names = [" ".join(cell.lower().split()) for cell in head]
    found = {
        column: position
        for column, known in COLUMNS.items()
        for position, name in enumerate(names)
        if name in known
    }
    if not {"order_id", "amount"} <= set(found):
        raise BadReport()
    return found


def _row(number: int, cells: list[str], columns: Mapping[str, int]) -> Row:
    def text(name: str) -> str:
        position = columns.get(name, len(cells))
        return cells[position].strip() if position < len(cells) else ""

    kind = text("kind").lower()
    return Row(
        number=number,
        order_id=text("order_id"),
        transaction_id=text("transaction_id"),
        amount=_amount(text("amount"), number),
        fee=_amount(text("fee") or "0", number),
        is_refund=text("amount").startswith("-")
        or any(word in kind for word in REFUND_WORDS),
    )


def _amount(text: str, number: int) -> int:
    match = AMOUNT.fullmatch(text)
    if match is None:
        raise BadReport(f"Baris {number}: {text[:30]!r} bukan jumlah rupiah.")
    return int(re.sub(r"[.,]", "", match[1]))
