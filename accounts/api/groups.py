"""The customer's group, and the application for another one."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import CarefulKratosAuthentication, customer_of
from accounts.models import CustomerGroup, ResellerApplication, User
from accounts.services import groups
from accounts.services.groups import Wish
from karima.fields import LineField

Code = CustomerGroup.Code
WANTED = [(code.value, code.label) for code in Code if code != Code.RETAIL]

WISH_BODY: dict[str, Any] = {
    "wanted_group": "reseller",
    "shop_name": "Hijab Cantik Bandung",
    "city": "Kota Bandung",
    "story": "Berjualan di pasar dan lewat WhatsApp sejak 2023.",
    "social_link": "https://www.instagram.com/hijabcantikbandung",
}
WISH = OpenApiExample("To be a reseller", WISH_BODY, request_only=True)
STANDING = OpenApiExample(
    "Not decided yet",
    {
        "group": "retail",
        "application": {
            "id": "019a0c5e-7a10-7c42-9d1f-3b8f5a6c2e12",
            "state": "open",
            **WISH_BODY,
            "reason": "",
            "created_at": "2026-11-23T05:00:10Z",
            "decided_at": None,
        },
    },
    response_only=True,
)


class ApplicationOutput(serializers.ModelSerializer[ResellerApplication]):
    wanted_group = serializers.CharField(source="wanted_group_id")

    class Meta:
        model = ResellerApplication
        fields: ClassVar = [
            "id",
            "state",
            "wanted_group",
            "shop_name",
            "city",
            "story",
            "social_link",
            "reason",
            "created_at",
            "decided_at",
        ]
        read_only_fields = fields


class StandingOutput(serializers.Serializer):
    """The group the customer is in, and their last application."""

    group = serializers.CharField()
    application = ApplicationOutput(allow_null=True)


class WishInput(serializers.Serializer):
    wanted_group = serializers.ChoiceField(choices=WANTED)
    shop_name = LineField(min_length=2, max_length=100)
    city = LineField(max_length=100)
    story = serializers.CharField(min_length=10, max_length=1000)
    social_link = serializers.URLField(
        max_length=200, required=False, allow_blank=True, help_text="http or https."
    )

    def validate_social_link(self, value: str) -> str:
        # Staff click on it; ftp and the like are no page of a shop.
        if value and not value.startswith(("https://", "http://")):
            raise serializers.ValidationError(
                "Tautan harus diawali https://.", code="invalid"
            )
        return value


class ResellerApplicationView(APIView):
    authentication_classes = (CarefulKratosAuthentication,)

    @extend_schema(
        operation_id="retrieve_reseller_application",
        summary="The customer's group and last application",
        description="`application` is null as long as there was none.",
        tags=["auth"],
        responses=StandingOutput,
        examples=[STANDING],
    )
    def get(self, request: Request) -> Response:
        customer = customer_of(request)
        return _standing(customer, groups.latest_application(customer))

    @extend_schema(
        operation_id="apply_as_reseller",
        summary="Apply to buy as reseller, agen or distributor",
        description="One at a time; the staff decide.",
        tags=["auth"],
        request=WishInput,
        responses={201: StandingOutput},
        examples=[WISH, STANDING],
    )
    def post(self, request: Request) -> Response:
        body = WishInput(data=request.data)
        body.is_valid(raise_exception=True)
        customer = customer_of(request)
        application = groups.apply(customer, wish=Wish(**body.validated_data))
        return _standing(customer, application, status=201)


def _standing(
    customer: User, application: ResellerApplication | None, *, status: int = 200
) -> Response:
    document = {"group": customer.group_id, "application": application}
    return Response(
        StandingOutput(document).data,
        status=status,
        headers={"Cache-Control": "no-store"},
    )
