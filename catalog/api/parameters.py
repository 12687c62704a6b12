"""Read the query of the list page strictly: what is not understood is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.http import QueryDict
from rest_framework import serializers

from catalog.api.serializers import ProductCardOutput
from catalog.services import filters
from catalog.services.search import RELEVANCE, SORTS, ProductSearch

# What campaigns append to links; a storefront may pass them on unread.
TRACKING_PREFIX = "utm_"
TRACKING = frozenset({"fbclid", "gclid"})
# Read by the pagination.
PAGING = frozenset({"page", "limit"})

# Above any price, and below where JavaScript's numbers stop being exact.
MAX_PRICE = 10**12
MAX_IDS = 100
MAX_ID = 2**63 - 1


class ValuesField(serializers.ListField):
    """Values with commas between, or the parameter repeated, or both."""

    def to_internal_value(self, data: Sequence[str]) -> list[Any]:
        values = list(dict.fromkeys(part for text in data for part in text.split(",")))
        if len(values) > (self.max_length or filters.MAX_VALUES):
            most = self.max_length or filters.MAX_VALUES
            raise serializers.ValidationError(f"Paling banyak {most} isi.")
        return [self._read(value) for value in values]

    def _read(self, value: str) -> Any:
        try:
            return self.child.run_validation(value)
        except serializers.ValidationError as error:
            details: Any = error.detail
            raise serializers.ValidationError(
                [
                    serializers.ErrorDetail(f'{detail} ("{value}")', code=detail.code)
                    for detail in details
                ]
            ) from error


def _values(help_text: str) -> ValuesField:
    child = serializers.CharField(max_length=80)
    return ValuesField(child=child, required=False, help_text=help_text)


def _choices(choices: type[TextChoices]) -> ValuesField:
    child = serializers.ChoiceField(choices=choices.choices)
    return ValuesField(child=child, required=False)


def _flag(help_text: str) -> serializers.BooleanField:
    return serializers.BooleanField(
        required=False, help_text=f"`true`: only {help_text}. `false`: no filter."
    )


class ProductListParameters(serializers.Serializer[ProductSearch]):
    """The filters and the order of the product list."""

    q = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=80,
        help_text=(
            "Words that name, SKU, brand, material, category, color or description "
            "must all contain, or synonyms of them. A misspelt word is corrected; "
            "`corrected_q` then says what was looked for."
        ),
    )
    ids = ValuesField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID),
        required=False,
        max_length=MAX_IDS,
        help_text="Only these products; an id that is not on sale is left out.",
    )
    category = _values("Slug of a category; everything below it is included.")
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
    size = _values("As on the label, in any case: `M`, `all size`.")
    color = _values("A color's family (`merah-muda`), or the slug of one color.")
    material = _values("A fabric's family (`ceruty`), or the slug of one fabric.")
    brand = _values("In any case.")
    opacity = _choices(filters.CLOSED["opacity"])
    lining = _choices(filters.CLOSED["lining"])
    stretch = _choices(filters.CLOSED["stretch"])
    sleeve = _choices(filters.CLOSED["sleeve"])
    cut = _choices(filters.CLOSED["cut"])
    motif = _choices(filters.CLOSED["motif"])
    in_stock = _flag("products with a variant left")
    on_sale = _flag("products with a variant below its struck price")
    busui = _flag("nursing-friendly products")
    wudhu = _flag("products with sleeves open for wudhu")
    featured = _flag("products that the shop features")
    sort = serializers.ChoiceField(
        required=False,
        choices=[*SORTS, RELEVANCE],
        help_text=(
            "Without it: words by relevance, a collection made by hand in its own "
            "order, all else newest first. `relevance` ranks the 200 most popular "
            "matches and needs `q`."
        ),
    )
    fields_ = ValuesField(
        child=serializers.ChoiceField(choices=[*ProductCardOutput().fields]),
        required=False,
        help_text="Only these members of each card.",
    )
    facets = serializers.BooleanField(
        required=False,
        help_text="`1`: count what each further filter would leave, in `facets`.",
    )
    cursor = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=600,
        help_text=(
            "`next_cursor` of the page before; empty for the first page. Reaches "
            "everything and counts nothing. Not together with `page`."
        ),
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Give `fields` its name, which a serializer has for itself."""
        own = super().get_fields()
        return {name.removesuffix("_"): field for name, field in own.items()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        low, high = attrs.get("min_price"), attrs.get("max_price")
        if low is not None and high is not None and low > high:
            raise _refusal("max_price", "Isi sama dengan atau di atas min_price.")
        if attrs.get("sort") == RELEVANCE and not attrs.get("q"):
            raise _refusal("sort", "Urutan ini perlu kata pencarian (q).")
        return attrs


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What the list page is asked for; `fields` empty means whole cards."""

    search: ProductSearch
    fields: Sequence[str]
    has_facets: bool
    cursor: str | None


def read_list(query: QueryDict, preset: Mapping[str, Any]) -> ListRequest:
    """Return what the query asks for. Raises ValidationError naming the parameter.

    `preset` is what the address says already: a parameter of it is refused.
    """
    fields = {
        name: field
        for name, field in ProductListParameters().fields.items()
        if name not in preset
    }
    refuse_unknown(query, {**fields, **dict.fromkeys(PAGING)})
    given = {
        name: query.getlist(name) if _is_many(fields[name]) else query[name]
        for name in query
        if name in fields
    }
    if "cursor" in given and "page" in query:
        raise _refusal("cursor", "Pilih salah satu: page atau cursor.")
    parameters = ProductListParameters(data=given)
    parameters.is_valid(raise_exception=True)
    return _list_request({**parameters.validated_data, **preset})


def refuse_unknown(query: QueryDict, fields: Mapping[str, Any]) -> None:
    """Raise ValidationError for a parameter that is not there, or is there twice."""
    for name, values in query.lists():
        if name not in fields and not _is_tracking(name):
            raise _refusal(name, "Parameter ini tidak dikenal.", "unknown_parameter")
        if len(values) > 1 and not _is_many(fields.get(name)):
            raise _refusal(name, "Parameter ini hanya boleh satu kali.", "repeated")


def _list_request(given: Mapping[str, Any]) -> ListRequest:
    chosen = {name: given[name] for name in filters.GROUPS if given.get(name)}
    chosen |= {name: ["true"] for name in filters.FLAGS if given.get(name)}
    search = ProductSearch(
        q=given.get("q", ""),
        ids=given.get("ids", ()),
        collection=given.get("collection", ""),
        min_price=given.get("min_price"),
        max_price=given.get("max_price"),
        chosen=chosen,
        sort=given.get("sort", ""),
    )
    return ListRequest(
        search=search,
        fields=given.get("fields", ()),
        has_facets=given.get("facets", False),
        cursor=given.get("cursor"),
    )


def _is_many(field: Any) -> bool:
    return isinstance(field, ValuesField)


def _is_tracking(name: str) -> bool:
    return name.startswith(TRACKING_PREFIX) or name in TRACKING


def _refusal(
    field: str, message: str, code: str = "invalid"
) -> serializers.ValidationError:
    return serializers.ValidationError(
        {field: [serializers.ErrorDetail(message, code=code)]}
    )
