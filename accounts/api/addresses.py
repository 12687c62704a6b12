"""The customer's addresses."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import CarefulKratosAuthentication, customer_of
from accounts.models import Address
from accounts.services import addresses
from accounts.services.addresses import AddressDetails
from karima.api import PagePagination
from karima.fields import LineField, PhoneField

DETAILS_BODY: dict[str, Any] = {
    "label": "Rumah",
    "receiver_name": "Aisyah Putri",
    "phone": "+6281234567801",
    "province": "Jawa Barat",
    "city": "Kota Bandung",
    "district": "Coblong",
    "subdistrict": "Dago",
    "postal_code": "40135",
    "detail": "Jl. Ir. H. Juanda No. 100",
    "rt_rw": "02/05",
    "landmark": "Seberang masjid, pagar hijau",
}
ADDRESS = OpenApiExample(
    "At home",
    {
        "id": "019a0c5e-7a10-7c42-9d1f-3b8f5a6c2e11",
        **DETAILS_BODY,
        "is_default": True,
    },
    response_only=True,
)
NEW = OpenApiExample(
    "At home", {**DETAILS_BODY, "phone": "0812-3456-7801"}, request_only=True
)
CHANGE = OpenApiExample(
    "Another landmark", {"landmark": "Sebelah warung Bu Tini"}, request_only=True
)
NO_STORE = {"Cache-Control": "no-store"}


class KeptAddressOutput(serializers.ModelSerializer[Address]):
    class Meta:
        model = Address
        fields: ClassVar = [
            "id",
            "label",
            "receiver_name",
            "phone",
            "province",
            "city",
            "district",
            "subdistrict",
            "postal_code",
            "detail",
            "rt_rw",
            "landmark",
            "is_default",
        ]
        read_only_fields = fields


class AddressChangeInput(serializers.Serializer):
    """An Indonesian address in words; `city` keeps "Kota" or "Kabupaten"."""

    label = LineField(  # type: ignore[assignment]  # Hides Field.label; unused here.
        max_length=50, allow_blank=True, required=False
    )
    receiver_name = LineField(min_length=2, max_length=100)
    phone = PhoneField(max_length=30)
    province = LineField(max_length=100)
    city = LineField(max_length=100)
    district = LineField(max_length=100, help_text="Kecamatan.")
    subdistrict = LineField(max_length=100, help_text="Kelurahan or desa.")
    postal_code = serializers.RegexField(
        r"^[1-9][0-9]{4}$",
        error_messages={"invalid": "Kode pos terdiri dari 5 angka."},
    )
    detail = LineField(
        min_length=5, max_length=300, help_text="Street and house number."
    )
    rt_rw = serializers.RegexField(
        r"^[0-9]{1,3}/[0-9]{1,3}$",
        required=False,
        allow_blank=True,
        error_messages={"invalid": "Tulis RT/RW seperti 02/05."},
    )
    landmark = LineField(
        max_length=150, allow_blank=True, required=False, help_text="Patokan."
    )


class AddressInput(AddressChangeInput):
    is_default = serializers.BooleanField(default=False)


class AddressListView(APIView):
    authentication_classes = (CarefulKratosAuthentication,)
    pagination_class = PagePagination

    @extend_schema(
        operation_id="list_addresses",
        summary="The customer's addresses, the default first",
        tags=["addresses"],
        responses=KeptAddressOutput(many=True),
        examples=[ADDRESS],
    )
    def get(self, request: Request) -> Response:
        pages = self.pagination_class()
        found = Address.objects.filter(customer=customer_of(request))
        rows = pages.paginate_queryset(found, request, self)
        response = pages.get_paginated_response(KeptAddressOutput(rows, many=True).data)
        response["Cache-Control"] = "no-store"
        return response

    @extend_schema(
        operation_id="add_address",
        summary="Keep an address; the first one becomes the default",
        description="At most 20.",
        tags=["addresses"],
        request=AddressInput,
        responses={201: KeptAddressOutput},
        examples=[NEW, ADDRESS],
    )
    def post(self, request: Request) -> Response:
        body = AddressInput(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = dict(body.validated_data)
        is_default = wanted.pop("is_default")
        address = addresses.add(
            customer_of(request),
            details=AddressDetails(**wanted),
            is_default=is_default,
        )
        place = request.build_absolute_uri(f"/api/v1/addresses/{address.pk}")
        return Response(
            KeptAddressOutput(address).data,
            status=201,
            headers={**NO_STORE, "Location": place},
        )


class AddressView(APIView):
    authentication_classes = (CarefulKratosAuthentication,)

    @extend_schema(
        operation_id="retrieve_address",
        summary="One address of the customer; another's is not found",
        tags=["addresses"],
        responses=KeptAddressOutput,
        examples=[ADDRESS],
    )
    def get(self, request: Request, address_id: UUID) -> Response:
        return _address(addresses.find(customer_of(request), address_id=address_id))

    @extend_schema(
        operation_id="change_address",
        summary="Change an address; orders that were placed keep the old one",
        tags=["addresses"],
        request=AddressChangeInput(partial=True),
        responses=KeptAddressOutput,
        examples=[CHANGE, ADDRESS],
    )
    def patch(self, request: Request, address_id: UUID) -> Response:
        body = AddressChangeInput(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        address = addresses.change(
            customer_of(request), address_id=address_id, **body.validated_data
        )
        return _address(address)

    @extend_schema(
        operation_id="remove_address",
        summary="Delete an address",
        description="After the default, the newest of the others becomes the default.",
        tags=["addresses"],
        responses={204: None},
    )
    def delete(self, request: Request, address_id: UUID) -> Response:
        addresses.remove(customer_of(request), address_id=address_id)
        return Response(status=204)


class DefaultAddressView(APIView):
    authentication_classes = (CarefulKratosAuthentication,)

    @extend_schema(
        operation_id="make_address_default",
        summary="Make an address the default",
        tags=["addresses"],
        request=None,
        responses=KeptAddressOutput,
        examples=[ADDRESS],
    )
    def post(self, request: Request, address_id: UUID) -> Response:
        customer = customer_of(request)
        return _address(addresses.set_default(customer, address_id=address_id))


def _address(address: Address) -> Response:
    return Response(KeptAddressOutput(address).data, headers=NO_STORE)
