"""The signed-in customer: who they are, and what they may change themselves."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import CarefulKratosAuthentication, customer_of
from accounts.models import User
from accounts.services import profiles
from karima.fields import LineField, PhoneField

ME_BODY: dict[str, Any] = {
    "id": "019a0c5e-7a10-7c42-9d1f-3b8f5a6c2e10",
    "email": "aisyah@karima.example",
    "email_verified": True,
    "full_name": "Aisyah Putri",
    "phone": "+6281234567801",
    "group": "retail",
    "created_at": "2026-11-23T05:00:10Z",
}
ME = OpenApiExample("Aisyah", ME_BODY, response_only=True)
CHANGE = OpenApiExample("A new number", {"phone": "0812-3456-7801"}, request_only=True)


class MeOutput(serializers.ModelSerializer[User]):
    group = serializers.CharField(source="group_id")
    created_at = serializers.DateTimeField(source="date_joined")

    class Meta:
        model = User
        fields: ClassVar = [
            "id",
            "email",
            "email_verified",
            "full_name",
            "phone",
            "group",
            "created_at",
        ]
        read_only_fields = fields


class MeInput(serializers.Serializer):
    """What is left out stays as it is; an empty `phone` takes the number away."""

    full_name = LineField(min_length=2, max_length=100, required=False)
    phone = PhoneField(max_length=30, required=False, allow_blank=True)


class MeView(APIView):
    """The signed-in customer, as Kratos describes them."""

    authentication_classes = (CarefulKratosAuthentication,)

    @extend_schema(
        operation_id="retrieve_me",
        summary="The signed-in customer",
        tags=["auth"],
        responses=MeOutput,
        examples=[ME],
    )
    def get(self, request: Request) -> Response:
        return _me(customer_of(request))

    @extend_schema(
        operation_id="change_me",
        summary="Change one's name or telephone",
        description=(
            "Kept at Kratos, which owns them. The e-mail is changed on the settings "
            "page of the sign-in host, which has it verified."
        ),
        tags=["auth"],
        request=MeInput,
        responses=MeOutput,
        examples=[CHANGE, ME],
    )
    def patch(self, request: Request) -> Response:
        body = MeInput(data=request.data)
        body.is_valid(raise_exception=True)
        user = profiles.change_profile(customer_of(request), **body.validated_data)
        return _me(user)


@extend_schema(exclude=True)
class FormerMeView(MeView):
    """The same answers at the address of the shop's earlier back end."""


def _me(user: User) -> Response:
    return Response(MeOutput(user).data, headers={"Cache-Control": "no-store"})
