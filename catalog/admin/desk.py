"""What the pages of the merchandiser's desk share: rows chosen, one look, one guard."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse

from accounts.models import User
from catalog.models import Variant
from catalog.services.stock import REASONS, Reason

# Each row posts up to six fields; the admin takes 2000 of them.
ROWS = 150


def staff(request: HttpRequest, *permissions: str) -> User:
    """Return who asks; anybody without all of the permissions is refused."""
    user = request.user
    if not isinstance(user, User) or not user.has_perms(permissions):
        raise PermissionDenied
    return user


def page(
    admin: ModelAdmin, request: HttpRequest, template: str, **context: Any
) -> HttpResponse:
    """Show a page of the desk in the admin's frame."""
    whole = {**admin.admin_site.each_context(request), "opts": admin.opts, **context}
    return TemplateResponse(request, f"admin/catalog/desk/{template}.html", whole)


def reason_of(request: HttpRequest) -> str:
    """Return the reason that a form sent, or that it was counted."""
    sent = request.POST.get("reason", "")
    return sent if sent in dict(REASONS) else Reason.COUNTED


def numbers(query: QueryDict, name: str) -> list[int]:
    """Return the keys of a repeated parameter, what is no number left out."""
    return [
        int(text)
        for text in query.getlist(name)
        if text.isascii() and text.isdigit() and len(text) < 19
    ]


def chosen_variants(query: QueryDict) -> QuerySet[Variant]:
    """Return the variants that the address names by `id` or by `product`; else all."""
    found = Variant.objects.select_related("product", "color", "size", "stock")
    if "id" in query:
        found = found.filter(pk__in=numbers(query, "id"))
    elif "product" in query:
        found = found.filter(product__in=numbers(query, "product"))
    return found.order_by(
        "product__name", "product", "color__name", "size__position", "pk"
    )


def posted(
    request: HttpRequest, *, without: tuple[str, ...] = ()
) -> list[tuple[str, str]]:
    """Return what a form sent, for the next page to send again."""
    hidden = {"csrfmiddlewaretoken", "step", *without}
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name not in hidden
        for value in values
        if isinstance(value, str)
    ]
