"""Prices and statuses of many at once: choose a rule, look at the result, save."""

import hashlib
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from catalog.admin import desk
from catalog.models import ChangeBatch, Product
from catalog.services import changes, repricing
from catalog.services.changes import STATUS, Edit, Source, Why
from catalog.services.repricing import Compare, Method, Repriced, Rounding, Rule
from karima.errors import StoreError
from karima.money import format_rupiah, parse_rupiah

MOST = 5000
SHOWN = 300


class PriceForm(forms.Form):
    method = forms.ChoiceField(
        label="Cara",
        choices=[
            (Method.PERCENT, "Ubah sekian persen"),
            (Method.ADD, "Tambah atau kurangi rupiah"),
            (Method.SET, "Jadikan harga ini"),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    amount = forms.CharField(
        label="Besarnya",
        max_length=20,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        help_text="Misalnya 10, -15 (turun), 25.000 atau -5000.",
    )
    rounding = forms.ChoiceField(
        label="Pembulatan",
        choices=[
            (Rounding.NONE, "Tidak dibulatkan"),
            (Rounding.NINE_HUNDRED, "Berakhir 900 (149.900)"),
            (Rounding.THOUSAND, "Ke ribuan terdekat"),
            (Rounding.HUNDRED, "Ke ratusan terdekat"),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    compare = forms.ChoiceField(
        label="Harga coret",
        choices=[
            (Compare.KEEP, "Biarkan"),
            (Compare.FROM_PRICE, "Coret harga lama bila harga turun"),
            (Compare.CLEAR, "Hapus harga coret"),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    note = forms.CharField(
        label="Alasan",
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Dicatat di riwayat perubahan.",
    )

    def clean_amount(self) -> int:
        typed = self.cleaned_data["amount"].strip().removesuffix("%").strip()
        sign = -1 if typed.startswith(("-", "\u2212")) else 1
        try:
            return sign * parse_rupiah(typed.lstrip("-+\u2212"))
        except ValueError:
            message = "Tulis angka bulat, misalnya 10, -15 atau 25.000."
            raise forms.ValidationError(message) from None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        amount, method = data.get("amount"), data.get("method")
        if amount is not None and method == Method.PERCENT and not -90 <= amount <= 500:
            self.add_error("amount", "Antara -90 dan 500 persen.")
        if amount is not None and method == Method.SET and amount <= 0:
            self.add_error("amount", "Harga harus lebih dari nol.")
        return data

    def rule(self) -> Rule:
        data = self.cleaned_data
        return Rule(
            method=Method(data["method"]),
            amount=data["amount"],
            rounding=Rounding(data["rounding"]),
            compare=Compare(data["compare"]),
        )


def reprice_view(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Ask for the rule, show every price that it changes, then save."""
    desk.staff(request, "catalog.change_variant")
    chosen = desk.chosen_variants(request.GET)
    if not {"id", "product"} & set(request.GET):
        chosen = chosen.none()
    form = PriceForm(request.POST or None)
    if request.POST.get("step") in (None, "edit") or not form.is_valid():
        return desk.page(
            admin,
            request,
            "reprice",
            title="Ubah harga massal",
            form=form,
            variants=chosen.count(),
        )
    rows = repricing.reprice(chosen[:MOST], form.rule())
    if request.POST["step"] == "save":
        return _save_prices(request, form, rows)
    return _preview_prices(admin, request, rows)


def _save_prices(
    request: HttpRequest, form: PriceForm, rows: list[Repriced]
) -> HttpResponse:
    """Save if the preview still holds: it told the prices that it started from."""
    user = desk.staff(request, "catalog.change_variant")
    edits = repricing.edits(rows)
    if request.POST.get("seen") != _seen(rows):
        messages.error(request, changes.ChangedMeanwhile.detail)
        return HttpResponseRedirect(request.get_full_path())
    why = Why(
        actor=user,
        source=Source.PRICE,
        title=f"Harga {len({edit.variant_id for edit in edits})} SKU",
        note=form.cleaned_data["note"],
    )
    return _applied(request, edits, why)


def _seen(rows: list[Repriced]) -> str:
    """Return what the preview showed, to compare: each price before and after."""
    told = [
        f"{row.variant.pk}:{row.variant.price}:{row.variant.compare_at_price}:{row.price}"
        for row in rows
    ]
    return f"{len(told)}-{hash_of(','.join(told))}"


def hash_of(text: str) -> str:
    """Return a short digest."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _preview_prices(
    admin: ModelAdmin, request: HttpRequest, rows: list[Repriced]
) -> HttpResponse:
    changing = [row for row in rows if row.changes and not row.problem]
    wrong = [row for row in rows if row.problem]
    summary = f"{len(changing)} dari {len(rows)} SKU berubah harga."
    if wrong:
        summary += f" {len(wrong)} SKU dilewati: lihat keterangannya."
    return desk.page(
        admin,
        request,
        "preview",
        title="Periksa harga baru",
        summary=summary,
        lines=[_price_line(row) for row in [*wrong, *changing][:SHOWN]],
        more=max(len(wrong) + len(changing) - SHOWN, 0),
        hidden=[*desk.posted(request, without=("seen",)), ("seen", _seen(rows))],
        note=request.POST.get("note", ""),
        button=f"Simpan {len(changing)} harga" if changing else "",
    )


def _price_line(row: Repriced) -> dict[str, str]:
    after = format_rupiah(row.price)
    if row.compare_at_price != row.variant.compare_at_price:
        compare = row.compare_at_price
        after += f", coret {format_rupiah(compare)}" if compare else ", tanpa coret"
    return {
        "what": f"{row.variant.sku}, {row.variant.product.name}",
        "field": "Harga",
        "before": format_rupiah(row.variant.price),
        "after": after,
        "problem": row.problem,
    }


def status_view(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show which products change their status and what they lack, then save."""
    user = desk.staff(request, "catalog.change_product")
    after = request.GET.get("to", "")
    if after not in (Product.Status.ACTIVE, Product.Status.ARCHIVED):
        return HttpResponseRedirect(reverse("admin:catalog_product_changelist"))
    products = _with_gaps(desk.numbers(request.GET, "product")[:MOST])
    changing = [product for product in products if product.status != after]
    verb = "Jual" if after == Product.Status.ACTIVE else "Arsipkan"
    if request.method == "POST" and request.POST.get("step") == "save":
        edits = _status_edits(request, changing, after)
        title = f"{verb} {len(edits)} produk"
        note = request.POST.get("note", "").strip()
        why = Why(actor=user, source=Source.STATUS, title=title, note=note)
        return _applied(request, edits, why)
    return desk.page(
        admin,
        request,
        "preview",
        title=f"{verb} produk",
        summary=f"{len(changing)} dari {len(products)} produk berubah status.",
        lines=[_status_line(product, after) for product in changing[:SHOWN]],
        more=max(len(changing) - SHOWN, 0),
        hidden=[("was", f"{product.pk}:{product.status}") for product in changing],
        ask_note=True,
        button=f"{verb} {len(changing)} produk" if changing else "",
    )


def _with_gaps(product_ids: list[int]) -> QuerySet[Product]:
    """Return the products with what a page without them would look bare for."""
    return Product.objects.filter(pk__in=product_ids).annotate(
        pictures=Count("images", distinct=True),
        skus=Count("variants", filter=Q(variants__is_active=True), distinct=True),
    )


def _status_edits(
    request: HttpRequest, changing: list[Product], after: str
) -> list[Edit]:
    """Return the changes from what the preview showed."""
    was = dict(
        pair.split(":", 1) for pair in request.POST.getlist("was") if ":" in pair
    )
    return [
        Edit(
            product_id=product.pk,
            field=STATUS,
            before=was[str(product.pk)],
            after=after,
        )
        for product in changing
        if str(product.pk) in was
    ]


def _status_line(product: Product, after: str) -> dict[str, str]:
    lacks = []
    if after == Product.Status.ACTIVE:
        lacks += ["tanpa gambar"] if not getattr(product, "pictures", 0) else []
        lacks += ["tanpa SKU yang dijual"] if not getattr(product, "skus", 0) else []
    return {
        "what": product.name,
        "field": "Status",
        "before": product.get_status_display(),
        "after": Product.Status(after).label,
        "problem": f"Perhatikan: {', '.join(lacks)}." if lacks else "",
    }


def _applied(request: HttpRequest, edits: list[Edit], why: Why) -> HttpResponse:
    """Save and show the entry of the history, or say why not."""
    batch: ChangeBatch | None = None
    try:
        batch = changes.apply(edits, why=why)
    except StoreError as refusal:
        told = "; ".join(row["message"] for row in refusal.errors[:5])
        messages.error(request, f"{refusal.detail} {told}".strip())
        return HttpResponseRedirect(request.get_full_path())
    if batch is None:
        messages.info(request, "Tidak ada yang perlu diubah.")
        return HttpResponseRedirect(request.get_full_path())
    messages.success(request, f"{why.title} disimpan.")
    page = reverse("admin:catalog_changebatch_change", args=[batch.pk])
    return HttpResponseRedirect(page)


def address(page_name: str, **parameters: Any) -> str:
    """Return the address of a page of the desk with these parameters."""
    query = desk.QueryDict(mutable=True)
    for name, value in parameters.items():
        query.setlist(name, value if isinstance(value, list) else [value])
    return f"{reverse(page_name)}?{query.urlencode()}"
