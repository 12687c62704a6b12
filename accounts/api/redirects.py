"""Addresses to send a browser to, in order to sign in or to register."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.clients import kratos_flows
from accounts.services import return_addresses
from karima.api import PublicView

RETURN_TO = OpenApiParameter(
    "return_to",
    str,
    description="Where to go afterwards; ignored unless it is one of the shop's hosts.",
)


class LoginPageView(PublicView):
    """Send the browser to Kratos, which begins a flow and shows the sign-in page."""

    @extend_schema(
        operation_id="open_login",
        summary="Send the browser to sign in",
        tags=["auth"],
        parameters=[RETURN_TO],
        responses={303: None},
    )
    def get(self, request: Request) -> Response:
        return see_other(_flow("login", request))


class RegistrationPageView(PublicView):
    @extend_schema(
        operation_id="open_registration",
        summary="Send the browser to register",
        tags=["auth"],
        parameters=[RETURN_TO],
        responses={303: None},
    )
    def get(self, request: Request) -> Response:
        return see_other(_flow("registration", request))


def _flow(kind: str, request: Request) -> str:
    return_to = return_addresses.allowed(request.query_params.get("return_to", ""))
    return kratos_flows.begin_url(kind, return_to=return_to)


def see_other(address: str) -> Response:
    """Return the answer that sends a browser elsewhere, to read there."""
    headers = {"Location": address, "Cache-Control": "no-store"}
    return Response(status=303, headers=headers)
