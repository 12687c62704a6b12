"""All colors by all sizes of a product: choose, look at the SKU, make them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.admin import bulk, desk
from catalog.models import Color, Product, Size
from catalog.services import matrix
from catalog.services.cells import FIELDS
from catalog.services.matrix import Cell, Plan
from karima.errors import StoreError


class MatrixForm(forms.Form):
    colors = forms.ModelMultipleChoiceField(
        label="Warna",
        queryset=Color.objects.order_by("name"),
        widget=forms.CheckboxSelectMultiple,
    )
    sizes = forms.ModelMultipleChoiceField(
        label="Ukuran",
        queryset=Size.objects.order_by("position"),
        widget=forms.CheckboxSelectMultiple,
    )
    pattern = forms.CharField(
        label="Pola SKU",
        max_length=60,
        initial="{produk}-{warna}-{ukuran}",
        widget=UnfoldAdminTextInputWidget,
        help_text=(
            "{produk}, {warna}, {ukuran} dan {nomor} diganti. "
            "Misalnya GMS-ARU-{warna}-{ukuran}."
        ),
    )
    price = forms.CharField(
        label="Harga",
        max_length=20,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        help_text="Untuk semua SKU baru; dapat diubah sesudahnya di tabel SKU.",
    )
    weight_grams = forms.CharField(
        label="Berat (gram)",
        max_length=10,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        help_text="Dengan kemasannya; dipakai menghitung ongkos kirim.",
    )

    def clean_price(self) -> int:
        return self._read("price")

    def clean_weight_grams(self) -> int:
        return self._read("weight_grams")

    def _read(self, name: str) -> int:
        try:
            return int(FIELDS[name].read(self.cleaned_data[name]))
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from None

    def plan(self, product: Product) -> Plan:
        return Plan(product=product, **self.cleaned_data)


def matrix_view(
    admin: ModelAdmin, request: HttpRequest, object_id: int
) -> HttpResponse:
    """Ask for colors and sizes, show what would be made, then make it."""
    user = desk.staff(request, "catalog.add_variant")
    product = get_object_or_404(Product, pk=object_id)
    form = MatrixForm(request.POST or None, initial=_like_the_last(product))
    if request.method != "POST" or not form.is_valid():
        return _page(admin, request, product, form)
    try:
        if request.POST.get("step") != "save":
            cells = matrix.preview(form.plan(product))
            return _page(admin, request, product, form, cells=cells)
        made = matrix.make(form.plan(product), actor=user)
    except StoreError as refusal:
        form.add_error(None, refusal.detail)
        return _page(admin, request, product, form)
    messages.success(request, f"{len(made)} SKU dibuat. Isi harga dan stoknya di sini.")
    page = bulk.address("admin:catalog_variant_grid", product=product.pk)
    return HttpResponseRedirect(page)


def _like_the_last(product: Product) -> dict[str, Any]:
    """Return price, weight and choices of what there is already."""
    variants = list(product.variants.order_by("-pk"))
    if not variants:
        return {}
    return {
        "price": variants[0].price,
        "weight_grams": variants[0].weight_grams,
        "colors": {variant.color_id for variant in variants},
        "sizes": {variant.size_id for variant in variants},
    }


def _page(
    admin: ModelAdmin,
    request: HttpRequest,
    product: Product,
    form: MatrixForm,
    *,
    cells: list[Cell] | None = None,
) -> HttpResponse:
    new = [cell for cell in cells or [] if not cell.existing]
    return desk.page(
        admin,
        request,
        "matrix",
        title=f"Buat SKU: {product.name}",
        product=product,
        back=reverse("admin:catalog_product_change", args=[product.pk]),
        form=form,
        cells=cells,
        new=len(new),
        wrong=sum(bool(cell.problem) for cell in new),
        there=len(cells or []) - len(new),
    )
