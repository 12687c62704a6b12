"""The shop's own settings: one page, no list."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import TabularInline

from catalog.admin.base import CatalogAdmin
from catalog.models import Banner, Store
from catalog.services import store


class BannerInline(TabularInline):
    model = Banner
    extra = 0
    fields = ["text", "link", "starts_at", "ends_at", "is_active", "position"]


@admin.register(Store)
class StoreAdmin(CatalogAdmin):
    fieldsets = [
        (None, {"fields": ["name", "tagline"]}),
        (
            "Kontak",
            {"fields": [("phone", "whatsapp"), ("email", "instagram"), "address"]},
        ),
        (
            "Libur",
            {
                "fields": [("holiday_starts_on", "ships_again_on"), "holiday_note"],
                "description": "Toko tetap buka; pembeli melihat kapan barang dikirim.",
            },
        ),
        ("Retur dan pajak", {"fields": [("return_window_days", "tax_mode")]}),
    ]
    inlines = [BannerInline]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the one row there is."""
        return HttpResponseRedirect(reverse("admin:catalog_store_change", args=[1]))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Store | None:
        """Return the row, or what a new shop starts with; no other has a page."""
        return store.current() if object_id == "1" else None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Store | None = None
    ) -> bool:
        return False

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Take an address without a scheme for one of https, as Django 6 does."""
        if db_field.name == "instagram":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: Store, form: Any, change: bool
    ) -> None:
        store.save(obj)
