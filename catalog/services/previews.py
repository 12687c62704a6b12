"""Show a product that is not on sale yet to whoever has a signed link."""

from datetime import timedelta

from django.core import signing

from catalog.models import Product, ProductDocument
from karima.errors import NotFound

SALT = "catalog.previews"
LIFETIME = timedelta(days=7)


class PreviewNotFound(NotFound):
    """The link was made up, is too old, or its product is archived."""

    code = "preview_not_found"
    title = "Preview not found"
    detail = "Tautan pratinjau tidak berlaku lagi. Mintalah yang baru kepada toko."


def token(product: Product) -> str:
    """Return what opens the preview for seven days."""
    return signing.dumps(product.pk, salt=SALT)


def product_of(token: str) -> Product:
    """Return the product that the token opens. Raises PreviewNotFound."""
    try:
        found = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        raise PreviewNotFound from None
    products = Product.objects.exclude(status=Product.Status.ARCHIVED)
    product: Product | None = products.filter(pk=found).first()
    if product is None:
        raise PreviewNotFound
    return product


def detail(product: Product) -> str:
    """Return the JSON of the page that customers would see now.

    Raises PreviewNotFound before the product was ever saved by the services.
    """
    document = ProductDocument.objects.filter(product=product).order_by("starts_at")
    found = document.values_list("detail", flat=True).first()
    if found is None:
        raise PreviewNotFound
    return found
