"""Bundles in a cart, and what becomes of their price when they are ordered."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from catalog.models import Bundle, Variant
from catalog.services import bundles, offers
from karima.money import share_out
from orders.models import Cart, CartBundle
from orders.services import cart as carts
from orders.services.cart import Notice
from orders.services.totals import PricedLine


def add(cart: Cart, *, bundle: Bundle, quantity: int) -> CartBundle:
    """Put so many more of a bundle into the cart.

    Raises `QuantityOutOfRange`, `CartFull`, or `NotEnoughStock` when the parts do not
    suffice; the cart stays as it was. Opens its own transaction.
    """
    carts.check_quantity(quantity)
    with transaction.atomic(durable=True):
        carts.lock(cart)
        row = cart.bundles.filter(bundle=bundle).first()
        wanted = quantity + (row.quantity if row else 0)
        carts.check_quantity(wanted)
        _check_stock(bundle, wanted)
        if row is None:
            carts.check_room(cart)
            row = CartBundle(cart=cart, bundle=bundle)
        row.quantity = wanted
        row.save()
        return row


def set_quantity(cart: Cart, *, row_id: int, quantity: int) -> None:
    """Change how many of a bundle are wanted; zero removes it. Raises as `add` does."""
    if quantity:
        carts.check_quantity(quantity)
    with transaction.atomic(durable=True):
        carts.lock(cart)
        row = next((row for row in rows_of(cart) if row.pk == row_id), None)
        if row is None:
            raise carts.CartLineNotFound()
        if not quantity:
            row.delete()
            return
        _check_stock(row.bundle, quantity)
        row.quantity = quantity
        row.save(update_fields=["quantity"])


def rows_of(cart: Cart) -> list[CartBundle]:
    """Return the cart's bundles with all that pricing and showing them reads."""
    rows = list(cart.bundles.order_by("id"))
    if not rows:
        return []
    wanted = Bundle.objects.filter(pk__in=[row.bundle_id for row in rows])
    found = {bundle.pk: bundle for bundle in bundles.with_parts(wanted)}
    for row in rows:
        row.bundle = found[row.bundle_id]
    return rows


def price(rows: Iterable[CartBundle]) -> list[PricedLine]:
    """Return the lines that these bundles become, at the prices that hold now."""
    return [line for row in rows for line in _lines(row)]


def notices(rows: Iterable[CartBundle]) -> list[Notice]:
    """Return what stands in the way of ordering these bundles as they are."""
    return [notice for row in rows if (notice := _notice(row))]


def shares(total: int, parts: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Share a bundle's price out over its parts of (list price, pieces).

    Returns (unit price, discount) of each, so that unit price x pieces - discount add
    up to the total, in proportion to the list prices. A part keeps its list price, and
    what the bundle saves is its discount. Should the parts have become cheaper than
    the bundle, the price of a piece is rounded up, and the discount takes back the few
    rupiah too many.
    """
    amounts = share_out(total, [price * pieces for price, pieces in parts])
    found = []
    for (price, pieces), amount in zip(parts, amounts, strict=True):
        unit_price = max(price, -(-amount // pieces))
        found.append((unit_price, unit_price * pieces - amount))
    return found


def _lines(row: CartBundle) -> list[PricedLine]:
    items = list(row.bundle.items.all())
    parts = [(item.variant.price, item.quantity * row.quantity) for item in items]
    split = shares(row.bundle.price * row.quantity, parts)
    return [
        _line(item.variant, pieces, share, bundle_id=row.bundle_id)
        for item, (_, pieces), share in zip(items, parts, split, strict=True)
    ]


def _line(
    variant: Variant, pieces: int, share: tuple[int, int], *, bundle_id: int
) -> PricedLine:
    unit_price, discount = share
    return PricedLine(
        variant_id=variant.pk,
        sku=variant.sku,
        product_name=variant.product.name,
        product_slug=variant.product.slug,
        color=variant.color.name,
        size=variant.size.name,
        image=offers.small_picture(variant),
        quantity=pieces,
        unit_price=unit_price,
        weight_grams=variant.weight_grams,
        list_price=max(variant.price, unit_price),
        discount=discount,
        bundle_id=bundle_id,
    )


def _notice(row: CartBundle) -> Notice | None:
    bundle = row.bundle
    if not bundles.is_on_sale(bundle):
        message = f"Paket {bundle.name} sudah tidak dijual."
        return Notice("unavailable", "", message, 0, bundle.slug)
    available = bundles.available(bundle)
    if available == 0:
        message = f"Paket {bundle.name} sudah habis."
        return Notice("sold_out", "", message, 0, bundle.slug)
    if available < row.quantity:
        message = f"Paket {bundle.name} tersisa {available}. Kurangi jumlahnya."
        return Notice("quantity_above_stock", "", message, available, bundle.slug)
    return None


def _check_stock(bundle: Bundle, wanted: int) -> None:
    available = bundles.available(bundle)
    if available < wanted:
        raise carts.NotEnoughStock(
            f"Paket {bundle.name} tersisa {available}.", available=available
        )
