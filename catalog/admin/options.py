"""Categories, colors and sizes."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline

from catalog.admin.base import CatalogAdmin, swatch
from catalog.models import (
    Attribute,
    Category,
    Color,
    Material,
    Size,
    SizeChart,
    SizeMeasurement,
)
from catalog.services import categories, options


@admin.register(Category)
class CategoryAdmin(CatalogAdmin):
    list_display = ["indented_name", "slug", "position", "is_active", "is_visible"]
    list_filter = ["is_active"]
    search_fields = ["name", "slug"]
    ordering = ["path"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["parent", "size_chart"]
    fieldsets = [
        (None, {"fields": ["parent", ("name", "slug"), ("position", "is_active")]}),
        ("Halaman", {"fields": ["description", "image", "size_chart"]}),
        ("Mesin pencari", {"fields": ["seo_title", "seo_description"]}),
    ]

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


class OptionAdmin(CatalogAdmin):
    """Saves through the service, so that products show the change."""

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        options.save(obj)


@admin.register(Color)
class ColorAdmin(OptionAdmin):
    prepopulated_fields = {"slug": ["name"]}
    list_display = ["name", "swatch", "hex", "family"]
    list_filter = ["family"]
    search_fields = ["name", "family"]

    @admin.display(description="warna")
    def swatch(self, color: Color) -> SafeString:
        return swatch(color.hex)


@admin.register(Size)
class SizeAdmin(OptionAdmin):
    list_display = ["name", "position"]
    search_fields = ["name"]


@admin.register(Material)
class MaterialAdmin(OptionAdmin):
    list_display = ["name", "family"]
    list_filter = ["family"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Attribute)
class AttributeAdmin(OptionAdmin):
    list_display = ["name", "code", "kind", "unit", "position"]
    search_fields = ["name", "code"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Attribute | None = None
    ) -> list[str]:
        """Products keep their values under the code, and of the kind."""
        return ["code", "kind"] if obj else []


class MeasurementInline(TabularInline):
    model = SizeMeasurement
    extra = 0
    autocomplete_fields = ["size"]
    fields = ["size", "measure", "cm", "cm_to"]


@admin.register(SizeChart)
class SizeChartAdmin(OptionAdmin):
    list_display = ["name"]
    search_fields = ["name"]
    inlines = [MeasurementInline]

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        options.rewrite_users(form.instance)
