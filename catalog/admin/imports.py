"""SKU from a file: send it, look at what is wrong, take over the rest, watch it run."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from unfold.decorators import action, display

from accounts.models import User
from catalog.admin import desk
from catalog.models import ImportFile, ImportRow
from catalog.services import exporting, imports, stock
from karima.admin_pages import ReadOnlyAdmin
from karima.errors import StoreError
from karima.wib import wib

RIGHTS = ("catalog.add_variant", "catalog.change_variant")
SHOWN = 200
EXAMPLE: list[list[Any]] = [
    list(imports.COLUMNS),
    [
        *("GMS-ARU-SAGE-M", "Gamis Arunika", "Gamis", "Sage", "M"),
        *("189.900", "219.900", 98000, 450, 12, "ya", "8991234567890"),
    ],
]


class FileForm(forms.Form):
    file = forms.FileField(
        label="Berkas XLSX atau CSV",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv", "class": "desk-field"}),
        error_messages={"required": "Pilih berkasnya dulu."},
    )

    def clean_file(self) -> Any:
        sent = self.cleaned_data["file"]
        if sent.size > imports.MAX_BYTES:
            raise ValidationError(
                "Berkas lebih besar dari 5 MB. Bagi menjadi beberapa."
            )
        return sent


@admin.register(ImportFile)
class ImportFileAdmin(ReadOnlyAdmin):
    list_display = ["sent", "name", "state_badge", "row_count", "bad_count", "actor"]
    list_display_links = ["sent", "name"]
    list_filter = ["state"]
    list_select_related = ["actor"]
    search_fields = ["name"]
    actions_list = ["new_import", "example"]

    def has_view_permission(
        self, request: HttpRequest, obj: ImportFile | None = None
    ) -> bool:
        return request.user.has_perms(RIGHTS)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(RIGHTS)

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        own = [
            path("new/", guard(self.new_view), name="catalog_importfile_new"),
            path(
                "<uuid:object_id>/start/",
                guard(self.start_view),
                name="catalog_importfile_start",
            ),
            path(
                "<uuid:object_id>/faults.csv",
                guard(self.faults_view),
                name="catalog_importfile_faults",
            ),
        ]
        return [*own, *super().get_urls()]

    @action(description="Impor baru", url_path="new-import", icon="upload_file")
    def new_import(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:catalog_importfile_new"))

    @action(description="Berkas contoh", url_path="example", icon="download")
    def example(self, request: HttpRequest) -> HttpResponseBase:
        desk.staff(request, *RIGHTS)
        return as_download(exporting.as_csv(EXAMPLE), "contoh-impor.csv")

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Take a file and check it: the dry run."""
        user = desk.staff(request, *RIGHTS)
        form = FileForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            sent = form.cleaned_data["file"]
            try:
                file = imports.receive(sent.read(), name=sent.name, actor=user)
            except StoreError as refusal:
                form.add_error("file", refusal.detail)
            else:
                return _to(file.pk)
        return desk.page(
            self,
            request,
            "import_new",
            title="Impor SKU",
            form=form,
            columns=imports.COLUMNS.values(),
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show what is wrong, and how far the rest is."""
        desk.staff(request, *RIGHTS)
        file = get_object_or_404(ImportFile, pk=_uuid(object_id))
        wrong = file.rows.filter(state__in=["bad", "failed"]).order_by("number")
        done = imports.progress(file)
        return desk.page(
            self,
            request,
            "import",
            title=f"Impor {file.name}",
            file=file,
            progress=done,
            reasons=stock.REASONS,
            good=done.total - done.bad,
            faults=[_fault(row) for row in wrong[:SHOWN]],
            more=max(done.bad + done.failed - SHOWN, 0),
            back=reverse("admin:catalog_importfile_changelist"),
        )

    def start_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Have the good rows taken over, or put the file aside."""
        desk.staff(request, *RIGHTS)
        if request.method == "POST":
            try:
                if request.POST.get("step") == "start":
                    reason = desk.reason_of(request)
                    imports.start(object_id, stock_reason=reason)
                else:
                    imports.cancel(object_id)
            except StoreError as refusal:
                self.message_user(request, refusal.detail, messages.ERROR)
        return _to(object_id)

    def faults_view(self, request: HttpRequest, object_id: UUID) -> HttpResponseBase:
        """Give the rows that are wrong as a file, each with what is wrong."""
        desk.staff(request, *RIGHTS)
        file = get_object_or_404(ImportFile, pk=object_id)
        wrong = file.rows.filter(state__in=["bad", "failed"]).order_by("number")
        table = [["baris", "sku", "keterangan"]]
        table += [
            [str(row["number"]), row["sku"], row["what"]] for row in map(_fault, wrong)
        ]
        return as_download(exporting.as_csv(table), "baris-salah.csv")

    @display(description="dikirim", ordering="id")
    def sent(self, file: ImportFile) -> str:
        return wib(file.created_at)

    @display(
        description="keadaan",
        label={"checked": "info", "running": "warning", "done": "success"},
    )
    def state_badge(self, file: ImportFile) -> tuple[str, str]:
        return file.state, file.get_state_display()


def as_download(content: Any, name: str, kind: str = "text/csv") -> HttpResponseBase:
    """Return content as a file to save."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    charset = "; charset=utf-8" if kind == "text/csv" else ""
    if isinstance(content, bytes):
        return HttpResponse(content, content_type=kind, headers=headers)
    return StreamingHttpResponse(
        content, content_type=f"{kind}{charset}", headers=headers
    )


def export(request: HttpRequest, variants: Any, *, kind: str) -> HttpResponseBase:
    """Return the variants as a file, `csv` or `xlsx`."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101  Access lets in nobody else
    table = exporting.rows(variants.order_by("sku"), reader=user)
    if kind == "csv":
        return as_download(exporting.as_csv(table), "sku.csv")
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return as_download(exporting.as_xlsx(table), "sku.xlsx", sheet)


def _to(file_id: UUID) -> HttpResponse:
    page = reverse("admin:catalog_importfile_change", args=[file_id])
    return HttpResponseRedirect(page)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _fault(row: ImportRow) -> dict[str, Any]:
    told = [
        f"{error['field']}: {error['message']}".removeprefix(": ")
        for error in row.errors
    ]
    return {
        "number": row.number,
        "sku": row.cells.get("sku", ""),
        "what": " ".join(told),
        "errors": told,
    }
