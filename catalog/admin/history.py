"""Who changed what: every entry with its values, and the button that undoes it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from catalog.admin import desk
from catalog.models import ChangeBatch, FieldChange, Product
from catalog.services import changes
from catalog.services.cells import FIELDS
from karima.admin_pages import ReadOnlyAdmin
from karima.errors import StoreError
from karima.wib import wib

SHOWN = 500
SECRET = "cost"  # noqa: S105  the name of a field
LABELS = {"status": "Status", "created": "Baru"}
STATUSES = dict(Product.Status.choices)


@admin.register(ChangeBatch)
class ChangeBatchAdmin(ReadOnlyAdmin):
    list_display = ["moment", "title", "source", "size", "actor", "note"]
    list_display_links = ["moment", "title"]
    list_filter = ["source", "created_at"]
    list_select_related = ["actor"]
    search_fields = ["title", "note", "actor__email"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(values_changed=Count("changes"))

    def get_urls(self) -> list[URLPattern]:
        undo = path(
            "<int:object_id>/undo/",
            self.admin_site.admin_view(self.undo_view),
            name="catalog_changebatch_undo",
        )
        return [undo, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the values before and after."""
        desk.staff(request, "catalog.view_changebatch")
        batch = get_object_or_404(
            ChangeBatch.objects.select_related("actor"), pk=object_id
        )
        rows = batch.changes.select_related("product", "variant")[: SHOWN + 1]
        return desk.page(
            self,
            request,
            "history_entry",
            title=batch.title,
            batch=batch,
            lines=lines(rows[:SHOWN], request),
            has_more=len(rows) > SHOWN,
            may_undo=_may_undo(request, batch),
            back=reverse("admin:catalog_changebatch_changelist"),
        )

    def undo_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Set the values back."""
        batch = get_object_or_404(ChangeBatch, pk=object_id)
        user = desk.staff(request, *_needed(batch))
        page = reverse("admin:catalog_changebatch_change", args=[object_id])
        if request.method != "POST":
            return HttpResponseRedirect(page)
        try:
            done = changes.undo(batch, actor=user)
        except StoreError as refusal:
            told = "; ".join(row["message"] for row in refusal.errors[:5])
            self.message_user(request, f"{refusal.detail} {told}", messages.ERROR)
            return HttpResponseRedirect(page)
        self.message_user(request, "Perubahan diurungkan.", messages.SUCCESS)
        page = reverse("admin:catalog_changebatch_change", args=[done.pk])
        return HttpResponseRedirect(page)

    @display(description="waktu", ordering="id")
    def moment(self, batch: ChangeBatch) -> str:
        return wib(batch.created_at)

    @display(description="nilai", ordering="values_changed")
    def size(self, batch: ChangeBatch) -> int:
        return int(getattr(batch, "values_changed", 0))


def product_page(
    owner: admin.ModelAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Show what was changed of one product and its variants, newest first."""
    desk.staff(request, "catalog.view_changebatch")
    product = get_object_or_404(Product, pk=object_id)
    rows = product.changes.select_related("batch__actor", "variant", "product")
    return desk.page(
        owner,
        request,
        "history",
        title=f"Riwayat: {product.name}",
        lines=lines(rows.order_by("-pk")[:SHOWN], request),
        back=reverse("admin:catalog_product_change", args=[product.pk]),
    )


def _needed(batch: ChangeBatch) -> list[str]:
    """Return the permissions that it took to make the change."""
    fields = set(batch.changes.values_list("field", flat=True))
    needed = ["catalog.change_variant", "catalog.change_product"]
    return needed + (["catalog.adjust_stock"] if "on_hand" in fields else [])


def _may_undo(request: HttpRequest, batch: ChangeBatch) -> bool:
    return request.user.has_perms(_needed(batch)) and changes.can_undo(batch)


def lines(rows: Any, request: HttpRequest) -> list[dict[str, Any]]:
    """Return the rows as people read them; the cost only to those who may see it."""
    may_see_cost = request.user.has_perm("catalog.view_cost")
    return [_line(row) for row in rows if may_see_cost or row.field != SECRET]


def _line(row: FieldChange) -> dict[str, Any]:
    return {
        "what": str(row.variant or row.product),
        "product": row.product,
        "field": label(row.field),
        "before": shown(row.field, row.before),
        "after": shown(row.field, row.after),
        "batch": row.batch,
    }


def label(field: str) -> str:
    """Return a field's name in the words of the shop."""
    if field in FIELDS:
        return FIELDS[field].label
    known = {column.name: column.verbose_name for column in Product._meta.fields}
    return LABELS.get(field, str(known.get(field, field)).capitalize())


def shown(field: str, value: Any) -> str:
    """Return a value as people read it."""
    if value is None or value == "":
        return "-"
    if field in FIELDS:
        return FIELDS[field].show(value)
    if field == "status":
        return STATUSES.get(value, str(value))
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    return str(value)
