"""Bundles with their parts."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline

from catalog.admin.base import CatalogAdmin
from catalog.models import Bundle, BundleItem
from catalog.services import bundles
from karima.money import format_rupiah


class ItemInline(TabularInline):
    model = BundleItem
    extra = 0
    min_num = 1
    validate_min = True
    autocomplete_fields = ["variant"]
    fields = ["variant", "quantity"]


@admin.register(Bundle)
class BundleAdmin(CatalogAdmin):
    list_display = ["name", "shown_price", "parts", "left", "is_active", "position"]
    list_filter = ["is_active"]
    search_fields = ["name", "slug", "items__variant__sku"]
    ordering = ["position", "name", "id"]
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ["separate_price", "left"]
    inlines = [ItemInline]
    fieldsets = [
        (None, {"fields": [("name", "slug"), "description"]}),
        ("Harga dan stok", {"fields": [("price", "separate_price", "left")]}),
        ("Tampil", {"fields": [("is_active", "position")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return bundles.with_parts(super().get_queryset(request))

    def has_delete_permission(
        self, request: HttpRequest, obj: Bundle | None = None
    ) -> bool:
        """Bundles are switched off: orders go on naming them."""
        return False

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        bundles.changed([form.instance.pk])

    @admin.display(description="harga paket", ordering="price")
    def shown_price(self, bundle: Bundle) -> str:
        return format_rupiah(bundle.price)

    @admin.display(description="isi")
    def parts(self, bundle: Bundle) -> str:
        items = bundle.items.all()
        return ", ".join(f"{item.quantity} x {item.variant.sku}" for item in items)

    @admin.display(description="harga bila terpisah")
    def separate_price(self, bundle: Bundle) -> str:
        if bundle.pk is None:
            return "-"
        items = bundle.items.all()
        return format_rupiah(sum(item.variant.price * item.quantity for item in items))

    @admin.display(description="paket tersedia")
    def left(self, bundle: Bundle) -> str:
        return str(bundles.available(bundle)) if bundle.pk else "-"
