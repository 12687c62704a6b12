"""The shapes of the answers, as the API's description shows them.

The answers themselves are documents, which `catalog.services.documents` writes when
something changes. A test holds the two against each other.
"""

from typing import Any

from django.db import models
from rest_framework import serializers

from catalog.models.garment import Cut, Lining, Motif, Opacity, Sleeve, Stretch
from catalog.models.option import ColorFamily, Material
from catalog.services.documents.showing import MAX_SHOWN_AVAILABLE, StockState
from catalog.services.price_rules import PUBLIC_REASONS


class ColorOutput(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="As the shop calls it.")
    slug = serializers.SlugField()
    hex = serializers.RegexField(r"^#[0-9a-f]{6}$")


class FileOutput(serializers.Serializer[Any]):
    url = serializers.URLField()


class FilterableColorOutput(ColorOutput):
    family = serializers.ChoiceField(
        choices=ColorFamily.choices, help_text="The plain color it belongs to."
    )
    swatch = FileOutput(
        allow_null=True, help_text="A photo of the fabric, where `hex` is not enough."
    )


class CategoryLinkOutput(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    name = serializers.CharField()


class RenditionOutput(FileOutput):
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")


class ImageOutput(RenditionOutput):
    alt = serializers.CharField()
    placeholder = serializers.RegexField(
        r"^#[0-9a-f]{6}$",
        allow_null=True,
        help_text="The picture's average color, to show until it is there.",
    )
    renditions = RenditionOutput(
        many=True, help_text="Smaller copies for `srcset`, narrowest first."
    )


class RatingOutput(serializers.Serializer[Any]):
    average = serializers.FloatField(help_text="0 without a review, else 1 to 5.")
    count = serializers.IntegerField()


class DetailRatingOutput(RatingOutput):
    histogram = serializers.DictField(
        child=serializers.IntegerField(),
        help_text='Reviews by their stars, from "5" to "1".',
    )


class GalleryImageOutput(ImageOutput):
    color = serializers.CharField(
        allow_null=True, help_text="Name of the color that the picture shows."
    )
    is_primary = serializers.BooleanField()


class FlashSaleLinkOutput(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    name = serializers.CharField()
    ends_at = serializers.DateTimeField(help_text="When the price ends.")


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
    discount_percent = serializers.IntegerField(
        help_text="The highest of its variants, rounded down; 0 for none."
    )
    flash_sale = FlashSaleLinkOutput(allow_null=True)
    image = ImageOutput(allow_null=True)
    colors = ColorOutput(many=True)
    in_stock = serializers.BooleanField()
    is_busui_friendly = serializers.BooleanField()
    is_wudhu_friendly = serializers.BooleanField()
    rating = RatingOutput()


class VariantOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="What the cart takes as `variant_id`.")
    sku = serializers.CharField()
    barcode = serializers.CharField(allow_blank=True)
    color = ColorOutput()
    size = serializers.CharField()
    price = serializers.IntegerField(
        help_text="Whole rupiah, for everybody: the list price or that of a flash sale."
    )
    list_price = serializers.IntegerField(help_text="Whole rupiah.")
    price_reason = serializers.ChoiceField(choices=PUBLIC_REASONS)
    flash_sale = FlashSaleLinkOutput(allow_null=True)
    compare_at_price = serializers.IntegerField(
        allow_null=True, help_text="Price struck through, in whole rupiah."
    )
    weight_grams = serializers.IntegerField()
    stock_state = serializers.ChoiceField(choices=list(StockState))
    available = serializers.IntegerField(
        help_text=f"How many can be ordered, shown up to {MAX_SHOWN_AVAILABLE}."
    )
    image = ImageOutput(
        allow_null=True, help_text="Its own picture, if it has one beside its color's."
    )


class OptionsOutput(serializers.Serializer[Any]):
    colors = FilterableColorOutput(many=True)
    sizes = serializers.ListField(child=serializers.CharField())


def choice_output(choices: type[models.TextChoices]) -> serializers.Serializer[Any]:
    """Return the shape of a value with its name in Indonesian; null if nobody said."""
    fields = {
        "value": serializers.ChoiceField(choices=choices.choices),
        "name": serializers.CharField(help_text="In Indonesian, to show."),
    }
    shape = type(f"{choices.__name__}Output", (serializers.Serializer,), fields)
    output: serializers.Serializer[Any] = shape(allow_null=True)
    return output


class MaterialOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    slug = serializers.SlugField()
    family = choice_output(Material.Family)


class ExtraOutput(serializers.Serializer[Any]):
    code = serializers.SlugField()
    name = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    value = serializers.JSONField(help_text="Text, number or true and false.")


class AttributesOutput(serializers.Serializer[Any]):
    material = MaterialOutput(allow_null=True)
    is_busui_friendly = serializers.BooleanField()
    is_wudhu_friendly = serializers.BooleanField()
    is_non_iron = serializers.BooleanField()
    opacity = choice_output(Opacity)
    lining = choice_output(Lining)
    stretch = choice_output(Stretch)
    sleeve = choice_output(Sleeve)
    cut = choice_output(Cut)
    motif = choice_output(Motif)
    extra = ExtraOutput(many=True)


class MeasureOutput(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="As tailors write it: LD, PB, LP.")
    name = serializers.CharField()


class LengthOutput(serializers.Serializer[Any]):
    cm = serializers.FloatField()
    cm_to = serializers.FloatField(
        allow_null=True, help_text="With it the measure is a range."
    )


class ChartRowOutput(serializers.Serializer[Any]):
    size = serializers.CharField()
    measurements = serializers.DictField(
        child=LengthOutput(), help_text="By the code of the measure."
    )


class SizeChartOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    measures = MeasureOutput(many=True)
    rows = ChartRowOutput(many=True)


class SeoOutput(serializers.Serializer[Any]):
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)


class ProductDetailOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.SlugField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    brand = serializers.CharField(allow_blank=True)
    category = CategoryLinkOutput()
    breadcrumbs = CategoryLinkOutput(many=True)
    attributes = AttributesOutput()
    price_min = serializers.IntegerField(help_text="Whole rupiah.")
    price_max = serializers.IntegerField(help_text="Whole rupiah.")
    compare_at_price = serializers.IntegerField(allow_null=True)
    discount_percent = serializers.IntegerField()
    flash_sale = FlashSaleLinkOutput(allow_null=True)
    in_stock = serializers.BooleanField()
    rating = DetailRatingOutput()
    options = OptionsOutput()
    variants = VariantOutput(many=True)
    images = GalleryImageOutput(many=True)
    video_url = serializers.CharField(allow_blank=True)
    size_chart = SizeChartOutput(allow_null=True)
    fit_note = serializers.CharField(allow_blank=True)
    seo = SeoOutput()
    structured_data = serializers.DictField(
        help_text="A schema.org Product, to be put into the page as JSON-LD."
    )


class RelatedOutput(serializers.Serializer[Any]):
    results = ProductCardOutput(many=True)


class CategoryOutput(CategoryLinkOutput):
    product_count = serializers.IntegerField(
        help_text="Products in the category and below it."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "children": CategoryOutput(many=True)}


class CategoryTreeOutput(serializers.Serializer[Any]):
    results = CategoryOutput(many=True)


class CategoryStatOutput(CategoryLinkOutput):
    product_count = serializers.IntegerField(
        help_text="Products in the category and below it."
    )
    in_stock_count = serializers.IntegerField(help_text="Those with a variant left.")
    price_min = serializers.IntegerField(allow_null=True, help_text="Whole rupiah.")
    price_max = serializers.IntegerField(allow_null=True, help_text="Whole rupiah.")


class CategoryStatsOutput(serializers.Serializer[Any]):
    results = CategoryStatOutput(many=True)


class CategoryDetailOutput(CategoryLinkOutput):
    description = serializers.CharField(allow_blank=True)
    image = FileOutput(allow_null=True)
    seo = SeoOutput()
    product_count = serializers.IntegerField()
    breadcrumbs = CategoryLinkOutput(many=True)
    children = CategoryOutput(many=True)


class CollectionOutput(CategoryLinkOutput):
    description = serializers.CharField(allow_blank=True)
    image = FileOutput(allow_null=True)
    starts_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(
        allow_null=True, help_text="When it disappears, for a countdown."
    )


class CollectionListOutput(serializers.Serializer[Any]):
    results = CollectionOutput(many=True)


class CollectionDetailOutput(CollectionOutput):
    product_count = serializers.IntegerField()
    seo = SeoOutput()


class SitemapEntryOutput(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    updated_at = serializers.DateTimeField()
