"""What can be bought now: a variant as the cart and the checkout see it."""

from django.utils import timezone

from catalog.models import Product, ProductImage, Variant


def is_on_sale(variant: Variant) -> bool:
    """Tell whether a customer may order the variant, whatever its stock."""
    product = variant.product
    return (
        variant.is_active
        and product.status == Product.Status.ACTIVE
        and product.published_at is not None
        and product.published_at <= timezone.now()
        and product.category.is_visible
    )


def available(variant: Variant) -> int:
    """Return how many may still be sold; a variant never received has none."""
    return variant.stock.available if hasattr(variant, "stock") else 0


def image_for(variant: Variant) -> ProductImage | None:
    """Return the picture that shows the variant best: its color, else the primary."""
    images = list(variant.product.images.all())
    images.sort(
        key=lambda image: (
            image.color_id != variant.color_id,
            not image.is_primary,
            image.position,
        )
    )
    return images[0] if images else None


def small_picture(variant: Variant) -> str:
    """Return the name of a small copy of that picture, or an empty text."""
    image = image_for(variant)
    if image is None:
        return ""
    narrowest = image.renditions[0]["file"] if image.renditions else image.file.name
    return str(narrowest)
