"""A copy of one's data, and its erasure: for the customer alone, signed in just now."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts.api.authentication import (
    FreshKratosAuthentication,
    RecentKratosAuthentication,
    customer_of,
)
from accounts.models import PrivacyRequest
from payments.services import privacy_erasure, privacy_export

EXPORT_BODY: dict[str, Any] = {
    "id": "019a0c5e-7a10-7c42-9d1f-3b8f5a6c2e12",
    "state": "running",
    "step": "orders",
    "percent": 41,
    "requested_at": "2026-11-23T05:00:10Z",
    "due_at": "2026-11-26T05:00:10Z",
    "finished_at": None,
    "available_until": None,
    "download_url": None,
}
ERASURE_BODY: dict[str, Any] = {
    "id": "019a0c5e-7a10-7c42-9d1f-3b8f5a6c2e13",
    "state": "waiting",
    "step": "",
    "percent": 0,
    "requested_at": "2026-11-23T05:00:10Z",
    "due_at": "2026-11-26T05:00:10Z",
    "finished_at": None,
    "legal_basis": (
        "UU 27/2022 Pasal 8 dan 43: penghapusan. Catatan transaksi tanpa data pribadi "
        "disimpan 10 tahun: UU KUP Pasal 28 ayat (11), PP 80/2019 Pasal 25."
    ),
}
EXPORT = OpenApiExample("Under way", EXPORT_BODY, response_only=True)
ERASURE = OpenApiExample("Accepted", ERASURE_BODY, response_only=True)
CONFIRM = OpenApiExample("Confirmed", {"confirm": True}, request_only=True)


class ZipRenderer(BaseRenderer):
    """Lets a client ask for `application/zip`; the file is never rendered."""

    media_type = "application/zip"
    format = "zip"


class ErasureInput(serializers.Serializer):
    confirm = serializers.BooleanField()

    def validate_confirm(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError(
                "Setujui penghapusan data untuk melanjutkan.", code="not_confirmed"
            )
        return value


class ExportOutput(serializers.ModelSerializer[PrivacyRequest]):
    download_url = serializers.SerializerMethodField()

    class Meta:
        model = PrivacyRequest
        fields: ClassVar = [
            "id",
            "state",
            "step",
            "percent",
            "requested_at",
            "due_at",
            "finished_at",
            "available_until",
            "download_url",
        ]

    def get_download_url(self, export: PrivacyRequest) -> str | None:
        if export.state != PrivacyRequest.State.DONE:
            return None
        args = {"request_id": export.pk}
        return reverse("export-download", kwargs=args, request=self.context["request"])


class ErasureOutput(serializers.ModelSerializer[PrivacyRequest]):
    class Meta:
        model = PrivacyRequest
        fields: ClassVar = [
            "id",
            "state",
            "step",
            "percent",
            "requested_at",
            "due_at",
            "finished_at",
            "legal_basis",
        ]


class ExportRequestView(APIView):
    authentication_classes = (RecentKratosAuthentication,)

    @extend_schema(
        operation_id="request_export",
        summary="Ask for a copy of all that the shop holds about oneself",
        description=(
            "Needs a recent sign-in (403 `reauthentication_required` says where). One "
            "at a time. Ready within minutes; the law allows until `due_at`."
        ),
        tags=["privacy"],
        request=None,
        responses={202: ExportOutput},
        examples=[EXPORT],
    )
    def post(self, request: Request) -> Response:
        export = privacy_export.request_export(customer_of(request))
        response = _export(request, export, status=202)
        args = {"request_id": export.pk}
        response["Location"] = reverse("export", kwargs=args, request=request)
        return response


class ExportView(APIView):
    @extend_schema(
        operation_id="retrieve_export",
        summary="How far the copy is; read it every few seconds",
        tags=["privacy"],
        responses=ExportOutput,
        examples=[EXPORT],
    )
    def get(self, request: Request, request_id: UUID) -> Response:
        customer = customer_of(request)
        export = privacy_export.find_export(customer, request_id=request_id)
        return _export(request, export)


class ExportDownloadView(APIView):
    authentication_classes = (FreshKratosAuthentication,)
    renderer_classes = (JSONRenderer, ZipRenderer)

    @extend_schema(
        operation_id="download_export",
        summary="The copy as a ZIP, for seven days",
        description="Holds `data.json`, `orders.csv` and `README.txt`.",
        tags=["privacy"],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, request_id: UUID) -> FileResponse:
        customer = customer_of(request)
        archive = privacy_export.open_export(customer, request_id=request_id)
        return FileResponse(
            archive,
            as_attachment=True,
            filename="karima-data.zip",
            content_type="application/zip",
        )


class ErasureView(APIView):
    authentication_classes = (RecentKratosAuthentication,)

    @extend_schema(
        operation_id="request_erasure",
        summary="Have one's account closed and one's data erased",
        description=(
            "The account is closed at once and cannot be opened again. Refused with "
            "409 `erasure_blocked` while an order, payment or refund is under way; "
            "`errors` names each by `order_number`. Needs a recent sign-in."
        ),
        tags=["privacy"],
        request=ErasureInput,
        responses={202: ErasureOutput},
        examples=[CONFIRM, ERASURE],
    )
    def post(self, request: Request) -> Response:
        body = ErasureInput(data=request.data)
        body.is_valid(raise_exception=True)
        erasure = privacy_erasure.request_erasure(customer_of(request))
        return Response(ErasureOutput(erasure).data, status=202)


def _export(request: Request, export: PrivacyRequest, *, status: int = 200) -> Response:
    document = ExportOutput(export, context={"request": request}).data
    return Response(document, status=status)
