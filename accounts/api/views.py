from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import KratosAuthentication, customer_of
from accounts.api.schema import ME_EXAMPLE
from accounts.api.serializers import MeOutput


class MeView(APIView):
    """The signed-in customer, as Kratos describes them."""

    authentication_classes = (KratosAuthentication,)
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="retrieve_me",
        summary="The signed-in customer",
        tags=["auth"],
        responses=MeOutput,
        examples=[ME_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        response = Response(MeOutput(customer_of(request)).data)
        response["Cache-Control"] = "no-store"
        return response


@extend_schema(exclude=True)
class FormerMeView(MeView):
    """The same answer at the address of the shop's earlier back end."""
