"""What programs may send about the catalogue; members of other names are ignored."""

from typing import Any, ClassVar

from rest_framework import serializers

from catalog.models import (
    Category,
    Color,
    Material,
    Product,
    Size,
    SizeChart,
    Variant,
)
from catalog.models.category import PLAIN_SLUG
from catalog.services.stock import MAX_QUANTITY, REASONS, Reason
from karima.fields import LineField

# Above any price of the shop, and far below where sums of a cart overflow.
MOST_RUPIAH = 1_000_000_000
MOST_GRAMS = 100_000
MOST_CM = 1_000
MOST_LINES = 500


class PlainSlugField(serializers.RegexField):
    """Lower-case letters, digits and single hyphens."""

    def __init__(self, **options: Any) -> None:
        super().__init__(PLAIN_SLUG, **options)


def rupiah(**options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=MOST_RUPIAH, **options)


def centimetres() -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=1, max_value=MOST_CM, required=False, allow_null=True
    )


class ProductInput(serializers.ModelSerializer[Product]):
    name = LineField(max_length=120)
    slug = PlainSlugField(
        max_length=140, required=False, help_text="Made from the name if left out."
    )
    category = serializers.SlugRelatedField(
        slug_field="slug", queryset=Category.objects.all(), help_text="A slug."
    )
    material = serializers.SlugRelatedField(
        slug_field="slug",
        queryset=Material.objects.all(),
        required=False,
        allow_null=True,
        help_text="A slug.",
    )
    size_chart = serializers.PrimaryKeyRelatedField(
        queryset=SizeChart.objects.all(),
        required=False,
        allow_null=True,
        help_text="An id.",
    )
    description = serializers.CharField(
        max_length=20_000, required=False, allow_blank=True
    )
    extra = serializers.DictField(
        required=False, help_text="Further attributes by their codes."
    )

    class Meta:
        model = Product
        fields: ClassVar = [
            "name",
            "slug",
            "description",
            "category",
            "status",
            "published_at",
            "brand",
            "material",
            "is_busui_friendly",
            "is_wudhu_friendly",
            "is_non_iron",
            "opacity",
            "lining",
            "stretch",
            "sleeve",
            "cut",
            "motif",
            "extra",
            "size_chart",
            "fit_note",
            "video_url",
            "seo_title",
            "seo_description",
            "is_featured",
        ]


class VariantInput(serializers.ModelSerializer[Variant]):
    """A variant of a product that is known already."""

    sku = serializers.RegexField(
        r"^[0-9A-Za-z][0-9A-Za-z._/-]{0,39}\Z", help_text="Unique in the shop."
    )
    color = serializers.SlugRelatedField(
        slug_field="slug", queryset=Color.objects.all(), help_text="A slug."
    )
    size = serializers.SlugRelatedField(
        slug_field="name", queryset=Size.objects.all(), help_text="A name."
    )
    price = rupiah(help_text="Whole rupiah.")
    compare_at_price = rupiah(required=False, allow_null=True)
    weight_grams = serializers.IntegerField(min_value=1, max_value=MOST_GRAMS)
    length_cm = centimetres()
    width_cm = centimetres()
    height_cm = centimetres()
    barcode = serializers.RegexField(
        r"^([0-9A-Za-z.-]{4,48})?\Z", required=False, allow_blank=True
    )

    class Meta:
        model = Variant
        validators: ClassVar[list[Any]] = []
        fields: ClassVar = [
            "sku",
            "color",
            "size",
            "price",
            "compare_at_price",
            "weight_grams",
            "length_cm",
            "width_cm",
            "height_cm",
            "barcode",
            "is_active",
        ]


class NewVariantInput(VariantInput):
    product = serializers.CharField(max_length=140, help_text="A slug or an id.")

    class Meta(VariantInput.Meta):
        fields: ClassVar = ["product", *VariantInput.Meta.fields]


class CategoryInput(serializers.ModelSerializer[Category]):
    name = LineField(max_length=80)
    slug = PlainSlugField(
        max_length=80, required=False, help_text="Made from the name if left out."
    )
    parent = serializers.SlugRelatedField(  # type: ignore[assignment]  # DRF's attribute
        slug_field="slug",
        queryset=Category.objects.all(),
        required=False,
        allow_null=True,
        help_text="A slug; null for a root.",
    )
    description = serializers.CharField(
        max_length=20_000, required=False, allow_blank=True
    )
    position = serializers.IntegerField(min_value=0, max_value=32_767, required=False)

    class Meta:
        model = Category
        fields: ClassVar = [
            "name",
            "slug",
            "parent",
            "description",
            "position",
            "is_active",
            "seo_title",
            "seo_description",
        ]


class CountInput(serializers.Serializer[Any]):
    on_hand = serializers.IntegerField(
        min_value=0,
        max_value=MAX_QUANTITY,
        help_text="What lies on the shelf, what is promised to orders included.",
    )


class DeliveryInput(serializers.Serializer[Any]):
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)


class OfSku(serializers.Serializer[Any]):
    sku = serializers.CharField(max_length=40)


class SkuCountInput(OfSku, CountInput):
    pass


class SkuDeliveryInput(OfSku, DeliveryInput):
    pass


class Reported(serializers.Serializer[Any]):
    note = LineField(max_length=200, help_text="Why; kept in the ledger.")


class Counted(Reported):
    reason = serializers.ChoiceField(
        choices=REASONS,
        default=Reason.COUNTED,
        help_text="What kind of difference it is; kept in the ledger.",
    )


class Delivered(serializers.Serializer[Any]):
    reference = LineField(
        max_length=64,
        help_text="Of the delivery. Sent again, it is refused and not booked twice.",
    )
    note = LineField(max_length=200, required=False, allow_blank=True, default="")


class VariantCountInput(CountInput, Counted):
    pass


class VariantDeliveryInput(DeliveryInput, Delivered):
    pass


class ProductCountInput(Counted):
    items = serializers.ListField(
        child=SkuCountInput(), min_length=1, max_length=MOST_LINES
    )


class ProductDeliveryInput(Delivered):
    items = serializers.ListField(
        child=SkuDeliveryInput(), min_length=1, max_length=MOST_LINES
    )
