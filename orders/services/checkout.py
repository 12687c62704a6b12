"""Place an order: one transaction from the cart to reserved stock."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Address, User
from accounts.services import addresses, consents
from accounts.services.customers import lock_active
from catalog.services import flash_sales, stock
from catalog.services.flash_sales import Buyer, FlashLine
from catalog.services.stock import StockLine
from karima.errors import Conflict, StoreError
from karima.ids import order_number
from orders.models import (
    Cart,
    CartBundle,
    Order,
    OrderBundle,
    OrderEvent,
    OrderLine,
)
from orders.services import cart as carts
from orders.services import cart_bundles, idempotency, order_messages
from orders.services.cart import Notice
from orders.services.idempotency import KeyedRequest
from orders.services.totals import PricedLine, Totals, order_totals

# 30 random bits a day: a second collision in a row would be a broken generator.
NUMBER_TRIES = 3


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the shop writes to; `phone` in E.164."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class ShippingAddress:
    """Where the parcel goes; `receiver_phone` in E.164."""

    receiver_name: str
    receiver_phone: str
    province: str
    city: str
    district: str
    subdistrict: str
    postal_code: str
    address_detail: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """What a customer asks for when ordering the cart.

    `expected_total` is the total that the customer was shown, in rupiah; with it, the
    order is placed at that total or not at all. `address` may be the id of an address
    that the customer keeps.
    """

    customer: User
    cart_token: str
    contact: Contact
    address: ShippingAddress | UUID
    notes: str = ""
    expected_total: int | None = None
    # Where the customer accepted the terms from.
    ip: str = ""


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """The order, and whether an earlier run of the same request made it."""

    order: Order
    replayed: bool


class CartEmpty(Conflict):
    code = "cart_empty"
    title = "Cart empty"
    detail = "Keranjang masih kosong."


class ItemsUnavailable(Conflict):
    code = "items_unavailable"
    title = "Items no longer on sale"
    detail = "Sebagian barang di keranjang sudah tidak dijual."


class TotalChanged(Conflict):
    code = "total_changed"
    title = "Total changed"
    detail = "Total belanja berubah. Periksa kembali keranjang Anda."


def place_order(checkout: Checkout, *, request: KeyedRequest) -> PlacedOrder:
    """Turn the customer's cart into an order with reserved stock, exactly once.

    Opens its own transactions. Raises `CartEmpty`, `ItemsUnavailable`, `TotalChanged`,
    `OutOfStock`, `FlashSaleSoldOut`, `FlashSaleLimitReached` or `AddressNotFound`,
    after which the cart is as it was, `CartNotFound` when another request orders the
    cart first, and the errors of `idempotency.claim`.
    """
    claimed = idempotency.claim(request)
    if claimed.is_finished:
        order = Order.objects.get(pk=claimed.order_id)
        return PlacedOrder(order=order, replayed=True)
    try:
        cart, _ = carts.open_cart(
            carts.Shopper(customer=checkout.customer, token=checkout.cart_token)
        )
        with transaction.atomic(durable=True):
            order = _order_from(cart, checkout)
            idempotency.finish(claimed, order=order)
    except Conflict as refusal:
        _remember_refusal(claimed, refusal)
        raise
    except BaseException:
        # Whatever it was, a worker told to stop included: the customer may try again.
        idempotency.give_up(claimed)
        raise
    return PlacedOrder(order=order, replayed=False)


def _remember_refusal(claimed: idempotency.Claim, refusal: StoreError) -> None:
    if not isinstance(refusal, idempotency.IdempotencyInProgress):
        idempotency.finish_refused(claimed, error=refusal)


def _order_from(cart: Cart, checkout: Checkout) -> Order:
    lock_active(checkout.customer)
    lines = carts.lock_lines(cart)
    bundles = cart_bundles.rows_of(cart)
    if not lines and not bundles:
        raise CartEmpty()
    _check_on_sale([*carts.notices(lines), *cart_bundles.notices(bundles)])
    now = timezone.now()
    buyer = Buyer(checkout.customer, checkout.contact.phone)
    priced = carts.price(lines, user=buyer.customer, phone=buyer.phone, at=now)
    priced += cart_bundles.price(bundles)
    totals = order_totals(priced)
    if checkout.expected_total not in (None, totals.grand_total):
        raise TotalChanged(grand_total=totals.grand_total)
    order = _create_order(checkout, totals)
    _create_lines(order, priced, bundles)
    consents.accept_terms(checkout.customer, ip=checkout.ip)
    OrderEvent.objects.create(
        order=order,
        kind=OrderEvent.Kind.PLACED,
        to_value=order.status,
        actor=checkout.customer,
    )
    order_messages.tell_placed(order)
    carts.mark_ordered(cart)
    # Last, since the rows of popular variants stay locked until the commit.
    used_up = flash_sales.take(
        _flash_lines(priced), reference=order.stock_reference, buyer=buyer, at=now
    )
    stock.reserve(
        [StockLine(line.variant_id, line.quantity) for line in priced],
        reference=order.stock_reference,
        repriced=used_up,
    )
    return order


def _flash_lines(priced: Sequence[PricedLine]) -> list[FlashLine]:
    return [
        FlashLine(line.flash_item_id, line.quantity, line.unit_price)
        for line in priced
        if line.flash_item_id
    ]


def _check_on_sale(notices: Sequence[Notice]) -> None:
    gone = [notice for notice in notices if notice.code == "unavailable"]
    if gone:
        raise ItemsUnavailable(
            errors=[
                {
                    "field": "items",
                    "code": notice.code,
                    "message": notice.message,
                    "sku": notice.sku,
                    "bundle": notice.bundle,
                }
                for notice in gone
            ]
        )


def _create_order(checkout: Checkout, totals: Totals) -> Order:
    now = timezone.now()
    order = Order(
        customer=checkout.customer,
        contact_name=checkout.contact.name,
        contact_email=checkout.contact.email,
        contact_phone=checkout.contact.phone,
        **asdict(_address_of(checkout)),
        notes=checkout.notes,
        items_total=totals.items,
        discount_total=totals.discount,
        shipping_cost=totals.shipping,
        grand_total=totals.grand_total,
        terms_version=settings.TERMS_VERSION,
        placed_at=now,
        expires_at=now + timedelta(minutes=settings.PAYMENT_EXPIRY_MINUTES),
    )
    for tries_left in reversed(range(NUMBER_TRIES)):
        order.number = order_number(now)
        try:
            with transaction.atomic():
                order.save(force_insert=True)
        except IntegrityError:
            if not tries_left:
                raise
        else:
            break
    return order


def _address_of(checkout: Checkout) -> ShippingAddress:
    """Return the address in full. Raises `AddressNotFound` for another customer's.

    Only now and not at the door: an order that is replayed stands, even when the
    customer has deleted the address since.
    """
    if isinstance(checkout.address, ShippingAddress):
        return checkout.address
    kept = addresses.find(checkout.customer, address_id=checkout.address)
    return ShippingAddress(
        receiver_name=kept.receiver_name,
        receiver_phone=kept.phone,
        province=kept.province,
        city=kept.city,
        district=kept.district,
        subdistrict=kept.subdistrict,
        postal_code=kept.postal_code,
        address_detail=_on_the_label(kept),
    )


def _on_the_label(kept: Address) -> str:
    """Return street, RT/RW and landmark on one line, as couriers print them."""
    parts = [kept.detail]
    if kept.rt_rw:
        parts.append(f"RT/RW {kept.rt_rw}")
    if kept.landmark:
        parts.append(f"Patokan: {kept.landmark}")
    return ", ".join(parts)


def _create_lines(
    order: Order, priced: Sequence[PricedLine], bundles: Sequence[CartBundle]
) -> None:
    sold = {row.bundle_id: _sold(order, row) for row in bundles}
    OrderBundle.objects.bulk_create(sold.values())
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            variant_id=line.variant_id,
            bundle=sold[line.bundle_id] if line.bundle_id else None,
            sku=line.sku,
            product_name=line.product_name,
            product_slug=line.product_slug,
            color=line.color,
            size=line.size,
            image=line.image,
            quantity=line.quantity,
            list_price=line.list_price,
            price_reason=line.price_reason,
            unit_price=line.unit_price,
            discount=line.discount,
            total=line.total,
            weight_grams=line.weight_grams,
        )
        for line in priced
    )


def _sold(order: Order, row: CartBundle) -> OrderBundle:
    return OrderBundle(
        order=order,
        bundle=row.bundle,
        name=row.bundle.name,
        slug=row.bundle.slug,
        quantity=row.quantity,
        unit_price=row.bundle.price,
        total=row.bundle.price * row.quantity,
    )
