"""Carts: fill them, empty them, and price them as of now."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from catalog.models import Variant
from catalog.services import offers, pricing, products
from catalog.services.pricing import PriceLine, WantedLine
from karima.errors import Conflict, Invalid, NotFound
from orders.models import Cart, CartBundle, CartLine
from orders.services.totals import PricedLine

# Above the largest reseller order; a larger number is a mistake or an attack.
MAX_QUANTITY = 1000
MAX_LINES = 100


@dataclass(frozen=True, slots=True)
class Shopper:
    """Whose cart it is: a customer, a guest with a cart token, or both at sign-in."""

    customer: User | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about a line that the customer must know before ordering.

    `sku` names the variant, or `bundle` the slug of a bundle.
    """

    code: str
    sku: str
    message: str
    available: int
    bundle: str = ""


class VariantNotFound(NotFound):
    code = "variant_not_found"
    title = "Variant not found"
    detail = "Produk tidak ditemukan atau sudah tidak dijual."


class CartLineNotFound(NotFound):
    code = "cart_line_not_found"
    title = "Cart line not found"
    detail = "Barang ini tidak ada di keranjang."


class CartNotFound(NotFound):
    code = "cart_not_found"
    title = "Cart not found"
    detail = "Keranjang tidak ditemukan. Buat keranjang baru."


class QuantityOutOfRange(Invalid):
    code = "quantity_out_of_range"
    title = "Quantity out of range"
    detail = f"Jumlah harus antara 1 dan {MAX_QUANTITY}."


class CartFull(Conflict):
    code = "cart_full"
    title = "Cart full"
    detail = f"Keranjang sudah berisi {MAX_LINES} macam barang."


class NotEnoughStock(Conflict):
    code = "not_enough_stock"
    title = "Not enough stock"


def find_cart(shopper: Shopper) -> Cart | None:
    """Return the open cart of the customer, or of the guest who is none, or None."""
    if shopper.customer:
        return Cart.objects.filter(customer=shopper.customer, state="open").first()
    return _guest_cart(shopper.token)


def open_cart(shopper: Shopper) -> tuple[Cart, str]:
    """Return the shopper's open cart, made if need be, and a new guest's token.

    A customer who still carries a guest token gets the two carts merged. Raises
    `CartNotFound` for a guest token that is unknown or used up, or when the cart is
    being ordered at this moment. Opens its own transaction.
    """
    with transaction.atomic(durable=True):
        if shopper.customer:
            cart = _customer_cart(shopper.customer)
            guest = _guest_cart(shopper.token)
            if guest:
                _merge(guest, into=cart)
            return cart, ""
        if not shopper.token:
            token = secrets.token_urlsafe(32)
            return Cart.objects.create(token_hash=_hash(token)), token
    cart_of_guest = _guest_cart(shopper.token)
    if cart_of_guest is None:
        raise CartNotFound()
    return cart_of_guest, ""


def add_item(cart: Cart, *, variant: Variant, quantity: int) -> CartLine:
    """Put so many more of a variant into the cart.

    Raises `QuantityOutOfRange`, `CartFull`, or `NotEnoughStock` when the shop has fewer
    than the cart would then hold; the cart stays as it was. Opens its own transaction.
    """
    check_quantity(quantity)
    with transaction.atomic(durable=True):
        lock(cart)
        line = cart.lines.filter(variant=variant).first()
        wanted = quantity + (line.quantity if line else 0)
        check_quantity(wanted)
        _check_stock(variant, wanted)
        if line:
            line.quantity = wanted
            line.save(update_fields=["quantity"])
            return line
        check_room(cart)
        return CartLine.objects.create(cart=cart, variant=variant, quantity=wanted)


def set_quantity(cart: Cart, *, line_id: int, quantity: int) -> None:
    """Change a line's quantity; zero removes the line. Raises as `add_item` does."""
    if quantity:
        check_quantity(quantity)
    with transaction.atomic(durable=True):
        lock(cart)
        line = cart.lines.select_related("variant").filter(pk=line_id).first()
        if line is None:
            raise CartLineNotFound()
        if not quantity:
            line.delete()
            return
        _check_stock(line.variant, quantity)
        line.quantity = quantity
        line.save(update_fields=["quantity"])


def find_variant(*, variant_id: int | None = None, sku: str = "") -> Variant:
    """Return a variant that is on sale, by id or by SKU in any case of letters.

    Raises `VariantNotFound`.
    """
    on_sale = products.buyable_variants().select_related("product", "stock")
    by = {"pk": variant_id} if variant_id is not None else {"sku__iexact": sku}
    try:
        return on_sale.get(**by)
    except Variant.DoesNotExist:
        raise VariantNotFound() from None


def check_room(cart: Cart) -> None:
    """Raise `CartFull` when the cart holds as many kinds of things as it may."""
    if cart.lines.count() + cart.bundles.count() >= MAX_LINES:
        raise CartFull()


