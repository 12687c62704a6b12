"""The catalogue as programs see it: also what customers may not see, never the cost."""

from typing import Any, ClassVar

from rest_framework import serializers

from catalog.api.programs.inputs import CategoryInput, ProductInput, VariantInput
from catalog.models import Category, Product, Stock, Variant


class StoredVariantOutput(serializers.ModelSerializer[Variant]):
    product = serializers.CharField(source="product.slug", help_text="Its slug.")
    color = serializers.CharField(source="color.slug")
    size = serializers.CharField(source="size.name")

    class Meta:
        model = Variant
        fields: ClassVar = [
            "id",
            "product",
            *VariantInput.Meta.fields,
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class StoredProductOutput(serializers.ModelSerializer[Product]):
    category = serializers.CharField(source="category.slug")
    material = serializers.CharField(source="material.slug", allow_null=True)
    extra = serializers.DictField()
    variants = StoredVariantOutput(many=True)

    class Meta:
        model = Product
        fields: ClassVar = [
            "id",
            *ProductInput.Meta.fields,
            "variants",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class StoredCategoryOutput(serializers.ModelSerializer[Category]):
    parent = serializers.CharField(  # type: ignore[assignment]  # DRF's attribute
        source="parent.slug", allow_null=True
    )

    class Meta:
        model = Category
        fields: ClassVar = [
            "id",
            *CategoryInput.Meta.fields,
            "is_visible",
            "updated_at",
        ]
        read_only_fields = fields


class StockOutput(serializers.Serializer[Any]):
    variant_id = serializers.IntegerField()
    sku = serializers.CharField()
    on_hand = serializers.IntegerField(help_text="On the shelf.")
    reserved = serializers.IntegerField(help_text="Of these, promised to orders.")
    available = serializers.IntegerField(help_text="May still be sold.")


class StockListOutput(serializers.Serializer[Any]):
    results = StockOutput(many=True)


def stock_document(variant: Variant) -> dict[str, Any]:
    """Return the balance; a variant that was never received has none."""
    balance = getattr(variant, "stock", None) or Stock(on_hand=0, reserved=0)
    return {
        "variant_id": variant.pk,
        "sku": variant.sku,
        "on_hand": balance.on_hand,
        "reserved": balance.reserved,
        "available": balance.available,
    }


def product_document(product: Product) -> dict[str, Any]:
    """Return the product as it is stored now, its variants with it."""
    found = (
        Product.objects.select_related("category", "material")
        .prefetch_related("variants__product", "variants__color", "variants__size")
        .get(pk=product.pk)
    )
    return dict(StoredProductOutput(found).data)
