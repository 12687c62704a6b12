"""What runs low: seen, sorted, exported, and from how many on it counts as low."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase

from catalog.admin import desk
from catalog.admin.imports import as_download
from catalog.models import Category, Variant
from catalog.services import exporting, low_stock, stock
from catalog.services.cells import FIELDS

SEE = "catalog.view_stock"
SET = "catalog.change_stock"
ORDERS = {
    "sisa": ("left", "sku"),
    "sku": ("sku",),
    "produk": ("product__name", "sku"),
    "batas": ("-threshold", "sku"),
}
TITLES = {"sku": "SKU"}


def low_view(admin: ModelAdmin, request: HttpRequest) -> HttpResponseBase:
    """Show the list, keep thresholds, or give the list as a file."""
    desk.staff(request, SEE)
    typed: dict[int, tuple[str, str]] = {}
    if request.method == "POST":
        desk.staff(request, SET)
        thresholds, typed = _typed(request)
        known = Variant.objects.filter(pk__in=list(thresholds))
        thresholds = {pk: thresholds[pk] for pk in known.values_list("pk", flat=True)}
        changed = stock.set_thresholds(thresholds)
        messages.success(request, f"{changed} batas disimpan.")
        if not typed:
            return HttpResponseRedirect(request.get_full_path())
    chosen = desk.numbers(request.GET, "kategori")
    category = Category.objects.filter(pk__in=chosen).first()
    order = request.GET.get("urut", "")
    order = order if order in ORDERS else "sisa"
    found = low_stock.low(category).order_by(*ORDERS[order])
    if request.GET.get("berkas") == "csv":
        return as_download(exporting.as_csv(_table(found)), "stok-menipis.csv")
    pages = Paginator(found, desk.ROWS).get_page(request.GET.get("page"))
    return desk.page(
        admin,
        request,
        "low_stock",
        title="Stok menipis",
        rows=[_row(variant, typed) for variant in pages.object_list],
        pages=pages,
        orders=[(name, TITLES.get(name, name.capitalize())) for name in ORDERS],
        order=order,
        category=category,
        categories=Category.objects.order_by("path"),
        may_set=request.user.has_perm(SET),
    )


def _typed(
    request: HttpRequest,
) -> tuple[dict[int, int], dict[int, tuple[str, str]]]:
    read: dict[int, int] = {}
    wrong: dict[int, tuple[str, str]] = {}
    for name, value in request.POST.items():
        pk = name.removeprefix("t-")
        if name == pk or not pk.isdigit() or len(pk) > 18:
            continue
        text = str(value).strip()
        if text == request.POST.get(f"b-{pk}"):
            continue
        try:
            read[int(pk)] = FIELDS["on_hand"].read(text)
        except ValueError as problem:
            wrong[int(pk)] = (text, str(problem))
    return read, wrong


def _row(variant: Any, typed: dict[int, tuple[str, str]]) -> dict[str, Any]:
    text, error = typed.get(variant.pk, (str(variant.threshold), ""))
    return {"variant": variant, "text": text, "error": error}


def _table(found: Any) -> Any:
    yield ["sku", "produk", "kategori", "warna", "ukuran", "sisa", "batas"]
    for variant in found.iterator(chunk_size=500):
        product = variant.product
        yield [
            variant.sku,
            product.name,
            product.category.name,
            variant.color.name,
            variant.size.name,
            variant.left,
            variant.threshold,
        ]
