"""What a storefront says of the shop, and a product that is not on sale yet."""

from typing import Any

from django.conf import settings
from django.forms.models import model_to_dict
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import examples
from catalog.api.answering import with_media
from catalog.api.serializers import ProductDetailOutput
from catalog.services import previews, store
from karima.api import PublicView

# Banners come and go by the clock: a minute late is soon enough.
STORE_CACHE = "public, max-age=60"


class BannerOutput(serializers.Serializer[Any]):
    text = serializers.CharField()
    link = serializers.CharField(help_text="A path of the storefront, https, or empty.")


class HolidayOutput(serializers.Serializer[Any]):
    starts_on = serializers.DateField()
    ships_again_on = serializers.DateField()
    note = serializers.CharField()


class SnapOutput(serializers.Serializer[Any]):
    """What a page needs to open Midtrans's payment window. The key is public."""

    client_key = serializers.CharField()
    script_url = serializers.URLField(help_text="Load it with `data-client-key`.")


class StoreOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    tagline = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField(help_text="E.164, or empty.")
    whatsapp = serializers.CharField(help_text="E.164, or empty.")
    address = serializers.CharField()
    instagram = serializers.CharField()
    return_window_days = serializers.IntegerField()
    tax_mode = serializers.ChoiceField(["none", "included"])
    holiday = HolidayOutput(
        allow_null=True, help_text="While the shop sends nothing; orders are taken."
    )
    banners = BannerOutput(many=True)
    snap = SnapOutput()


class StoreView(PublicView):
    rate_limit = "catalog"

    @extend_schema(
        operation_id="retrieve_store",
        summary="The shop itself: contacts, banners, holidays",
        tags=["catalog"],
        responses=StoreOutput,
        examples=[examples.STORE],
    )
    def get(self, request: Request) -> Response:
        now = timezone.now()
        row = store.current()
        shown = {
            **model_to_dict(row),
            "holiday": store.holiday(row, at=now),
            "banners": store.banners(at=now),
            "snap": {
                "client_key": settings.MIDTRANS_CLIENT_KEY,
                "script_url": settings.MIDTRANS_SNAP_SCRIPT_URL,
            },
        }
        found = StoreOutput(shown).data
        return Response(found, headers={"Cache-Control": STORE_CACHE})


class PreviewView(PublicView):
    rate_limit = "catalog"

    @extend_schema(
        operation_id="preview_product",
        summary="A product as it will be, for whoever has the link of the staff",
        tags=["catalog"],
        responses={
            200: ProductDetailOutput,
            404: OpenApiResponse(description="Made up, too old, or archived."),
        },
        examples=[examples.PRODUCT_DETAIL],
    )
    def get(self, request: Request, token: str) -> HttpResponse:
        document = previews.detail(previews.product_of(token))
        headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
        body = with_media(request, document.encode())
        return HttpResponse(body, content_type="application/json", headers=headers)
