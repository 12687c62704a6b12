"""The forms of refunds: to ask for one, to say where it goes, and that it has gone."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from karima.ids import uuid7
from karima.money import format_rupiah
from payments.admin import words
from payments.services.refund_transfers import MAX_PROOF_BYTES, BankAccount
from payments.services.refunds import Returnable

NUMBER = re.compile(r"[0-9]{5,25}")
RUPIAH = re.compile(r"(?:Rp\s*)?([0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,12})")


class AccountForm(forms.Form):
    """Where a transfer goes: all of it or nothing."""

    bank = forms.CharField(
        label="Bank", max_length=50, widget=UnfoldAdminTextInputWidget
    )
    number = forms.CharField(
        label="Nomor rekening",
        max_length=40,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        help_text="Disimpan terenkripsi.",
    )
    holder = forms.CharField(
        label="Atas nama", max_length=100, widget=UnfoldAdminTextInputWidget
    )

    def clean_number(self) -> str:
        digits = re.sub(r"[\s.-]", "", self.cleaned_data["number"])
        if digits and not NUMBER.fullmatch(digits):
            raise forms.ValidationError("Isi 5 sampai 25 angka.")
        return digits

    @property
    def account(self) -> BankAccount | None:
        """Return what was filled in, or None when nothing was."""
        bank, number, holder = (
            str(self.cleaned_data.get(name, ""))
            for name in ("bank", "number", "holder")
        )
        return BankAccount(bank, number, holder) if bank or number or holder else None


class RefundForm(AccountForm):
    """Ask for a refund. `found` is what of the order's money can go back."""

    transaction_id = forms.ChoiceField(
        label="Pembayaran", widget=UnfoldAdminRadioSelectWidget
    )
    amount = forms.CharField(
        label="Jumlah",
        max_length=20,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        help_text="Dalam rupiah, misalnya 150.000.",
    )
    reason = forms.CharField(
        label="Alasan",
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text="Dapat terlihat oleh pembeli di aplikasi pembayarannya.",
    )
    cancel_order = forms.BooleanField(
        label="Batalkan juga pesanannya",
        required=False,
        widget=UnfoldBooleanWidget,
        help_text="Semua uangnya kembali dan barangnya kembali ke stok.",
    )
    by_transfer = forms.BooleanField(
        label="Kembalikan lewat transfer bank",
        required=False,
        widget=UnfoldBooleanWidget,
        help_text="Untuk cara bayar yang tidak dapat dikembalikan lewat Midtrans.",
    )
    request_key = forms.CharField(max_length=60, widget=forms.HiddenInput)

    field_order = (
        "transaction_id",
        "amount",
        "reason",
        "cancel_order",
        "by_transfer",
        "bank",
        "number",
        "holder",
    )

    def __init__(
        self, data: Any, *, found: Sequence[Returnable], may_cancel: bool
    ) -> None:
        first = found[0]
        initial = {
            "transaction_id": first.transaction.transaction_id,
            "amount": f"{first.left:,}".replace(",", "."),
            "by_transfer": first.offer.kind == "manual",
            "request_key": str(uuid7()),
        }
        super().__init__(data, initial=initial)
        choices = [
            (each.transaction.transaction_id, _described(each)) for each in found
        ]
        self.fields["transaction_id"].choices = choices  # type: ignore[attr-defined]
        if not may_cancel:
            del self.fields["cancel_order"]
        for name in ("bank", "number", "holder"):
            self.fields[name].required = False

    def clean_amount(self) -> int:
        match = RUPIAH.fullmatch(self.cleaned_data["amount"].strip())
        if match is None:
            raise forms.ValidationError("Isi jumlah rupiah tanpa desimal.")
        return int(match[1].replace(".", ""))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        filled = [bool(cleaned.get(name)) for name in ("bank", "number", "holder")]
        if any(filled) and not all(filled) and not self.errors:
            raise forms.ValidationError("Lengkapi bank, nomor rekening, dan namanya.")
        return cleaned


class TransferForm(forms.Form):
    """The receipt of a transfer that was made at the bank."""

    reference = forms.CharField(
        label="Nomor referensi bank",
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
    )
    proof = forms.FileField(
        label="Bukti transfer",
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        help_text="PDF, JPG, atau PNG sampai 5 MB.",
    )

    def clean_proof(self) -> bytes:
        """Return the bytes of the file, no more than are allowed and one."""
        content: bytes = self.cleaned_data["proof"].read(MAX_PROOF_BYTES + 1)
        return content


class WithdrawForm(forms.Form):
    why = forms.CharField(
        label="Alasan",
        max_length=200,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )


def _described(each: Returnable) -> str:
    paid = each.transaction
    return f"{words.method(paid.payment_type)}, sisa {format_rupiah(each.left)}"
