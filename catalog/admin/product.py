"""Products with their variants and pictures on one page."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import action

from catalog.admin import bulk, health, history, matrix, preview, recording
from catalog.admin.base import thumbnail
from catalog.admin.gallery import GalleryAdmin, thumbnail_url
from catalog.models import Product, ProductImage, RelatedProduct, Variant
from catalog.services import documents, products
from karima.money import format_rupiah
from karima.wib import wib


class VariantInline(TabularInline):
    model = Variant
    extra = 0
    can_delete = False
    fields = [
        "sku",
        "color",
        "size",
        "price",
        "compare_at_price",
        "weight_grams",
        "is_active",
        "available",
    ]
    readonly_fields = ["available"]
    autocomplete_fields = ["color", "size"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).select_related("color", "size", "stock")

    @admin.display(description="tersedia")
    def available(self, variant: Variant) -> int:
        stock = getattr(variant, "stock", None)
        return stock.available if stock else 0


class RelatedInline(TabularInline):
    model = RelatedProduct
    fk_name = "product"
    extra = 0
    fields = ["other", "position"]
    autocomplete_fields = ["other"]


@admin.register(Product)
class ProductAdmin(GalleryAdmin):
    list_display = ["picture", "name", "category", "status", "prices", "published"]
    list_display_links = ["picture", "name"]
    list_filter = [
        "status",
        health.ProductLackFilter,
        "category",
        "is_busui_friendly",
        "is_wudhu_friendly",
    ]
    list_select_related = ["category"]
    search_fields = ["name", "slug", "variants__sku"]
    ordering = ["-published_at", "-id"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["category", "material", "size_chart"]
    readonly_fields = ["status", "prices"]
    fieldsets = [
        (None, {"fields": [("name", "slug"), "category", "description"]}),
        (
            "Ciri",
            {
                "fields": [
                    ("brand", "material"),
                    ("is_busui_friendly", "is_wudhu_friendly", "is_non_iron"),
                    ("opacity", "lining", "stretch"),
                    ("sleeve", "cut", "motif"),
                    "extra",
                ]
            },
        ),
        ("Ukuran", {"fields": ["size_chart", "fit_note"]}),
        (
            "Penjualan",
            {"fields": [("status", "prices"), "published_at", "is_featured"]},
        ),
        ("Mesin pencari", {"fields": ["seo_title", "seo_description", "video_url"]}),
    ]
    inlines = [VariantInline, RelatedInline]
    actions = ["open_grid", "reprice", "publish", "archive"]
    actions_detail = ["make_matrix", "edit_grid", "see_preview", "see_history"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        primary = ProductImage.objects.filter(product=OuterRef("pk"), is_primary=True)
        found: QuerySet[Product] = super().get_queryset(request)
        return found.annotate(
            primary_file=Subquery(primary.values("file")[:1]),
            primary_copies=Subquery(primary.values("renditions")[:1]),
        )

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Take an address without a scheme for one of https, as Django 6 does."""
        if db_field.name == "video_url":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_delete_permission(
        self, request: HttpRequest, obj: Product | None = None
    ) -> bool:
        """Products are archived: orders and stock go on referring to them."""
        return False

    def save_model(
        self, request: HttpRequest, obj: Product, form: Any, change: bool
    ) -> None:
        products.save(obj)

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        documents.rewrite([form.instance.pk])
        recording.record_form(request, form, formsets, is_new=not change)

    @admin.display(description="gambar")
    def picture(self, product: Product) -> SafeString | str:
        name = getattr(product, "primary_file", None)
        copies = getattr(product, "primary_copies", None) or []
        return thumbnail(thumbnail_url(name, copies)) if name else "-"

    @admin.display(description="harga", ordering="price_min")
    def prices(self, product: Product) -> str:
        if product.price_min is None or product.price_max is None:
            return "-"
        low, high = format_rupiah(product.price_min), format_rupiah(product.price_max)
        return low if low == high else f"{low} - {high}"

    @admin.display(description="mulai dijual", ordering="published_at")
    def published(self, product: Product) -> str:
        return wib(product.published_at)

    @admin.action(description="Ubah di tabel SKU", permissions=["change"])
    def open_grid(
        self, request: HttpRequest, chosen: QuerySet[Product]
    ) -> HttpResponse:
        return _to("admin:catalog_variant_grid", chosen)

    @admin.action(description="Ubah harga massal", permissions=["change"])
    def reprice(self, request: HttpRequest, chosen: QuerySet[Product]) -> HttpResponse:
        return _to("admin:catalog_variant_reprice", chosen)

    @admin.action(description="Jual produk terpilih", permissions=["change"])
    def publish(self, request: HttpRequest, chosen: QuerySet[Product]) -> HttpResponse:
        return _to("admin:catalog_product_status", chosen, to=Product.Status.ACTIVE)

    @admin.action(description="Arsipkan produk terpilih", permissions=["change"])
    def archive(self, request: HttpRequest, chosen: QuerySet[Product]) -> HttpResponse:
        return _to("admin:catalog_product_status", chosen, to=Product.Status.ARCHIVED)

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        own = [
            path(
                "health/",
                guard(partial(health.health_view, self)),
                name="catalog_product_health",
            ),
            path(
                "status/",
                guard(partial(bulk.status_view, self)),
                name="catalog_product_status",
            ),
            path(
                "<int:object_id>/matrix/",
                guard(partial(matrix.matrix_view, self)),
                name="catalog_product_matrix",
            ),
        ]
        return [*own, *super().get_urls()]

    @action(description="Buat SKU", url_path="make-matrix", icon="grid_on")
    def make_matrix(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:catalog_product_matrix", object_id)

    @action(description="Tabel SKU", url_path="edit-grid", icon="table_edit")
    def edit_grid(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(bulk.address("admin:catalog_variant_grid", product=object_id))

    @action(description="Pratinjau", url_path="preview", icon="visibility")
    def see_preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return preview.preview_view(self, request, object_id)

    @action(description="Riwayat", url_path="changes", icon="history")
    def see_history(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return history.product_page(self, request, object_id)


def _to(name: str, chosen: QuerySet[Product], **parameters: str) -> HttpResponse:
    """Lead to a page of the desk with the products chosen on the list."""
    keys = list(chosen.order_by("pk").values_list("pk", flat=True)[: bulk.MOST])
    return redirect(bulk.address(name, product=keys, **parameters))
