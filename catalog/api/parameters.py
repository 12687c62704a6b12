"""Read the query of the list page strictly: what is not understood is refused."""

from typing import Any

from django.http import QueryDict
from rest_framework import serializers

from catalog.services.search import ProductSearch

# What campaigns append to links; a storefront may pass them on unread.
TRACKING_PREFIX = "utm_"
TRACKING = frozenset({"fbclid", "gclid"})
# Read by the pagination.
PAGING = frozenset({"page", "limit"})

# Above any price, and below where JavaScript's numbers stop being exact.
MAX_PRICE = 10**12


class ProductListParameters(serializers.Serializer[ProductSearch]):
    """The filters and the order of the product list."""

    q = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=80,
        help_text="Words that name, SKU, material or description must all contain.",
    )
    category = serializers.SlugField(
        required=False,
        max_length=80,
        help_text="Slug of a category; everything below it is included.",
    )
    collection = serializers.SlugField(
        required=False,
        max_length=80,
        help_text="Slug of a collection that is shown now.",
    )
    min_price = serializers.IntegerField(
        required=False, min_value=0, max_value=MAX_PRICE, help_text="Whole rupiah."
    )
    max_price = serializers.IntegerField(
        required=False, min_value=0, max_value=MAX_PRICE, help_text="Whole rupiah."
    )
    in_stock = serializers.BooleanField(
        required=False,
        help_text="`true`: only products with a variant left. `false`: no filter.",
    )
    busui = serializers.BooleanField(
        required=False, help_text="`true`: only nursing-friendly products."
    )
    wudhu = serializers.BooleanField(
        required=False, help_text="`true`: only products with sleeves open for wudhu."
    )
    sort = serializers.ChoiceField(
        required=False,
        choices=[
            ("newest", "newest first"),
            ("price", "cheapest first"),
            ("-price", "dearest first"),
            ("name", "by name"),
        ],
        help_text=(
            "Without it: a collection made by hand in its own order, all else newest "
            "first."
        ),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        low, high = attrs.get("min_price"), attrs.get("max_price")
        if low is not None and high is not None and low > high:
            raise _refusal("max_price", "Isi sama dengan atau di atas min_price.")
        return attrs


def read_search(query: QueryDict) -> ProductSearch:
    """Return what the query asks for. Raises ValidationError naming the parameter."""
    known = ProductListParameters().fields.keys() | PAGING
    for name, values in query.lists():
        if name not in known and not _is_tracking(name):
            raise _refusal(name, "Parameter ini tidak dikenal.", "unknown_parameter")
        if len(values) > 1:
            raise _refusal(name, "Parameter ini hanya boleh satu kali.", "repeated")
    given = {name: query[name] for name in query if name not in PAGING}
    parameters = ProductListParameters(data=given)
    parameters.is_valid(raise_exception=True)
    return ProductSearch(**parameters.validated_data)


def _is_tracking(name: str) -> bool:
    return name.startswith(TRACKING_PREFIX) or name in TRACKING


def _refusal(
    field: str, message: str, code: str = "invalid"
) -> serializers.ValidationError:
    return serializers.ValidationError(
        {field: [serializers.ErrorDetail(message, code=code)]}
    )