def lines_of(cart: Cart) -> QuerySet[CartLine]:
    """Return the cart's lines with all that pricing and showing them reads."""
    return (
        cart.lines.select_related(
            "variant__product__category",
            "variant__color",
            "variant__size",
            "variant__stock",
        )
        .prefetch_related("variant__product__images")
        .order_by("id")
    )


def price(
    lines: Sequence[CartLine], *, user: User | None, at: datetime, phone: str = ""
) -> list[PricedLine]:
    """Return the lines at the prices that hold for this person at that moment."""
    prices = pricing.price_lines(
        [WantedLine(line.variant_id, line.quantity) for line in lines],
        user=user,
        at=at,
        phone=phone,
    )
    return [_priced(*pair) for pair in zip(lines, prices, strict=True)]


def _priced(line: CartLine, price: PriceLine) -> PricedLine:
    variant = line.variant
    return PricedLine(
        variant_id=variant.pk,
        sku=variant.sku,
        product_name=variant.product.name,
        product_slug=variant.product.slug,
        color=variant.color.name,
        size=variant.size.name,
        image=offers.small_picture(variant),
        quantity=line.quantity,
        unit_price=price.unit_price,
        weight_grams=variant.weight_grams,
        list_price=price.list_price,
        price_reason=price.reason,
        flash_item_id=price.flash_item_id,
    )


def notices(lines: Iterable[CartLine]) -> list[Notice]:
    """Return what stands in the way of ordering these lines as they are."""
    return [notice for line in lines if (notice := _notice(line))]


def _notice(line: CartLine) -> Notice | None:
    sku = line.variant.sku
    if not offers.is_on_sale(line.variant):
        return Notice("unavailable", sku, f"{sku} sudah tidak dijual.", 0)
    available = offers.available(line.variant)
    if available == 0:
        return Notice("sold_out", sku, f"{sku} sudah habis.", 0)
    if available < line.quantity:
        message = f"{sku} tersisa {available}. Kurangi jumlahnya."
        return Notice("quantity_above_stock", sku, message, available)
    return None


def lock_lines(cart: Cart) -> Sequence[CartLine]:
    """Lock an open cart and return its lines. Must run in a transaction.

    Raises `CartNotFound` when the cart was ordered or merged meanwhile.
    """
    lock(cart)
    return list(lines_of(cart))


def _customer_cart(customer: User) -> Cart:
    cart, _ = Cart.objects.get_or_create(customer=customer, state="open")
    return cart


def _guest_cart(token: str) -> Cart | None:
    if not token:
        return None
    return Cart.objects.filter(token_hash=_hash(token), state="open").first()


def lock(cart: Cart) -> None:
    """Lock an open cart. Must run in a transaction. Raises `CartNotFound`."""
    still_open = Cart.objects.select_for_update().filter(pk=cart.pk, state="open")
    if not still_open.exists():
        raise CartNotFound()


def _merge(guest: Cart, *, into: Cart) -> None:
    """Move a guest's lines over, quantities added up to the most a line may hold.

    The guest's cart is closed by a guarded update first, so that of two requests that
    carry the same token one merges and the other changes nothing. Raises
    `CartNotFound` when the customer's cart was ordered meanwhile.
    """
    closed = Cart.objects.filter(pk=guest.pk, state="open").update(state="merged")
    if not closed:
        return
    lock(into)
    held: dict[Any, CartLine] = {line.variant_id: line for line in into.lines.all()}
    for line in guest.lines.order_by("id"):
        if line.variant_id in held:
            mine = held[line.variant_id]
            mine.quantity = min(mine.quantity + line.quantity, MAX_QUANTITY)
            mine.save(update_fields=["quantity"])
        elif len(held) < MAX_LINES:
            held[line.variant_id] = CartLine.objects.create(
                cart=into, variant_id=line.variant_id, quantity=line.quantity
            )
    _merge_bundles(guest, into=into, room=MAX_LINES - len(held))


def _merge_bundles(guest: Cart, *, into: Cart, room: int) -> None:
    held = {row.bundle_id: row for row in into.bundles.all()}
    for row in guest.bundles.order_by("id"):
        if row.bundle_id in held:
            mine = held[row.bundle_id]
            mine.quantity = min(mine.quantity + row.quantity, MAX_QUANTITY)
            mine.save(update_fields=["quantity"])
        elif len(held) < room:
            held[row.bundle_id] = CartBundle.objects.create(
                cart=into, bundle_id=row.bundle_id, quantity=row.quantity
            )


def check_quantity(quantity: int) -> None:
    """Raise `QuantityOutOfRange` for what no line may hold."""
    if not 1 <= quantity <= MAX_QUANTITY:
        raise QuantityOutOfRange()


def _check_stock(variant: Variant, wanted: int) -> None:
    available = offers.available(variant)
    if available < wanted:
        raise NotEnoughStock(
            f"Stok {variant.sku} tersisa {available}.", available=available
        )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def mark_ordered(cart: Cart) -> None:
    """Mark the cart as ordered. Must run in the transaction that makes the order."""
    Cart.objects.filter(pk=cart.pk).update(state=Cart.State.ORDERED)
