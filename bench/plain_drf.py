"""The yardstick: the catalogue as plain DRF would answer it, on the same data.

ModelSerializer, prefetch_related, DRF's renderer and middleware of a
new Django project. Not part of the shop.
"""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import path
from rest_framework import generics, serializers
from rest_framework.pagination import PageNumberPagination

from catalog.models import Category, Color, Product, ProductImage, Stock, Variant
from catalog.services.products import visible_products


class CategorySerializer(serializers.ModelSerializer[Category]):
    class Meta:
        model = Category
        fields = ["slug", "name"]


class ColorSerializer(serializers.ModelSerializer[Color]):
    class Meta:
        model = Color
        fields = ["name", "slug", "hex"]


class ImageSerializer(serializers.ModelSerializer[ProductImage]):
    color = serializers.StringRelatedField[Color]()

    class Meta:
        model = ProductImage
        fields = ["file", "alt", "width", "height", "renditions", "color", "is_primary"]


# Made once, as DRF makes declared fields: an instance for each row costs more than the
# page itself, and the yardstick must not be slow on purpose.
IMAGE, COLOR = ImageSerializer(), ColorSerializer()


class StockSerializer(serializers.ModelSerializer[Stock]):
    class Meta:
        model = Stock
        fields = ["available"]


class VariantSerializer(serializers.ModelSerializer[Variant]):
    color = ColorSerializer()
    size = serializers.StringRelatedField[Any]()
    stock = StockSerializer()

    class Meta:
        model = Variant
        fields = [
            "id", "sku", "barcode", "color", "size", "price", "compare_at_price",
            "weight_grams", "stock",
        ]  # fmt: skip


class CardSerializer(serializers.ModelSerializer[Product]):
    """The same card as the shop's."""

    category = CategorySerializer()
    compare_at_price = serializers.SerializerMethodField()
    image = serializers.SerializerMethodField()
    colors = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = [
            "id", "slug", "name", "category", "price_min", "price_max",
            "compare_at_price", "discount_percent", "image", "colors", "in_stock",
            "is_busui_friendly", "is_wudhu_friendly", "rating_average", "rating_count",
        ]  # fmt: skip

    def get_compare_at_price(self, product: Product) -> int | None:
        struck = [
            variant.compare_at_price
            for variant in product.variants.all()
            if variant.price == product.price_min and variant.compare_at_price
        ]
        return max(struck, default=None)

    def get_image(self, product: Product) -> Any:
        images = [image for image in product.images.all() if image.is_primary]
        return IMAGE.to_representation(images[0]) if images else None

    def get_colors(self, product: Product) -> Any:
        colors = {variant.color_id: variant.color for variant in product.variants.all()}
        return [COLOR.to_representation(color) for color in colors.values()]


class DetailSerializer(CardSerializer):
    images = ImageSerializer(many=True)
    variants = VariantSerializer(many=True)
    material = serializers.StringRelatedField[Any]()

    class Meta(CardSerializer.Meta):
        fields = [
            *CardSerializer.Meta.fields, "description", "brand", "material",
            "is_non_iron", "opacity", "lining", "stretch", "sleeve", "cut", "motif",
            "extra", "fit_note", "video_url", "seo_title", "seo_description",
            "images", "variants",
        ]  # fmt: skip


def products() -> QuerySet[Product]:
    variants = Variant.objects.filter(is_active=True).select_related(
        "color", "size", "stock"
    )
    images = ProductImage.objects.select_related("color")
    return (
        visible_products()
        .select_related("category", "material")
        .prefetch_related(Prefetch("variants", variants), Prefetch("images", images))
        .order_by("-published_at", "-id")
    )


class Pages(PageNumberPagination):
    page_size = 20


class ProductList(generics.ListAPIView[Product]):
    authentication_classes = ()
    permission_classes = ()
    serializer_class = CardSerializer
    pagination_class = Pages

    def get_queryset(self) -> QuerySet[Product]:
        return products()


class ProductDetail(generics.RetrieveAPIView[Product]):
    authentication_classes = ()
    permission_classes = ()
    serializer_class = DetailSerializer
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Product]:
        return products()


urlpatterns = [
    path("products", ProductList.as_view()),
    path("products/<slug:slug>", ProductDetail.as_view()),
]
