"""What the order endpoints accept."""

from typing import Any

from rest_framework import serializers

from karima.fields import PhoneField
from orders.services.cart import MAX_QUANTITY


class StrictIntegerField(serializers.IntegerField):
    """A JSON number without a fraction; `"2"`, `2.0` and `true` are refused."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class CartItemInput(serializers.Serializer):
    """A variant by id or by SKU, or a bundle by its slug, and how many to add."""

    variant_id = StrictIntegerField(required=False, min_value=1, max_value=2**63 - 1)
    sku = serializers.CharField(required=False, max_length=40)
    bundle = serializers.SlugField(required=False, max_length=140)
    quantity = StrictIntegerField(default=1, min_value=1, max_value=MAX_QUANTITY)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs.keys() & {"variant_id", "sku", "bundle"}) != 1:
            raise serializers.ValidationError(
                "Sebutkan salah satu: variant_id, sku, atau bundle.",
                code="variant_required",
            )
        return attrs


class CartQuantityInput(serializers.Serializer):
    """A line's new quantity; zero removes the line."""

    quantity = StrictIntegerField(min_value=0, max_value=MAX_QUANTITY)


class ContactInput(serializers.Serializer):
    name = serializers.CharField(min_length=2, max_length=100)
    email = serializers.EmailField(max_length=254)
    phone = PhoneField(max_length=30)


class ShippingAddressInput(serializers.Serializer):
    """An Indonesian address down to the kelurahan; `detail` is street and RT/RW."""

    receiver_name = serializers.CharField(min_length=2, max_length=100)
    phone = PhoneField(max_length=30)
    province = serializers.CharField(max_length=100)
    city = serializers.CharField(max_length=100)
    district = serializers.CharField(max_length=100)
    subdistrict = serializers.CharField(max_length=100)
    postal_code = serializers.RegexField(
        r"^[1-9][0-9]{4}$",
        error_messages={"invalid": "Kode pos terdiri dari 5 angka."},
    )
    detail = serializers.CharField(min_length=5, max_length=500)


class CheckoutInput(serializers.Serializer):
    contact = ContactInput()
    shipping_address = ShippingAddressInput(required=False)
    address_id = serializers.UUIDField(
        required=False, help_text="One of the customer's addresses instead."
    )
    notes = serializers.CharField(max_length=500, allow_blank=True, default="")
    expected_total = StrictIntegerField(required=False, min_value=0)
    accept_terms = serializers.BooleanField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("shipping_address" in attrs) == ("address_id" in attrs):
            raise serializers.ValidationError(
                {
                    "shipping_address": serializers.ErrorDetail(
                        "Sebutkan salah satu: shipping_address atau address_id.",
                        code="address_required",
                    )
                }
            )
        return attrs

    def validate_accept_terms(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError(
                "Setujui syarat dan ketentuan untuk memesan.", code="terms_not_accepted"
            )
        return value
