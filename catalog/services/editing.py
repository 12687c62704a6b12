"""Change a product, a variant or a category field by field.

For callers who send only what is new. What they do not name stays as it is, also what
somebody else changes at the same moment: the row is locked before it is read.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from catalog.models import Category, Product, Variant
from catalog.services import categories, changes, documents, products
from catalog.services.categories import CategoryNotFound
from catalog.services.changes import (
    CREATED,
    ComparePriceTooLow,
    Edit,
    Source,
    Why,
)
from catalog.services.products import ProductNotFound
from karima.errors import Conflict, NotFound

Values = Mapping[str, Any]
Row = TypeVar("Row", Product, Variant, Category)

# What a unique constraint of the database keeps: the field, and what to tell.
KEPT_UNIQUE = {
    "variant_sku_unique": ("sku", "SKU ini sudah dipakai."),
    "variant_one_per_color_and_size": (
        "size",
        "Produk ini sudah punya SKU dengan warna dan ukuran yang sama.",
    ),
    "variant_barcode_unique": ("barcode", "Barcode ini sudah dipakai."),
}
SLUG_TAKEN = ("slug", "Slug ini sudah dipakai.")


class Taken(Conflict):
    """Something else has this already; `errors` names the field."""

    code = "taken"
    title = "Already taken"
    detail = "Data yang dikirim sudah dipakai oleh yang lain."


class SkuNotFound(NotFound):
    code = "sku_not_found"
    title = "SKU not found"
    detail = "SKU tidak ditemukan."


def find_product(reference: str) -> Product:
    """Return the product of this slug, or of this id if it is a number.

    Any product, whether customers may see it or not. Raises `ProductNotFound`.
    """
    wanted = {"pk": int(reference)} if _is_id(reference) else {"slug": reference}
    found = Product.objects.filter(**wanted).first()
    if found is None:
        raise ProductNotFound
    return found


def find_variant(variant_id: int) -> Variant:
    """Return the variant, on sale or not. Raises `SkuNotFound`."""
    found = Variant.objects.filter(pk=variant_id).first()
    if found is None:
        raise SkuNotFound
    return found


def find_variants(skus: Collection[str]) -> dict[str, Variant]:
    """Return the variants by SKU, on sale or not. Raises `SkuNotFound`."""
    found = {row.sku: row for row in Variant.objects.filter(sku__in=skus)}
    missing = [sku for sku in skus if sku not in found]
    if missing:
        raise SkuNotFound(f"SKU tidak ditemukan: {', '.join(missing[:5])}.")
    return found


def find_category(slug: str) -> Category:
    """Return the category, visible or not. Raises `CategoryNotFound`."""
    found = Category.objects.filter(slug=slug).first()
    if found is None:
        raise CategoryNotFound
    return found


def _is_id(reference: str) -> bool:
    # No longer than a bigint surely holds.
    return reference.isascii() and reference.isdigit() and len(reference) <= 18


def write_product(product: Product, values: Values, *, actor: User) -> Product:
    """Store a new product, or the changes of an old one, and keep them in the history.

    One that becomes active is on sale from `published_at` on, or from now. Opens its
    own transaction. Raises `Taken`, and what `products.save` raises.
    """

    def save(row: Product) -> None:
        if row.status == Product.Status.ACTIVE:
            row.published_at = row.published_at or timezone.now()
        products.save(row)

    with transaction.atomic():
        row = _locked(product)
        before = _before(row, values)
        _write(row, values, save)
        _record(row, row.pk, None, before, actor=actor)
        return row


def write_variant(variant: Variant, values: Values, *, actor: User) -> Variant:
    """Store a new variant, or the changes of an old one, and keep them in the history.

    Opens its own transaction. Raises `Taken` and `ComparePriceTooLow`.
    """

    def save(row: Variant) -> None:
        if (row.compare_at_price or row.price) < row.price:
            raise ComparePriceTooLow
        row.save()

    with transaction.atomic():
        row = _locked(variant)
        before = _before(row, values)
        _write(row, values, save)
        documents.rewrite([row.product_id])
        _record(row, row.product_id, row.pk, before, actor=actor)
        return row


def write_category(category: Category, values: Values) -> Category:
    """Store a new category, or the changes of an old one.

    Opens its own transaction. Raises `Taken`, and what `categories.save` raises.
    """
    with transaction.atomic():
        # As `categories.save` locks them, before the row is read.
        list(Category.objects.select_for_update().order_by("pk").values_list("pk"))
        return _write(_locked(category), values, categories.save)


def _locked(row: Row) -> Row:
    """Return the row as it is now, locked; a new one as it is."""
    if row.pk is None:
        return row
    rows: Any = type(row)._default_manager.select_for_update(no_key=True)
    found: Row = rows.get(pk=row.pk)
    return found


def _before(row: Row, values: Values) -> dict[str, Any]:
    """Return what the row has where it is to get a value; a new one has nothing."""
    return {name: getattr(row, name) for name in values} if row.pk else {CREATED: None}


def _record(
    row: Product | Variant,
    product_id: int,
    variant_id: int | None,
    before: Values,
    *,
    actor: User,
) -> None:
    """Keep in the history what is new, or what is not as before."""
    after = {name: getattr(row, name, str(row)) for name in before}
    edits = [
        Edit(
            product_id=product_id,
            variant_id=variant_id,
            field=name,
            before=before[name],
            after=value,
        )
        for name, value in after.items()
        if before[name] != value
    ]
    if edits:
        verb = "Baru" if CREATED in before else "Ubah"
        why = Why(actor=actor, source=Source.PROGRAM, title=f"{verb}: {row}")
        changes.record(edits, why=why)


def _write(row: Row, values: Values, save: Callable[[Row], Any]) -> Row:
    for name, value in values.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            save(row)
    except IntegrityError as error:
        raise _taken(error) from None
    return row


def _taken(error: IntegrityError) -> Exception:
    """Return the refusal for a broken unique constraint, else the error itself."""
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
    found = KEPT_UNIQUE.get(constraint or "")
    if found is None and "_slug_" in (constraint or ""):
        found = SLUG_TAKEN
    if found is None:
        return error
    field, message = found
    row = {"field": field, "code": "unique", "message": message}
    return Taken(message, errors=[row])
