"""What programs with an API key do with orders. It shows nothing of the customer."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.programs import ProgramView, check_further_scope, program_of
from karima.fields import LineField
from orders.api.outputs import ShipmentOutput
from orders.models import Order
from payments.services import order_steps
from payments.services.order_steps import SETTABLE, Wanted

Status = Order.Status
# Beside the scope of the verb.
CANCEL = "orders:cancel"
NOTED = (Status.CANCELLED, Status.RETURNED)
CONFLICT = OpenApiResponse(description="The order's state does not allow it.")
MISSING = OpenApiResponse(description="There is no such order.")

PARCEL: dict[str, Any] = {"courier": "JNE", "tracking_number": "JP1234567890"}
SHIPPED_ANSWER: dict[str, Any] = {
    "number": "KRM-261123-7F3K9Q",
    "status": "shipped",
    "payment_status": "paid",
    "updated_at": "2026-11-24T03:12:44Z",
    "shipment": {**PARCEL, "shipped_at": "2026-11-24T03:12:44Z", "delivered_at": None},
}
SHIPPED = OpenApiExample("Shipped", SHIPPED_ANSWER, response_only=True)
SHIP = OpenApiExample("A parcel", PARCEL, request_only=True)
PACK = OpenApiExample("Begin to pack", {"status": "processing"}, request_only=True)


class ParcelInput(serializers.Serializer[Any]):
    courier = LineField(max_length=30)
    tracking_number = LineField(max_length=50)


class StatusInput(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=SETTABLE)
    courier = LineField(
        max_length=30, required=False, help_text="To be `shipped` takes both."
    )
    tracking_number = LineField(max_length=50, required=False)
    note = LineField(
        max_length=200,
        required=False,
        help_text="Why; wanted for `cancelled` and `returned`.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["status"] in NOTED and not attrs.get("note"):
            raise serializers.ValidationError(
                {"note": serializers.ErrorDetail("Tuliskan alasannya.", "required")}
            )
        return attrs


class OrderStateOutput(serializers.ModelSerializer[Order]):
    shipment = ShipmentOutput(allow_null=True)

    class Meta:
        model = Order
        fields: ClassVar = [
            "number",
            "status",
            "payment_status",
            "updated_at",
            "shipment",
        ]


class OrderStatusView(ProgramView):
    """The status of an order, for programs with an API key."""

    scopes: ClassVar = {"PUT": "orders:ship"}

    @extend_schema(
        operation_id="set_order_status",
        summary="Bring an order to its next status",
        description=(
            "Only by the steps that the staff may take. A status that the order has "
            "already is 200 again. `cancelled` wants the scope `orders:cancel` too."
        ),
        tags=["programs"],
        request=StatusInput,
        responses={200: OrderStateOutput, 404: MISSING, 409: CONFLICT},
        examples=[PACK, SHIPPED],
    )
    def put(self, request: Request, number: str) -> Response:
        body = StatusInput(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = Wanted(**body.validated_data)
        if wanted.status == Status.CANCELLED:
            check_further_scope(request, CANCEL)
        return _bring(request, number, wanted)


class OrderShipmentView(ProgramView):
    """The parcel of an order, for programs with an API key."""

    scopes: ClassVar = {"POST": "orders:ship"}

    @extend_schema(
        operation_id="ship_order",
        summary="Hand a packed order to the courier",
        description="The same parcel sent again is 200 again.",
        tags=["programs"],
        request=ParcelInput,
        responses={200: OrderStateOutput, 404: MISSING, 409: CONFLICT},
        examples=[SHIP, SHIPPED],
    )
    def post(self, request: Request, number: str) -> Response:
        body = ParcelInput(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = Wanted(status=Status.SHIPPED, **body.validated_data)
        return _bring(request, number, wanted)


def _bring(request: Request, number: str, wanted: Wanted) -> Response:
    order = order_steps.bring_to(number, wanted, actor=program_of(request))
    return Response(OrderStateOutput(order).data)
