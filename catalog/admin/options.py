"""Categories, colors and sizes."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.base import CatalogAdmin, swatch
from catalog.models import Category, Color, Size
from catalog.services import categories


@admin.register(Category)
class CategoryAdmin(CatalogAdmin):
    list_display = ["indented_name", "slug", "position", "is_active", "is_visible"]
    list_filter = ["is_active"]
    search_fields = ["name", "slug"]
    ordering = ["path"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["parent", "name", "slug", "position", "is_active"]

    @admin.display(description="nama", ordering="path")
    def indented_name(self, category: Category) -> SafeString:
        indent_em = 1.6 * (category.depth - 1)
        return format_html(
            '<span style="padding-left:{}em">{}</span>', indent_em, category.name
        )

    def save_model(
        self, request: HttpRequest, obj: Category, form: Any, change: bool
    ) -> None:
        categories.save(obj)


@admin.register(Color)
class ColorAdmin(CatalogAdmin):
    list_display = ["name", "swatch", "hex", "family"]
    list_filter = ["family"]
    search_fields = ["name", "family"]

    @admin.display(description="warna")
    def swatch(self, color: Color) -> SafeString:
        return swatch(color.hex)


@admin.register(Size)
class SizeAdmin(CatalogAdmin):
    list_display = ["name", "position"]
    search_fields = ["name"]
