"""The shapes of the answers, as the API's description shows them.

The answers themselves are built by `cards` and `details` from plain rows: a serializer
for each row would cost more than the query. A test holds the two against each other.
"""

from typing import Any

from rest_framework import serializers

from catalog.api.details import MAX_SHOWN_AVAILABLE, StockState


class ColorOutput(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="As the shop calls it.")
    hex = serializers.RegexField(r"^#[0-9a-f]{6}$")


class FilterableColorOutput(ColorOutput):
    family = serializers.CharField(help_text="The plain color it belongs to.")


class CategoryLinkOutput(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    name = serializers.CharField()


class ImageOutput(serializers.Serializer[Any]):
    url = serializers.URLField()
    alt = serializers.CharField()
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")


class GalleryImageOutput(ImageOutput):
    color = serializers.CharField(
        allow_null=True, help_text="Name of the color that the picture shows."
    )
    is_primary = serializers.BooleanField()


class ProductCardOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.SlugField()
    name = serializers.CharField()
    category = CategoryLinkOutput()
    price_min = serializers.IntegerField(help_text="Whole rupiah.")
    price_max = serializers.IntegerField(help_text="Whole rupiah.")
    compare_at_price = serializers.IntegerField(
        allow_null=True,
        help_text="Price struck through beside `price_min`, in whole rupiah.",
    )
    image = ImageOutput(allow_null=True)
    colors = ColorOutput(many=True)
    in_stock = serializers.BooleanField()


class VariantOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="What the cart takes as `variant_id`.")
    sku = serializers.CharField()
    color = ColorOutput()
    size = serializers.CharField()
    price = serializers.IntegerField(help_text="Whole rupiah.")
    compare_at_price = serializers.IntegerField(
        allow_null=True, help_text="Price struck through, in whole rupiah."
    )
    weight_grams = serializers.IntegerField()
    stock_state = serializers.ChoiceField(choices=list(StockState))
    available = serializers.IntegerField(
        help_text=f"How many can be ordered, shown up to {MAX_SHOWN_AVAILABLE}."
    )


class OptionsOutput(serializers.Serializer[Any]):
    colors = FilterableColorOutput(many=True)
    sizes = serializers.ListField(child=serializers.CharField())


class AttributesOutput(serializers.Serializer[Any]):
    material = serializers.CharField(allow_blank=True)
    is_busui_friendly = serializers.BooleanField()
    is_wudhu_friendly = serializers.BooleanField()


class ProductDetailOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.SlugField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    category = CategoryLinkOutput()
    breadcrumbs = CategoryLinkOutput(many=True)
    attributes = AttributesOutput()
    price_min = serializers.IntegerField(help_text="Whole rupiah.")
    price_max = serializers.IntegerField(help_text="Whole rupiah.")
    in_stock = serializers.BooleanField()
    options = OptionsOutput()
    variants = VariantOutput(many=True)
    images = GalleryImageOutput(many=True)


class CategoryOutput(CategoryLinkOutput):
    product_count = serializers.IntegerField(
        help_text="Products in the category and below it."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "children": CategoryOutput(many=True)}


class CategoryTreeOutput(serializers.Serializer[Any]):
    results = CategoryOutput(many=True)


class CategoryDetailOutput(CategoryLinkOutput):
    product_count = serializers.IntegerField()
    breadcrumbs = CategoryLinkOutput(many=True)
    children = CategoryOutput(many=True)
