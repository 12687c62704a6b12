"""A product as customers will see it, before they do, and the link to show it."""

import json

from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.admin import desk
from catalog.models import Product, ProductImage
from catalog.services import previews
from catalog.services.documents import MEDIA

NAME = "gambar.webp"


def preview_view(
    owner: ModelAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Show the page's document in plain words, and where to see it in the shop."""
    desk.staff(request, "catalog.view_product")
    product = get_object_or_404(Product, pk=object_id)
    document = previews.detail(product).replace(MEDIA, _media_place())
    shop = settings.STOREFRONT_URL.rstrip("/")
    token = previews.token(product)
    return desk.page(
        owner,
        request,
        "product_preview",
        title=f"Pratinjau: {product.name}",
        product=product,
        shown=json.loads(document),
        link=f"{shop}/preview/{token}" if shop else "",
        token=token,
        back=reverse("admin:catalog_product_change", args=[product.pk]),
    )


def _media_place() -> str:
    """Return where the pictures are, as the storage says."""
    storage = ProductImage._meta.get_field("file").storage
    return str(storage.url(NAME)).removesuffix(NAME)
