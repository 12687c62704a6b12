"""Taking stock on the screen: open, count, compare, apply."""

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from catalog.admin import desk
from catalog.admin.health import OPTIONS, SEE_COST
from catalog.admin.imports import FileForm, as_download
from catalog.models import Category, StockTake, StockTakeLine
from catalog.services import exporting, stock_sheets, stock_takes
from catalog.services.cells import FIELDS
from karima.admin_pages import ReadOnlyAdmin
from karima.errors import StoreError
from karima.money import format_rupiah
from karima.wib import wib

SEE = "catalog.view_stocktake"
COUNT = "catalog.count_stock"
APPLY = "catalog.adjust_stock"
BIGGEST = 10
SHOWN = 500


class OpenForm(forms.Form):
    title = forms.CharField(
        max_length=80,
        label="Nama",
        widget=UnfoldAdminTextInputWidget,
        help_text="Misalnya: Opname akhir bulan, rak A.",
    )
    category = forms.ModelChoiceField(
        Category.objects.all(),
        required=False,
        label="Kategori",
        empty_label="Seluruh toko",
        widget=UnfoldAdminSelectWidget,
        help_text="Termasuk kategori di bawahnya.",
    )


@admin.register(StockTake)
class StockTakeAdmin(ReadOnlyAdmin):
    list_display = ["title", "scope", "state_badge", "opened", "opened_by", "closed"]
    list_filter = ["state"]
    list_select_related = ["category", "opened_by"]
    search_fields = ["title"]
    actions_list = ["open_new"]

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        steps: dict[str, Any] = {
            "sheet.csv": self.sheet_view,
            "upload": self.upload_view,
            "differences": self.differences_view,
            "step": self.step_view,
        }
        own = [path("new/", guard(self.new_view), name="catalog_stocktake_new")]
        own += [
            path(
                f"<int:pk>/{name}" if "." in name else f"<int:pk>/{name}/",
                guard(view),
                name=f"catalog_stocktake_{name.partition('.')[0]}",
            )
            for name, view in steps.items()
        ]
        return [*own, *super().get_urls()]

    def has_open_new_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(COUNT)

    @action(
        description="Mulai stok opname",
        url_path="open-new",
        icon="add",
        permissions=["open_new"],
    )
    def open_new(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:catalog_stocktake_new"))

    def new_view(self, request: HttpRequest) -> HttpResponse:
        user = desk.staff(request, COUNT)
        form = OpenForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                take = stock_takes.open_take(**form.cleaned_data, actor=user)
            except StoreError as refusal:
                form.add_error("category", refusal.detail)
            else:
                return _to("change", take)
        return desk.page(self, request, "take_new", title="Stok opname baru", form=form)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the counting sheet, and keep what was counted."""
        user = desk.staff(request, SEE)
        pk = int(object_id) if object_id.isdigit() else 0
        take = get_object_or_404(StockTake, pk=pk)
        typed: dict[int, tuple[str, str]] = {}
        if request.method == "POST":
            desk.staff(request, COUNT)
            counts, typed = _typed(request)
            try:
                kept = stock_takes.record(take.pk, counts, actor=user)
            except StoreError as refusal:
                messages.error(request, refusal.detail)
            else:
                messages.success(request, f"{kept} hitungan disimpan.")
                if not typed:
                    return HttpResponseRedirect(request.get_full_path())
        return self._sheet(request, take, typed)

    def _sheet(
        self,
        request: HttpRequest,
        take: StockTake,
        typed: dict[int, tuple[str, str]],
    ) -> HttpResponse:
        lines = take.lines.select_related(
            "variant__product", "variant__color", "variant__size", "counted_by"
        ).order_by("variant__product__name", "variant__sku")
        query = request.GET.get("q", "").strip()
        only = request.GET.get("lihat", "")
        if query:
            lines = lines.filter(variant__sku__icontains=query)
        if only == "belum":
            lines = lines.filter(counted=None)
        if only == "ditolak":
            lines = lines.filter(outcome=StockTakeLine.Outcome.REFUSED)
        pages = Paginator(lines, desk.ROWS).get_page(request.GET.get("page"))
        may_count = request.user.has_perm(COUNT)
        return desk.page(
            self,
            request,
            "take",
            title=take.title,
            take=take,
            progress=stock_takes.progress(take),
            rows=[_row(line, typed) for line in pages.object_list],
            wrong=len(typed),
            pages=pages,
            query=query,
            only=only,
            is_open=take.state == StockTake.State.COUNTING and may_count,
            form=FileForm(),
        )

    def sheet_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        desk.staff(request, SEE)
        take = get_object_or_404(StockTake, pk=pk)
        table = stock_sheets.rows(take)
        return as_download(exporting.as_csv(table), f"hitung-{take.reference}.csv")

    def upload_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Check a filled sheet, the dry run; then keep its counts."""
        user = desk.staff(request, COUNT)
        take = get_object_or_404(StockTake, pk=pk)
        if request.POST.get("step") == "save":
            try:
                kept = stock_takes.record(pk, _sent_counts(request), actor=user)
            except StoreError as refusal:
                messages.error(request, refusal.detail)
            else:
                messages.success(request, f"{kept} hitungan disimpan.")
            return _to("change", take)
        form = FileForm(request.POST or None, request.FILES or None)
        if request.method != "POST" or not form.is_valid():
            messages.error(request, "Pilih berkasnya dulu, paling besar 5 MB.")
            return _to("change", take)
        try:
            sheet = stock_sheets.check(take, form.cleaned_data["file"].read())
        except StoreError as refusal:
            messages.error(request, refusal.detail)
            return _to("change", take)
        return desk.page(
            self,
            request,
            "take_upload",
            title=f"Periksa lembar: {take.title}",
            take=take,
            sheet=sheet,
            faults=sheet.faults[:SHOWN],
            counts=json.dumps(sheet.counts),
        )

    def differences_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what differs and what it is worth, before it is applied."""
        desk.staff(request, SEE)
        take = get_object_or_404(StockTake, pk=pk)
        at_cost = request.user.has_perm(SEE_COST)
        rows = [_difference(line, at_cost) for line in stock_takes.differences(take)]
        rows.sort(key=lambda row: -abs(row["value"]))
        return desk.page(
            self,
            request,
            "take_differences",
            title=f"Selisih: {take.title}",
            take=take,
            progress=stock_takes.progress(take),
            rows=rows[:SHOWN],
            more=max(len(rows) - SHOWN, 0),
            at_cost=at_cost,
            lost=_sum(row for row in rows if row["value"] < 0),
            found=_sum(row for row in rows if row["value"] > 0),
            net=_sum(rows),
            chart=_bars(rows[:BIGGEST]),
            options=OPTIONS,
            may_apply=request.user.has_perm(APPLY),
        )

    def step_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Apply the differences, or end the session."""
        is_apply = request.POST.get("step") == "apply"
        user = desk.staff(request, APPLY if is_apply else COUNT)
        take = get_object_or_404(StockTake, pk=pk)
        if request.method == "POST":
            try:
                if is_apply:
                    stock_takes.start(pk, actor=user)
                else:
                    stock_takes.close(pk)
            except StoreError as refusal:
                messages.error(request, refusal.detail)
        return _to("change", take)

    @admin.display(description="lingkup")
    def scope(self, take: StockTake) -> str:
        return take.category.name if take.category else "Seluruh toko"

    @display(
        description="keadaan",
        label={"counting": "info", "applying": "warning", "applied": "success"},
    )
    def state_badge(self, take: StockTake) -> tuple[str, str]:
        return take.state, take.get_state_display()

    @admin.display(description="dibuka", ordering="id")
    def opened(self, take: StockTake) -> str:
        return wib(take.opened_at)

    @admin.display(description="ditutup", ordering="closed_at")
    def closed(self, take: StockTake) -> str:
        return wib(take.closed_at)


def _to(name: str, take: StockTake) -> HttpResponse:
    page = reverse(f"admin:catalog_stocktake_{name}", args=[take.pk])
    return HttpResponseRedirect(page)


def _typed(
    request: HttpRequest,
) -> tuple[dict[int, int | None], dict[int, tuple[str, str]]]:
    """Return the counts that changed by variant, and what cannot be read."""
    counts: dict[int, int | None] = {}
    wrong: dict[int, tuple[str, str]] = {}
    for name, value in request.POST.items():
        pk = name.removeprefix("c-")
        if name == pk or not pk.isdigit() or len(pk) > 18:
            continue
        text = str(value).strip()
        if text == request.POST.get(f"b-{pk}", ""):
            continue
        try:
            counts[int(pk)] = FIELDS["on_hand"].read(text) if text else None
        except ValueError as problem:
            wrong[int(pk)] = (text, str(problem))
    return counts, wrong


def _sent_counts(request: HttpRequest) -> dict[int, int | None]:
    """Return the counts that the page of the dry run sent back."""
    try:
        found = json.loads(request.POST.get("counts", ""))
        return {int(pk): int(counted) for pk, counted in found.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _row(line: StockTakeLine, typed: dict[int, tuple[str, str]]) -> dict[str, Any]:
    before = "" if line.counted is None else str(line.counted)
    text, error = typed.get(line.variant_id, (before, ""))
    delta = None
    if line.counted is not None and line.on_hand_then is not None:
        delta = line.counted - line.on_hand_then
    is_done = line.outcome in stock_sheets.DONE
    return {
        "line": line,
        "text": text,
        "before": before,
        "error": error or line.problem,
        "delta": delta,
        "is_done": is_done,
        "when": wib(line.counted_at) if line.counted_at else "",
    }


def _difference(line: Any, at_cost: bool) -> dict[str, Any]:
    variant = line.variant
    each = variant.cost if at_cost and variant.cost is not None else variant.price
    value = line.delta * each
    return {
        "line": line,
        "value": value,
        "shown_value": _signed(value),
        "is_price": at_cost and variant.cost is None,
        "when": wib(line.counted_at),
    }


def _signed(amount: int) -> str:
    sign = "-" if amount < 0 else "+" if amount else ""
    return f"{sign}{format_rupiah(abs(amount))}"


def _sum(rows: Any) -> dict[str, Any]:
    chosen = list(rows)
    return {
        "pieces": sum(row["line"].delta for row in chosen),
        "value": _signed(sum(row["value"] for row in chosen)),
    }


def _bars(rows: list[dict[str, Any]]) -> str:
    """Return the data of unfold's bar chart, in thousands of rupiah."""
    return json.dumps(
        {
            "labels": [row["line"].variant.sku for row in rows],
            "datasets": [
                {
                    "data": [round(row["value"] / 1000) for row in rows],
                    "backgroundColor": "var(--color-primary-600)",
                    "maxBarThickness": 22,
                    "borderRadius": 4,
                }
            ],
        }
    )
