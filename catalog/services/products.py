"""Products: what customers may see and buy, and for how much."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import Product, Variant
from catalog.models.product import RESERVED_SLUGS
from catalog.services import attributes, documents, slugs
from karima.errors import Invalid, NotFound


class SlugReserved(Invalid):
    code = "slug_reserved"
    title = "Slug reserved"
    detail = "Slug ini dipakai oleh alamat toko. Silakan pilih yang lain."


class ProductNotFound(NotFound):
    """No such product, or one that customers may not see: they cannot tell which."""

    code = "product_not_found"
    title = "Product not found"
    detail = "Produk tidak ditemukan atau sudah tidak dijual."


def visible_products() -> QuerySet[Product]:
    """Return what customers may see at this moment.

    Active, its publish time reached, in a category that is visible, and with at least
    one active variant.
    """
    return Product.objects.filter(
        status=Product.Status.ACTIVE,
        published_at__lte=timezone.now(),
        category__is_visible=True,
        price_min__isnull=False,
    )


def buyable_variants() -> QuerySet[Variant]:
    """Return the variants that customers may order, stock left or not."""
    return Variant.objects.filter(is_active=True, product__in=visible_products())


def save(product: Product) -> Product:
    """Store a new or changed product; its old slug goes on leading to it.

    Makes a slug from the name where there is none. Opens its own transaction. Raises
    SlugReserved for one that stands for something else in the API's paths, and
    InvalidAttribute for a further attribute that is unknown or of another type.
    """
    if product.slug in RESERVED_SLUGS:
        raise SlugReserved
    attributes.check(product.extra)
    with transaction.atomic():
        product.slug = product.slug or slugs.free_slug(Product, product.name)
        before = slugs.current(product)
        product.save()
        slugs.leave(product, before)
        documents.rewrite([product.pk])
    return product


def schedule(product: Product, *, publish_at: datetime) -> None:
    """Have a product go on sale at that moment by itself."""
    product.status = Product.Status.ACTIVE
    product.published_at = publish_at
    product.save(update_fields=["status", "published_at", "updated_at"])


def publish(product: Product) -> None:
    """Put a product on sale from now on, or from the publish time it already has."""
    product.status = Product.Status.ACTIVE
    product.published_at = product.published_at or timezone.now()
    product.save(update_fields=["status", "published_at", "updated_at"])


def archive(product: Product) -> None:
    """Take a product off sale; orders keep what they say about it."""
    product.status = Product.Status.ARCHIVED
    product.save(update_fields=["status", "updated_at"])
