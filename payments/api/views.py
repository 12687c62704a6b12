"""Checkout, payment, and the door where the gateway knocks."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import FreshKratosAuthentication, customer_of
from karima.api import PublicView
from karima.client_address import client_address
from orders.api.inputs import CheckoutInput
from orders.api.outputs import OrderOutput
from orders.api.views import find_order, shopper_of
from orders.services import checkout, idempotency
from orders.services.checkout import Checkout, Contact, ShippingAddress
from payments.api import examples
from payments.api.inputs import NotificationInput
from payments.api.outputs import (
    AcknowledgementOutput,
    CheckoutOutput,
    PaymentOutput,
    payment_document,
)
from payments.models import PaymentAttempt
from payments.services import charges, notifications, reconciliation
from payments.services.charges import PaymentNotFound

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="16 to 255 visible ASCII characters, new for every order; a UUID fits.",
)
CART_TOKEN = OpenApiParameter("X-Cart-Token", str, OpenApiParameter.HEADER)


class CheckoutView(APIView):
    rate_limit = "checkout"
    authentication_classes = (FreshKratosAuthentication,)

    @extend_schema(
        operation_id="checkout",
        summary="Order the cart and open its payment",
        description=(
            "Sent again with the same key and body it answers with the same order and "
            "`Idempotency-Replayed: true`. The order stands even while the payment "
            "gateway is out of reach: `payment.state` is `creating` then."
        ),
        tags=["checkout"],
        parameters=[IDEMPOTENCY_KEY, CART_TOKEN],
        request=CheckoutInput,
        responses={201: CheckoutOutput},
        examples=[
            examples.CHECKOUT,
            examples.CHECKOUT_TO_KEPT_ADDRESS,
            examples.PLACED,
        ],
    )
    def post(self, request: Request) -> Response:
        body = CheckoutInput(data=request.data)
        body.is_valid(raise_exception=True)
        keyed = idempotency.keyed_request(
            request.headers.get("Idempotency-Key", ""),
            scope=f"checkout:{request.user.pk}",
            body=body.validated_data,
        )
        placed = checkout.place_order(
            _checkout(request, body.validated_data), request=keyed
        )
        attempt = charges.offer_payment(placed.order.number)
        return self._answer(request, placed.order.number, attempt, placed.replayed)

    def _answer(
        self,
        request: Request,
        number: str,
        attempt: PaymentAttempt | None,
        replayed: bool,
    ) -> Response:
        order = find_order(request, number)
        document = {
            "order": OrderOutput(order, context={"request": request}).data,
            "payment": attempt and PaymentOutput(payment_document(attempt)).data,
        }
        location = request.build_absolute_uri(f"/api/v1/orders/{number}")
        headers = {"Location": location}
        if replayed:
            headers["Idempotency-Replayed"] = "true"
        return Response(document, status=201, headers=headers)


class PaymentView(APIView):
    @extend_schema(
        operation_id="retrieve_payment",
        summary="How the payment of an order stands",
        description=(
            "For the page that customers come back to: while a payment is open, "
            "Midtrans is asked at most every 15 seconds, so that its notification "
            "need not be waited for."
        ),
        tags=["checkout"],
        responses=PaymentOutput,
        examples=[examples.PAYMENT],
    )
    def get(self, request: Request, number: str) -> Response:
        order = find_order(request, number)
        attempt = charges.latest_attempt(order.number)
        if attempt is None:
            raise PaymentNotFound()
        reconciliation.refresh(attempt)
        return _payment(charges.latest_attempt(order.number) or attempt)


class PayView(APIView):
    rate_limit = "payment"
    authentication_classes = (FreshKratosAuthentication,)

    @extend_schema(
        operation_id="pay_order",
        summary="Get the page to pay an order on, again or for the first time",
        description="The page that is open, or a new one. Safe to repeat.",
        tags=["checkout"],
        request=None,
        responses=PaymentOutput,
        examples=[examples.PAYMENT],
    )
    def post(self, request: Request, number: str) -> Response:
        order = find_order(request, number)
        return _payment(charges.start_payment(order.number))


class MidtransNotificationView(PublicView):
    """Answer 200 to whatever is understood, so that Midtrans stops sending it.

    The raw bytes are read, not the parsed body: the digest and the signature are of
    what was sent. Midtrans follows no redirect, and a browser never comes here.
    """

    origin_exempt = True
    rate_limit = "webhook"
    parser_classes = ()

    @extend_schema(
        operation_id="receive_midtrans_notification",
        summary="Midtrans tells how a payment stands",
        description=(
            "Signed by Midtrans with the server key. 200: understood, also when "
            "nothing follows from it; 400 or 403: not a genuine notification; 503: "
            "send it again later. Further fields depend on the payment type."
        ),
        tags=["webhooks"],
        auth=[],
        request=NotificationInput,
        responses=AcknowledgementOutput,
        examples=[examples.NOTIFICATION],
    )
    def post(self, request: Request) -> Response:
        notifications.receive(request._request.body)
        return Response({"status": "ok"})


@extend_schema(exclude=True)
class FormerNotificationView(MidtransNotificationView):
    """The same door at the addresses that earlier back ends gave to Midtrans."""


def _payment(attempt: PaymentAttempt) -> Response:
    return Response(PaymentOutput(payment_document(attempt)).data)


def _checkout(request: Request, body: dict[str, Any]) -> Checkout:
    shopper = shopper_of(request)
    contact = body["contact"]
    return Checkout(
        customer=customer_of(request),
        cart_token=shopper.token,
        contact=Contact(
            name=contact["name"], email=contact["email"], phone=contact["phone"]
        ),
        address=body.get("address_id") or _shipping_address(body["shipping_address"]),
        notes=body["notes"],
        expected_total=body.get("expected_total"),
        ip=client_address(request._request),
    )


def _shipping_address(address: dict[str, Any]) -> ShippingAddress:
    return ShippingAddress(
        receiver_name=address["receiver_name"],
        receiver_phone=address["phone"],
        province=address["province"],
        city=address["city"],
        district=address["district"],
        subdistrict=address["subdistrict"],
        postal_code=address["postal_code"],
        address_detail=address["detail"],
    )
