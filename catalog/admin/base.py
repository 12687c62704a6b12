"""What the admin pages of the catalogue share."""

from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminImageFieldWidget

from catalog.admin.uploads import PictureField
from karima.errors import StoreError


class CatalogAdmin(ModelAdmin):
    """Shows what a rule refuses as a message, and saves nothing then."""

    formfield_overrides = {
        models.ImageField: {
            "form_class": PictureField,
            "widget": UnfoldAdminImageFieldWidget,
        }
    }
    list_per_page = 50
    show_full_result_count = False

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, PictureField):
            field.folder = db_field.upload_to.rstrip("/")
        return field

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except StoreError as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
            return HttpResponseRedirect(request.path)


def swatch(hex_color: str) -> SafeString:
    """Return a small disc in the color."""
    return format_html(
        '<span style="display:inline-block;width:1.1em;height:1.1em;'
        'border-radius:50%;border:1px solid #0002;background:{}"></span>',
        hex_color,
    )


def thumbnail(url: str, *, height_pixels: int = 72) -> SafeString:
    """Return a small picture."""
    return format_html(
        '<img src="{}" alt="" loading="lazy" '
        'style="height:{}px;border-radius:6px;object-fit:cover">',
        url,
        height_pixels,
    )
