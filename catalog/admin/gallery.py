"""The pictures on a product's page: each button posts its verb to one address.

Without scripts a post leads back to the page with a message. `gallery.js` asks for
JSON and gets the block anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse

from catalog.admin.base import CatalogAdmin
from catalog.models import Color, Product, ProductImage
from catalog.services import gallery
from karima.errors import Invalid, StoreError
from karima.problems import Problem, problem_response

BLOCK = "admin/catalog/product/gallery.html"


class ColorUnknown(Invalid):
    code = "color_unknown"
    title = "Unknown color"
    detail = "Warna tidak dikenal. Silakan muat ulang halaman."


class NoFileChosen(Invalid):
    code = "no_file_chosen"
    title = "No file"
    detail = "Pilih satu foto atau lebih dahulu."


@dataclass(frozen=True, slots=True)
class Card:
    """A picture, where its small copy is, and the orders that its arrows ask for."""

    image: ProductImage
    thumbnail: str
    earlier: str
    later: str


class GalleryAdmin(CatalogAdmin):
    """A product's page with its pictures below the form."""

    change_form_outer_after_template = BLOCK

    class Media:
        css = {"all": ["catalog/gallery.css"]}
        js = ["catalog/gallery.js"]

    def get_urls(self) -> list[URLPattern]:
        address = path(
            "<int:product_id>/gallery/<slug:verb>/",
            self.admin_site.admin_view(self.gallery_view),
            name="catalog_product_gallery",
        )
        return [address, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        product = kwargs.get("obj")
        extra = gallery_context(product, request) if product else {}
        return super().render_change_form(request, context | extra, *args, **kwargs)

    def gallery_view(
        self, request: HttpRequest, product_id: int, verb: str
    ) -> HttpResponse:
        """Do what a button says."""
        permission, act = VERBS.get(verb) or _no_such_verb()
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm(f"catalog.{permission}_productimage"):
            raise PermissionDenied
        product = get_object_or_404(Product, pk=product_id)
        try:
            act(product, request)
        except StoreError as refusal:
            return self._refused(request, product, refusal)
        return self._done(request, product)

    def _done(self, request: HttpRequest, product: Product) -> HttpResponse:
        if _wants_json(request):
            context = gallery_context(product, request)
            return JsonResponse({"html": render_to_string(BLOCK, context, request)})
        return self._back(request, product)

    def _refused(
        self, request: HttpRequest, product: Product, refusal: StoreError
    ) -> HttpResponse:
        problem = Problem.from_error(refusal)
        if _wants_json(request):
            return problem_response(request, problem)
        self.message_user(request, problem.detail, messages.ERROR)
        return self._back(request, product)

    def _back(self, request: HttpRequest, product: Product) -> HttpResponse:
        page = reverse("admin:catalog_product_change", args=[product.pk])
        return HttpResponseRedirect(f"{page}#galeri")


def gallery_context(product: Product, request: HttpRequest) -> dict[str, Any]:
    """Return what the block shows of a product."""
    images = list(product.images.select_related("color"))
    may = request.user.has_perm
    return {
        "gallery_product": product,
        "cards": _cards(images),
        "gallery_colors": _colors(product, images),
        "max_bytes": settings.FILE_UPLOAD_MAX_SIZE_BYTES,
        "may_add_pictures": may("catalog.add_productimage"),
        "may_change_pictures": may("catalog.change_productimage"),
        "may_delete_pictures": may("catalog.delete_productimage"),
    }


def thumbnail_url(name: str, renditions: list[dict[str, Any]]) -> str:
    """Return the URL of the narrowest copy."""
    storage = ProductImage._meta.get_field("file").storage
    url: str = storage.url(renditions[0]["file"] if renditions else name)
    return url


def _cards(images: list[ProductImage]) -> list[Card]:
    ids = [image.pk for image in images]
    return [
        Card(
            image=image,
            thumbnail=thumbnail_url(str(image.file.name), image.renditions),
            earlier=_order(ids, index, index - 1),
            later=_order(ids, index, index + 1),
        )
        for index, image in enumerate(images)
    ]


def _order(ids: list[int], index: int, other: int) -> str:
    """Return the order with two neighbours changed; nothing at an end."""
    if not 0 <= other < len(ids):
        return ""
    changed = list(ids)
    changed[index], changed[other] = changed[other], changed[index]
    return ",".join(map(str, changed))


def _colors(product: Product, images: list[ProductImage]) -> list[Color]:
    """Return the colors that the product has, and those that its pictures name."""
    named = [image.color_id for image in images if image.color_id]
    sold = Color.objects.filter(variant__product=product)
    return list((sold | Color.objects.filter(pk__in=named)).distinct())


def _add(product: Product, request: HttpRequest) -> None:
    color = _color(request)
    files = request.FILES.getlist("files")
    if not files:
        raise NoFileChosen
    for upload in files:
        gallery.add(product, upload, color=color)


def _replace(product: Product, request: HttpRequest) -> None:
    upload = request.FILES.get("files")
    if upload is None:
        raise NoFileChosen
    gallery.replace(_image(product, request), upload)


def _describe(product: Product, request: HttpRequest) -> None:
    gallery.describe(
        _image(product, request),
        alt=request.POST.get("alt", ""),
        color=_color(request),
    )


def _choose_primary(product: Product, request: HttpRequest) -> None:
    gallery.choose_primary(_image(product, request))


def _arrange(product: Product, request: HttpRequest) -> None:
    ids = request.POST.get("order", "").split(",")
    numbers = [int(number) for number in ids if _is_id(number)]
    gallery.arrange(product, numbers)


def _delete(product: Product, request: HttpRequest) -> None:
    gallery.delete(_image(product, request))


VERBS: dict[str, tuple[str, Callable[[Product, HttpRequest], None]]] = {
    "add": ("add", _add),
    "replace": ("change", _replace),
    "describe": ("change", _describe),
    "primary": ("change", _choose_primary),
    "arrange": ("change", _arrange),
    "delete": ("delete", _delete),
}


def _no_such_verb() -> Any:
    raise Http404


def _image(product: Product, request: HttpRequest) -> ProductImage:
    number = request.POST.get("image", "")
    return gallery.find(product, int(number) if _is_id(number) else 0)


def _color(request: HttpRequest) -> Color | None:
    number = request.POST.get("color", "")
    if not number:
        return None
    color = Color.objects.filter(pk=int(number)).first() if _is_id(number) else None
    if color is None:
        raise ColorUnknown
    return color


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")
