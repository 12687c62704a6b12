"""What the customer agreed to: read it, grant it, take it back."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import CarefulKratosAuthentication, customer_of
from accounts.models import Consent, User
from accounts.services import consents
from karima.client_address import client_address

Purpose = Consent.Purpose
# Terms are accepted with an order, and hold for it.
ANSWERABLE = (Purpose.MARKETING_EMAIL, Purpose.MARKETING_WHATSAPP)
NO_STORE = {"Cache-Control": "no-store"}

WHATSAPP_BODY: dict[str, Any] = {
    "purpose": "marketing_whatsapp",
    "granted": True,
    "text": consents.TEXTS[Purpose.MARKETING_WHATSAPP],
    "text_version": "2026-11",
    "history": [
        {
            "granted": True,
            "source": "account",
            "text_version": "2026-11",
            "at": "2026-11-23T05:00:10Z",
        }
    ],
}
CONSENTS = OpenApiExample(
    "Agrees to WhatsApp", {"consents": [WHATSAPP_BODY]}, response_only=True
)
WITHDRAW = OpenApiExample(
    "Take it back", {"purpose": "marketing_whatsapp", "granted": False},
    request_only=True,
)  # fmt: skip


class ConsentInput(serializers.Serializer):
    purpose = serializers.ChoiceField(choices=[(p.value, p.label) for p in ANSWERABLE])
    granted = serializers.BooleanField()


class ConsentAnswerOutput(serializers.ModelSerializer[Consent]):
    at = serializers.DateTimeField(source="created_at")

    class Meta:
        model = Consent
        fields: ClassVar = ["granted", "source", "text_version", "at"]


class ConsentOutput(serializers.Serializer):
    purpose = serializers.ChoiceField(choices=Purpose.choices)
    granted = serializers.BooleanField()
    text = serializers.CharField(help_text="Show this beside the box to tick.")
    text_version = serializers.CharField()
    history = ConsentAnswerOutput(many=True)


class ConsentsOutput(serializers.Serializer):
    consents = ConsentOutput(many=True)


class ConsentsView(APIView):
    authentication_classes = (CarefulKratosAuthentication,)

    @extend_schema(
        operation_id="list_consents",
        summary="What the customer agrees to, with every earlier answer",
        tags=["privacy"],
        responses=ConsentsOutput,
        examples=[CONSENTS],
    )
    def get(self, request: Request) -> Response:
        return _consents(customer_of(request))

    @extend_schema(
        operation_id="answer_consent",
        summary="Agree to a purpose, or take it back at once",
        description="Terms are accepted with an order and cannot be answered here.",
        tags=["privacy"],
        request=ConsentInput,
        responses=ConsentsOutput,
        examples=[WITHDRAW, CONSENTS],
    )
    def post(self, request: Request) -> Response:
        body = ConsentInput(data=request.data)
        body.is_valid(raise_exception=True)
        customer = customer_of(request)
        address = client_address(request._request)
        consents.answer(customer, ip=address, **body.validated_data)
        return _consents(customer)


def _consents(customer: User) -> Response:
    document = {"consents": consents.standings(customer)}
    return Response(ConsentsOutput(document).data, headers=NO_STORE)
