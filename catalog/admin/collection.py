"""Collections, with the products of those made by hand."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline

from catalog.admin.base import CatalogAdmin
from catalog.models import Collection, CollectionItem
from catalog.services import search, shelving
from karima.wib import wib

RULE_HELP = (
    "Filter daftar produk yang harus terpenuhi semua, misalnya "
    '{"category": "gamis", "busui": true, "max_price": 300000, "sort": "price"}. '
    "Nama filter: q, category, min_price, max_price, in_stock, busui, wudhu, sort."
)


class ItemInline(TabularInline):
    model = CollectionItem
    extra = 0
    autocomplete_fields = ["product"]
    fields = ["product", "position"]


@admin.register(Collection)
class CollectionAdmin(CatalogAdmin):
    list_display = ["name", "kind", "window", "is_active", "position"]
    list_filter = ["kind", "is_active"]
    search_fields = ["name", "slug"]
    ordering = ["position", "name"]
    readonly_fields = ["product_count"]
    inlines = [ItemInline]
    fieldsets = [
        (None, {"fields": [("name", "slug"), "description", "image"]}),
        ("Isi", {"fields": ["kind", "rule", "product_count"]}),
        ("Tampil", {"fields": [("starts_at", "ends_at"), ("is_active", "position")]}),
        ("Mesin pencari", {"fields": ["seo_title", "seo_description"]}),
    ]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Explain the rule, and let the shop make a slug where none is given."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if "rule" in form.base_fields:
            form.base_fields["rule"].help_text = RULE_HELP
            form.base_fields["slug"].required = False
        return form

    def save_model(
        self, request: HttpRequest, obj: Collection, form: Any, change: bool
    ) -> None:
        shelving.save(obj)

    @admin.display(description="tampil")
    def window(self, collection: Collection) -> str:
        return f"{wib(collection.starts_at)} sampai {wib(collection.ends_at)}"

    @admin.display(description="produk sekarang")
    def product_count(self, collection: Collection) -> str:
        if collection.pk is None:
            return "-"
        found, _ = search.in_collection(collection)
        return f"{found.count()} produk terlihat"
