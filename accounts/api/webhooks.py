"""The door where Kratos knocks when somebody has registered."""

from django.conf import settings
from django.http import Http404
from django.utils.crypto import constant_time_compare
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services import registrations
from karima.api import PublicView

REGISTERED = OpenApiExample(
    "Somebody has registered",
    {
        "event": "identity.registered",
        "identity_id": "9f425a8d-7efc-4768-8f23-7647a74fdf13",
    },
    request_only=True,
)
NOTED = OpenApiExample("Noted", {"status": "ok"}, response_only=True)


class WebhookKeyInvalid(AuthenticationFailed):
    default_code = "webhook_key_invalid"
    default_detail = "Kunci webhook tidak benar."


class IdentityEventInput(serializers.Serializer):
    """Further members are ignored, as is everything but the id."""

    identity_id = serializers.UUIDField()


class NotedOutput(serializers.Serializer):
    status = serializers.CharField()


class KratosWebhookView(PublicView):
    """Kratos sends no cookie and no Origin; the key decides."""

    origin_exempt = True
    rate_limit = "webhook"

    def get_authenticate_header(self, request: Request) -> str:
        """Name the challenge; without it, DRF turns 401 into 403."""
        return "Bearer"

    @extend_schema(
        operation_id="receive_kratos_event",
        summary="Kratos tells that an identity is new or has changed",
        description=(
            "Authenticated by `Authorization: Bearer` with `KRATOS_WEBHOOK_KEY`; 404 "
            "while none is set. The body is a hint, the identity is read again from "
            "Kratos. Safe to repeat; 503: send it again later."
        ),
        tags=["webhooks"],
        auth=[],
        request=IdentityEventInput,
        responses=NotedOutput,
        examples=[REGISTERED, NOTED],
    )
    def post(self, request: Request) -> Response:
        _check_key(request)
        body = IdentityEventInput(data=request.data)
        body.is_valid(raise_exception=True)
        registrations.note(body.validated_data["identity_id"])
        return Response({"status": "ok"})


def _check_key(request: Request) -> None:
    if not settings.KRATOS_WEBHOOK_KEY:
        raise Http404
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    right = constant_time_compare(key, settings.KRATOS_WEBHOOK_KEY)
    if scheme.lower() != "bearer" or not right:
        raise WebhookKeyInvalid
