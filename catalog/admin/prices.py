"""Price tables and flash sales, each with the prices that come of them."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import action
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from catalog.admin.base import CatalogAdmin
from catalog.models import FlashSale, FlashSaleItem, TierPrice, Variant
from catalog.services import flash_plans
from catalog.services.price_rules import Tier, tier_price
from karima.money import format_rupiah
from karima.wib import wib

# So many prices are shown as an example.
SHOWN = 10


class TierPriceForm(forms.ModelForm):
    """Takes a percentage as people write it; the row keeps basis points."""

    amount = forms.DecimalField(
        label="Nilai",
        min_value=0,
        max_digits=12,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text="Persen (misalnya 7,5), atau harga per buah dalam rupiah.",
    )

    class Meta:
        model = TierPrice
        fields = (
            "group", "category", "product", "variant", "min_quantity", "kind",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        if row.pk:
            is_percent = row.kind == TierPrice.Kind.PERCENT
            value = Decimal(row.value) / 100 if is_percent else row.value
            self.initial["amount"] = value

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        scopes = [data.get(name) for name in ("category", "product", "variant")]
        if sum(scope is not None for scope in scopes) > 1:
            raise forms.ValidationError("Pilih satu: kategori, produk, atau SKU.")
        if data.get("min_quantity") == 0:
            # Not the database's rule as well, which says it in its own words.
            raise forms.ValidationError({"min_quantity": "Mulai dari 1 buah."})
        amount = data.get("amount")
        if amount is not None:
            self.instance.value = self._value(data.get("kind"), amount, scopes)
        return data

    def _value(self, kind: str | None, amount: Decimal, scopes: list[Any]) -> int:
        if kind == TierPrice.Kind.PERCENT:
            if amount >= 100:
                raise forms.ValidationError(
                    {"amount": "Potongan harus di bawah 100 %."}
                )
            return int(amount * 100)
        if not any(scopes[1:]):
            raise forms.ValidationError(
                {"kind": "Harga per buah hanya untuk satu produk atau satu SKU."}
            )
        if amount != int(amount) or amount < 1:
            raise forms.ValidationError({"amount": "Isi dengan rupiah tanpa koma."})
        return int(amount)


@admin.register(TierPrice)
class TierPriceAdmin(CatalogAdmin):
    form = TierPriceForm
    list_display = ["group", "scope", "min_quantity", "benefit"]
    list_filter = ["group", "kind"]
    list_select_related = ["group", "category", "product", "variant"]
    search_fields = ["product__name", "variant__sku", "category__name"]
    autocomplete_fields = ["category", "product", "variant"]
    readonly_fields = ["preview"]
    fieldsets = [
        (
            None,
            {
                "fields": ["group", ("category", "product", "variant")],
                "description": "Kosongkan ketiganya untuk seluruh toko. Tabel yang "
                "paling dekat berlaku: SKU, lalu produk, kategori, seluruh toko. "
                "Pembeli selalu mendapat harga terendah; harga tidak digabung.",
            },
        ),
        (
            "Harga",
            {
                "fields": [("min_quantity", "kind", "amount"), "preview"],
                "description": "Jumlah dihitung per produk, semua warna dan ukuran.",
            },
        ),
    ]

    @admin.display(description="berlaku untuk")
    def scope(self, row: TierPrice) -> str:
        of = row.variant or row.product or row.category
        return str(of) if of else "Seluruh toko"

    @admin.display(description="harga", ordering="value")
    def benefit(self, row: TierPrice) -> str:
        if row.kind == TierPrice.Kind.FIXED:
            return f"{format_rupiah(row.value)} per buah"
        percent = f"{Decimal(row.value) / 100:f}".rstrip("0").rstrip(".")
        return f"potongan {percent.replace('.', ',')} %"

    @admin.display(description="contoh harga")
    def preview(self, row: TierPrice) -> SafeString | str:
        """Return list and reduced prices of the first SKUs that the row is for."""
        if not row.pk:
            return "Tampil setelah disimpan."
        tier = Tier(row.min_quantity, row.kind == TierPrice.Kind.PERCENT, row.value)
        rows = _variants_of(row)[:SHOWN].values_list("sku", "price")
        return format_html_join(
            "",
            "<div>{}: {} menjadi <b>{}</b></div>",
            (
                (sku, format_rupiah(price), format_rupiah(tier_price(price, tier)))
                for sku, price in rows
            ),
        )


def _variants_of(row: TierPrice) -> QuerySet[Variant]:
    active = Variant.objects.filter(is_active=True).order_by("sku")
    if row.variant_id:
        return active.filter(pk=row.variant_id)
    if row.product_id:
        return active.filter(product=row.product_id)
    if row.category:
        return active.filter(product__category__path__startswith=row.category.path)
    return active


class FlashSaleForm(forms.ModelForm):
    class Meta:
        model = FlashSale
        fields = (
            "name", "slug", "starts_at", "ends_at", "per_customer_limit",
            "is_published",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        starts_at, ends_at = data.get("starts_at"), data.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", flash_plans.InvalidFlashSale.detail)
        return data


class ItemFormSet(forms.BaseInlineFormSet):
    """Says before saving which SKU is in another sale, or cannot be changed."""

    def clean(self) -> None:
        super().clean()
        sale = self.instance
        if not (sale.starts_at and sale.ends_at) or sale.ends_at <= sale.starts_at:
            return
        kept = [
            form
            for form in self.forms
            if form.cleaned_data.get("variant") and not form.cleaned_data.get("DELETE")
        ]
        wanted = {form.cleaned_data["variant"].pk for form in kept}
        taken = {
            item.variant_id: item.sale.name
            for item in flash_plans.conflicts(
                wanted,
                starts_at=sale.starts_at,
                ends_at=sale.ends_at,
                sale=sale if sale.pk else None,
            )
        }
        for form in kept:
            other = taken.get(form.cleaned_data["variant"].pk)
            if other:
                form.add_error("variant", f"Pada waktu itu sudah ada di {other}.")
            if form.instance.pk:
                _check_sold(form)


def _check_sold(form: Any) -> None:
    """Say beside the field what cannot be changed of an item that was sold."""
    item, quota = form.instance, form.cleaned_data.get("quota")
    if "variant" in form.changed_data and item.takings.exists():
        form.add_error("variant", "Sudah terjual; tidak dapat diganti.")
    if quota is not None and quota < item.sold:
        form.add_error("quota", f"Sudah terjual {item.sold}.")


class FlashSaleItemInline(TabularInline):
    model = FlashSaleItem
    formset = ItemFormSet
    extra = 0
    fields = ["variant", "price", "quota", "sold", "preview"]
    readonly_fields = ["sold", "preview"]
    autocomplete_fields = ["variant"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[FlashSaleItem]:
        found = super().get_queryset(request)
        return found.select_related("variant__stock", "sale")

    @admin.display(description="dibanding harga biasa")
    def preview(self, item: FlashSaleItem) -> str:
        if not item.pk:
            return "Tampil setelah disimpan."
        usual = item.variant.price
        percent = (usual - item.price) * 100 // usual
        return f"{format_rupiah(usual)}, turun {percent} %"


@admin.register(FlashSale)
class FlashSaleAdmin(CatalogAdmin):
    form = FlashSaleForm
    list_display = ["name", "period", "state", "progress", "per_customer_limit"]
    list_filter = ["is_published"]
    search_fields = ["name", "slug"]
    inlines = [FlashSaleItemInline]
    actions_detail = ["stop_sale"]
    fieldsets = [
        (None, {"fields": [("name", "slug"), ("starts_at", "ends_at")]}),
        ("Aturan", {"fields": [("per_customer_limit", "is_published")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[FlashSale]:
        found: QuerySet[FlashSale] = super().get_queryset(request)
        return found.annotate(quota=Sum("items__quota"), sold=Sum("items__sold"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Sales are stopped: orders go on referring to them."""
        return False

    def has_stop_sale_permission(
        self, request: HttpRequest, object_id: str | None = None
    ) -> bool:
        return request.user.has_perm("catalog.change_flashsale")

    def save_model(
        self, request: HttpRequest, obj: FlashSale, form: Any, change: bool
    ) -> None:
        flash_plans.save(obj)

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        form.save_m2m()
        for formset in formsets:
            items = formset.save(commit=False)
            flash_plans.save(
                form.instance, items=items, removed=formset.deleted_objects
            )
        for warning in flash_plans.warnings(form.instance):
            self.message_user(request, warning, messages.WARNING)

    @admin.display(description="waktu", ordering="starts_at")
    def period(self, sale: FlashSale) -> str:
        return f"{wib(sale.starts_at)} sampai {wib(sale.ends_at)}"

    @admin.display(description="keadaan")
    def state(self, sale: FlashSale) -> str:
        now = timezone.now()
        if sale.ends_at <= now:
            return "Selesai"
        if not sale.is_published:
            return "Draf"
        return "Berlangsung" if sale.starts_at <= now else "Akan datang"

    @admin.display(description="terjual")
    def progress(self, sale: FlashSale) -> str:
        sold, quota = getattr(sale, "sold", 0) or 0, getattr(sale, "quota", 0) or 0
        return f"{sold} dari {quota}"

    @action(description="Hentikan sekarang", url_path="stop", permissions=["stop_sale"])
    def stop_sale(self, request: HttpRequest, object_id: str) -> HttpResponse:
        sale = self.get_object(request, object_id)
        page = reverse("admin:catalog_flashsale_changelist")
        if sale is None:
            return HttpResponseRedirect(page)
        if request.method != "POST":
            return self._ask_to_stop(request, sale)
        flash_plans.stop(sale)
        self.message_user(request, f"{sale.name} dihentikan.", messages.SUCCESS)
        return HttpResponseRedirect(page)

    def _ask_to_stop(self, request: HttpRequest, sale: FlashSale) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": f"Hentikan {sale.name}?",
            "sale": sale,
        }
        return render(request, "admin/catalog/flashsale/stop.html", context)
