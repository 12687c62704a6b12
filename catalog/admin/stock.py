"""Variants with their stock, which only receiving and counting change; the ledger."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import User
from catalog.admin import bulk, grid, health, imports, low_stock, recording
from catalog.admin.base import CatalogAdmin
from catalog.models import Stock, StockMovement, Variant
from catalog.services import documents, stock
from karima.admin_pages import ReadOnlyAdmin
from karima.errors import StoreError
from karima.money import format_rupiah
from karima.wib import wib

# What may still be sold; a variant without a balance row has none.
LEFT = Coalesce(F("stock__on_hand") - F("stock__reserved"), 0)

StockChange = Callable[[Variant, dict[str, Any], User], None]


class ReceiveForm(forms.Form):
    quantity = forms.IntegerField(
        min_value=1,
        max_value=stock.MAX_QUANTITY,
        widget=UnfoldAdminIntegerFieldWidget,
        label="Jumlah",
        help_text="Banyaknya barang yang datang.",
    )
    reference = forms.CharField(
        max_length=64,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        label="Rujukan",
        help_text="Nomor surat jalan.",
    )
    note = forms.CharField(
        max_length=200,
        required=False,
        label="Catatan",
        widget=UnfoldAdminTextInputWidget,
    )


class AdjustForm(forms.Form):
    new_on_hand = forms.IntegerField(
        min_value=0,
        max_value=stock.MAX_QUANTITY,
        widget=UnfoldAdminIntegerFieldWidget,
        label="Hasil hitung",
        help_text="Banyaknya barang di rak, termasuk yang sudah dipesan.",
    )
    reason = forms.ChoiceField(
        choices=[("", "Pilih ..."), *stock.REASONS],
        widget=UnfoldAdminSelectWidget,
        label="Alasan",
    )
    note = forms.CharField(
        max_length=200,
        label="Keterangan",
        widget=UnfoldAdminTextInputWidget,
        help_text="Dicatat di mutasi stok.",
    )


class StockLevelFilter(admin.SimpleListFilter):
    title = "stok"
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("low", "Menipis"), ("out", "Habis")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Variant]
    ) -> QuerySet[Variant]:
        levels = queryset.alias(level=LEFT)
        if self.value() == "out":
            return levels.filter(level__lte=0)
        if self.value() == "low":
            threshold = F("stock__low_stock_threshold")
            return levels.filter(level__gt=0, level__lte=threshold)
        return queryset


@admin.register(Variant)
class VariantAdmin(CatalogAdmin):
    list_display = [
        "sku",
        "product",
        "color",
        "size",
        "shown_price",
        "on_hand",
        "reserved",
        "available",
        "is_active",
    ]
    list_filter = [StockLevelFilter, health.VariantLackFilter, "is_active", "size"]
    list_select_related = ["product", "color", "size", "stock"]
    search_fields = ["sku", "product__name"]
    ordering = ["sku"]
    autocomplete_fields = ["product", "color", "size"]
    readonly_fields = ["on_hand", "reserved", "available"]
    fields = [
        ("product", "sku"),
        ("color", "size"),
        ("price", "compare_at_price"),
        ("weight_grams", "is_active"),
        ("on_hand", "reserved", "available"),
    ]
    actions = ["open_grid", "reprice", "export_xlsx", "export_csv"]
    actions_list = ["whole_grid", "import_file", "export_all"]
    actions_detail = ["receive_stock", "adjust_stock"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        found: QuerySet[Variant] = super().get_queryset(request)
        return found.annotate(left=LEFT)

    def has_delete_permission(
        self, request: HttpRequest, obj: Variant | None = None
    ) -> bool:
        """Variants are switched off: orders and the ledger go on referring to them."""
        return False

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        own = [
            path(
                "grid/",
                guard(partial(grid.grid_view, self)),
                name="catalog_variant_grid",
            ),
            path(
                "reprice/",
                guard(partial(bulk.reprice_view, self)),
                name="catalog_variant_reprice",
            ),
            path(
                "low-stock/",
                guard(partial(low_stock.low_view, self)),
                name="catalog_variant_low_stock",
            ),
        ]
        return [*own, *super().get_urls()]

    @admin.action(description="Ubah di tabel SKU", permissions=["change"])
    def open_grid(
        self, request: HttpRequest, chosen: QuerySet[Variant]
    ) -> HttpResponse:
        return _to("admin:catalog_variant_grid", chosen)

    @admin.action(description="Ubah harga massal", permissions=["change"])
    def reprice(self, request: HttpRequest, chosen: QuerySet[Variant]) -> HttpResponse:
        return _to("admin:catalog_variant_reprice", chosen)

    @action(description="Tabel SKU", url_path="whole-grid", permissions=["change"])
    def whole_grid(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:catalog_variant_grid")

    @action(description="Impor", url_path="import-file", permissions=["change"])
    def import_file(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:catalog_importfile_new")

    @action(description="Ekspor semua", url_path="export-all", permissions=["view"])
    def export_all(self, request: HttpRequest) -> HttpResponseBase:
        return imports.export(request, Variant.objects.all(), kind="xlsx")

    @admin.action(description="Ekspor ke Excel", permissions=["view"])
    def export_xlsx(
        self, request: HttpRequest, chosen: QuerySet[Variant]
    ) -> HttpResponseBase:
        return imports.export(request, chosen, kind="xlsx")

    @admin.action(description="Ekspor ke CSV", permissions=["view"])
    def export_csv(
        self, request: HttpRequest, chosen: QuerySet[Variant]
    ) -> HttpResponseBase:
        return imports.export(request, chosen, kind="csv")

    def has_receive_stock_permission(
        self, request: HttpRequest, object_id: str | None = None
    ) -> bool:
        return request.user.has_perm("catalog.receive_stock")

    def has_adjust_stock_permission(
        self, request: HttpRequest, object_id: str | None = None
    ) -> bool:
        return request.user.has_perm("catalog.adjust_stock")

    def save_model(
        self, request: HttpRequest, obj: Variant, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        documents.rewrite([obj.product_id])
        recording.record_form(request, form, (), is_new=not change)

    @admin.display(description="harga", ordering="price")
    def shown_price(self, variant: Variant) -> str:
        return format_rupiah(variant.price)

    @admin.display(description="stok", ordering="stock__on_hand")
    def on_hand(self, variant: Variant) -> int:
        return _balance(variant).on_hand

    @admin.display(description="dipesan", ordering="stock__reserved")
    def reserved(self, variant: Variant) -> int:
        return _balance(variant).reserved

    @admin.display(description="tersedia", ordering="left")
    def available(self, variant: Variant) -> int:
        return _balance(variant).available

    @action(
        description="Barang masuk",
        url_path="receive-stock",
        permissions=["receive_stock"],
    )
    def receive_stock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._change_stock(request, object_id, ReceiveForm, _receive)

    @action(
        description="Sesuaikan stok",
        url_path="adjust-stock",
        permissions=["adjust_stock"],
    )
    def adjust_stock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._change_stock(request, object_id, AdjustForm, _adjust)

    def _change_stock(
        self,
        request: HttpRequest,
        object_id: str,
        form_class: type[forms.Form],
        change: StockChange,
    ) -> HttpResponse:
        """Ask for the numbers, then call the service; a refusal becomes a message."""
        variant = self.get_object(request, unquote(object_id))
        if variant is None:
            raise Http404
        form = form_class(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._form_page(request, variant, form)
        try:
            assert isinstance(request.user, User)  # noqa: S101 Access lets in nobody else
            change(variant, form.cleaned_data, request.user)
        except StoreError as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
            return self._form_page(request, variant, form)
        self.message_user(request, f"Stok {variant.sku} disimpan.", messages.SUCCESS)
        page = reverse("admin:catalog_variant_change", args=[variant.pk])
        return HttpResponseRedirect(page)

    def _form_page(
        self, request: HttpRequest, variant: Variant, form: forms.Form
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": f"Stok {variant.sku}",
            "variant": variant,
            "balance": _balance(variant),
            "form": form,
        }
        return render(request, "admin/catalog/variant/stock_form.html", context)


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnlyAdmin):
    list_display = [
        "moment",
        "variant",
        "kind",
        "reason",
        "delta_on_hand",
        "delta_reserved",
        "on_hand_after",
        "reserved_after",
        "reference",
        "actor",
        "note",
    ]
    list_filter = ["kind", "reason"]
    list_select_related = ["variant", "actor"]
    search_fields = ["reference", "variant__sku"]
    ordering = ["-id"]

    @admin.display(description="waktu", ordering="id")
    def moment(self, movement: StockMovement) -> str:
        return wib(movement.created_at)


def _to(name: str, chosen: QuerySet[Variant]) -> HttpResponse:
    """Lead to a page of the desk with the variants chosen on the list."""
    keys = list(chosen.order_by("pk").values_list("pk", flat=True)[: bulk.MOST])
    return redirect(bulk.address(name, id=keys))


def _balance(variant: Variant) -> Stock:
    """Return the balance; one that has no row yet is empty."""
    balance: Stock | None = getattr(variant, "stock", None)
    return balance or Stock(on_hand=0, reserved=0)


def _receive(variant: Variant, data: dict[str, Any], actor: User) -> None:
    line = stock.StockLine(variant.pk, data["quantity"])
    stock.receive([line], reference=data["reference"], actor=actor, note=data["note"])


def _adjust(variant: Variant, data: dict[str, Any], actor: User) -> None:
    stock.adjust(
        variant.pk,
        new_on_hand=data["new_on_hand"],
        actor=actor,
        note=data["note"],
        reason=data["reason"],
    )
