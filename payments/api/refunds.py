"""Refunds for programs with an API key. Bank accounts are for the admin alone."""

import hashlib
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.programs import ProgramView, check_further_scope, program_of
from karima.fields import LineField
from orders.services import idempotency
from payments.api.views import IDEMPOTENCY_KEY
from payments.models import Refund
from payments.services import refund_sending, refunds
from payments.services.refunds import Wish

# Beside the scope of the verb, for `cancel_order`.
CANCEL = "orders:cancel"
CONFLICT = OpenApiResponse(description="Nothing is left, or not in this way.")
MISSING = OpenApiResponse(description="There is no such order.")
ASKED: dict[str, Any] = {"amount": 50_000, "reason": "Ukuran M habis"}
MADE: dict[str, Any] = {
    "refunds": [
        {
            "id": "019a0c5e-7a10-7c42-9d1f-3b8f5a6c2e11",
            "kind": "gateway",
            "state": "confirmed",
            "amount": 50_000,
            "refund_key": "KRM-261123-7F3K9Q-R01",
            "failure": "",
        }
    ]
}


class RefundInput(serializers.Serializer[Any]):
    amount = serializers.IntegerField(
        min_value=1,
        max_value=10**12,
        required=False,
        help_text="In rupiah; all that is left when it is not there.",
    )
    reason = LineField(max_length=200, help_text="Some customers' wallets show it.")
    transaction_id = LineField(
        max_length=64,
        required=False,
        help_text="Of Midtrans; wanted for an order that was paid more than once.",
    )
    by_transfer = serializers.BooleanField(
        default=False, help_text="By the shop's bank where Midtrans could do it, too."
    )
    cancel_order = serializers.BooleanField(
        default=False,
        help_text="Cancels a paid order that has not left, and gives all money back.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["cancel_order"] and (attrs.get("amount") or attrs["by_transfer"]):
            text = "Pembatalan mengembalikan semuanya; jangan sertakan ini."
            raise serializers.ValidationError({"cancel_order": text})
        return attrs


class RefundOutput(serializers.ModelSerializer[Refund]):
    class Meta:
        model = Refund
        fields: ClassVar = ["id", "kind", "state", "amount", "refund_key", "failure"]


class RefundsOutput(serializers.Serializer[Any]):
    refunds = RefundOutput(many=True)


class OrderRefundView(ProgramView):
    """Money back, for programs with an API key."""

    scopes: ClassVar = {"POST": "orders:refund"}

    @extend_schema(
        operation_id="refund_order",
        summary="Give money of an order back",
        description=(
            "`waiting`: a member of the staff has to approve it; `requested` and "
            "`manual`: finance transfers it; `requested` otherwise: Midtrans has not "
            "answered, and the shop goes on by itself; `denied`: nothing went. "
            "`cancel_order` wants the scope `orders:cancel` too. Sent again with the "
            "same key it makes no second refund."
        ),
        tags=["programs"],
        parameters=[IDEMPOTENCY_KEY],
        request=RefundInput,
        responses={201: RefundsOutput, 404: MISSING, 409: CONFLICT},
        examples=[
            OpenApiExample("A part", ASKED, request_only=True),
            OpenApiExample(
                "Given back", MADE, response_only=True, status_codes=["201"]
            ),
        ],
    )
    def post(self, request: Request, number: str) -> Response:
        body = RefundInput(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        cancels = wanted.pop("cancel_order")
        if cancels:
            check_further_scope(request, CANCEL)
        actor = program_of(request)
        keyed = idempotency.keyed_request(
            request.headers.get("Idempotency-Key", ""),
            scope=f"refund:{actor.pk}",
            body={**wanted, "order": number, "cancel_order": cancels},
        )
        # As a digest, since scope and key together may be longer than the column.
        key = hashlib.sha256(keyed.key.encode()).hexdigest()
        wish = Wish(
            request_key=f"{keyed.scope}:{key}",
            request_fingerprint=keyed.fingerprint,
            **wanted,
        )
        if cancels:
            made = refunds.cancel_and_refund(number, wish, actor=actor)
        else:
            made = [refunds.request_refund(number, wish, actor=actor)]
        for refund in made:
            refund_sending.send(refund.pk)
            refund.refresh_from_db()
        return Response(RefundsOutput({"refunds": made}).data, status=201)
