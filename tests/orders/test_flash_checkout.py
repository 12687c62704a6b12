"""Orders at a flash price: taken with the order, given back with it."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from catalog.models import FlashSaleBuyer, FlashSaleItem, FlashSaleTaking, Stock
from catalog.services import flash_plans, flash_sales
from catalog.services.flash_sales import Buyer, FlashLine
from karima.ids import uuid7
from orders.models import Order
from orders.services import cart as carts
from orders.services import checkout, erasure, idempotency, transitions
from orders.services.checkout import Checkout, Contact
from tests.catalog.prices import flash_sale, price_of
from tests.factories import ADDRESS, CONTACT, VariantFactory, make_order

pytestmark = pytest.mark.django_db


def sold() -> int:
    return FlashSaleItem.objects.get().sold


def counted() -> set[int]:
    return set(FlashSaleBuyer.objects.values_list("quantity", flat=True))


def order_of(
    customer: User, contact: Contact, *, expected_total: int | None = None
) -> Order:
    keyed = idempotency.keyed_request(str(uuid7()), scope="test", body={})
    wish = Checkout(
        customer=customer,
        cart_token="",
        contact=contact,
        address=ADDRESS,
        expected_total=expected_total,
    )
    return checkout.place_order(wish, request=keyed).order


def test_order_takes_its_pieces_and_keeps_why(aisyah: User) -> None:
    variant = VariantFactory(price=150_000, on_hand=5)
    flash_sale(variant, price=99_000, quota=3)
    line = make_order(aisyah, variant=variant, quantity=2).lines.get()
    assert (line.unit_price, line.list_price) == (99_000, 150_000)
    assert (line.price_reason, line.total) == ("flash_sale", 198_000)
    assert sold() == 2
    # Account and phone.
    assert FlashSaleBuyer.objects.count() == 2
    assert counted() == {2}


@pytest.mark.parametrize("end", ["expire", "cancel"])
def test_what_was_taken_comes_back_when_the_order_ends(aisyah: User, end: str) -> None:
    variant = VariantFactory(on_hand=5)
    flash_sale(variant, quota=2, limit=2)
    order = make_order(aisyah, variant=variant, quantity=2)
    assert price_of(variant).unit_price == variant.price
    with transaction.atomic():
        locked = transitions.lock_order(order.number)
        if end == "expire":
            transitions.expire(locked)
        else:
            transitions.cancel(locked, actor=None)
    assert (sold(), counted()) == (0, {0})
    assert FlashSaleTaking.objects.get().released_at is not None
    assert price_of(variant, 2, user=aisyah).unit_price == 99_000


def test_item_that_was_sold_stays_the_sku_that_it_is(aisyah: User) -> None:
    variant, other = VariantFactory(on_hand=5), VariantFactory(on_hand=5)
    sale = flash_sale(variant, quota=2, limit=2)
    order = make_order(aisyah, variant=variant, quantity=2)
    item = FlashSaleItem.objects.get()
    item.variant = other
    with pytest.raises(flash_plans.InvalidFlashSale):
        flash_plans.save(sale, items=[item])
    with transaction.atomic():
        transitions.expire(transitions.lock_order(order.number))
    assert (sold(), counted()) == (0, {0})


def test_customer_with_the_limit_pays_the_usual_price(aisyah: User) -> None:
    variant = VariantFactory(price=150_000, on_hand=9)
    flash_sale(variant, price=99_000, limit=2)
    make_order(aisyah, variant=variant, quantity=2)
    assert price_of(variant, user=aisyah).unit_price == 150_000
    line = make_order(aisyah, variant=variant).lines.get()
    assert (line.unit_price, line.price_reason) == (150_000, "list")
    assert sold() == 2


def test_second_account_with_the_same_phone_is_the_same_buyer(
    aisyah: User, budi: User
) -> None:
    variant = VariantFactory(price=150_000, on_hand=9)
    flash_sale(variant, price=99_000, limit=2)
    make_order(aisyah, variant=variant, quantity=2)
    # Signed in as Budi the cart cannot know; the order's phone tells.
    assert price_of(variant, user=budi).unit_price == 99_000
    assert price_of(variant, user=budi, phone=CONTACT.phone).unit_price == 150_000
    assert make_order(budi, variant=variant).lines.get().unit_price == 150_000


def test_price_that_was_shown_is_charged_or_the_order_refused(
    aisyah: User, budi: User
) -> None:
    variant = VariantFactory(price=150_000, on_hand=9)
    flash_sale(variant, price=99_000, quota=1)
    cart, _ = carts.open_cart(carts.Shopper(customer=budi))
    carts.add_item(cart, variant=variant, quantity=1)
    shown = order_total(budi)
    make_order(aisyah, variant=variant)
    contact = Contact("Budi", "budi@karima.example", "+6281299990000")
    with pytest.raises(checkout.TotalChanged):
        order_of(budi, contact, expected_total=shown)
    assert Order.objects.count() == 1


def order_total(customer: User) -> int:
    cart = carts.find_cart(carts.Shopper(customer=customer))
    assert cart is not None
    lines = list(carts.lines_of(cart))
    priced = carts.price(lines, user=customer, at=timezone.now())
    return checkout.order_totals(priced).grand_total


@pytest.mark.parametrize(
    "change",
    [{"sold": 100}, {"price": 88_000}],
)
def test_take_refuses_what_changed_since_the_price_was_read(
    aisyah: User, change: dict[str, int]
) -> None:
    sale = flash_sale(VariantFactory())
    item = FlashSaleItem.objects.get()
    FlashSaleItem.objects.update(**change)
    line = FlashLine(item.pk, 1, item.price)
    with pytest.raises(flash_sales.FlashSaleSoldOut), transaction.atomic():
        flash_sales.take([line], reference="A", buyer=Buyer(aisyah), at=sale.starts_at)
    assert not FlashSaleTaking.objects.exists()
    assert not FlashSaleBuyer.objects.exists()


def test_take_refuses_a_sale_that_was_stopped(aisyah: User) -> None:
    sale = flash_sale(VariantFactory())
    item = FlashSaleItem.objects.get()
    sale.ends_at = timezone.now()
    sale.save()
    line = FlashLine(item.pk, 1, item.price)
    with pytest.raises(flash_sales.FlashSaleSoldOut), transaction.atomic():
        flash_sales.take([line], reference="A", buyer=Buyer(aisyah), at=timezone.now())


def test_take_refuses_more_than_the_limit(aisyah: User) -> None:
    flash_sale(VariantFactory(), limit=2)
    item = FlashSaleItem.objects.get()

    def take(quantity: int, reference: str) -> None:
        line = FlashLine(item.pk, quantity, item.price)
        with transaction.atomic():
            flash_sales.take(
                [line], reference=reference, buyer=Buyer(aisyah), at=timezone.now()
            )

    for quantity in (3, 2, 1):
        if quantity == 2:
            take(quantity, "B")
            continue
        with pytest.raises(flash_sales.FlashSaleLimitReached):
            take(quantity, "A")
    assert (sold(), counted()) == (2, {2})


def test_guest_is_known_by_the_phone_which_is_not_kept() -> None:
    flash_sale(VariantFactory(), limit=1)
    item = FlashSaleItem.objects.get()
    guest = Buyer(None, "+6281234567801")
    line = FlashLine(item.pk, 1, item.price)
    with transaction.atomic():
        flash_sales.take([line], reference="A", buyer=guest, at=timezone.now())
    with pytest.raises(flash_sales.FlashSaleLimitReached), transaction.atomic():
        flash_sales.take([line], reference="B", buyer=guest, at=timezone.now())
    assert "81234567801" not in FlashSaleBuyer.objects.get().buyer


def test_release_twice_gives_back_once(aisyah: User) -> None:
    variant = VariantFactory(on_hand=5)
    flash_sale(variant)
    order = make_order(aisyah, variant=variant, quantity=2)
    with transaction.atomic():
        flash_sales.release(order.stock_reference)
        assert flash_sales.release(order.stock_reference) == set()
    assert sold() == 0


def test_late_money_takes_the_price_again(aisyah: User) -> None:
    variant = VariantFactory(on_hand=5)
    sale = flash_sale(variant, quota=2)
    order = make_order(aisyah, variant=variant, quantity=2)
    with transaction.atomic():
        transitions.expire(order)
    sale.ends_at = timezone.now() - timedelta(minutes=1)
    sale.save()
    with transaction.atomic():
        transitions.confirm(order, paid_at=timezone.now())
    assert sold() == 2
    taken = FlashSaleTaking.objects.get(released_at=None)
    assert taken.reference == f"{order.number}/2"


def test_late_money_after_the_quota_is_gone_confirms_nothing(
    aisyah: User, budi: User
) -> None:
    variant = VariantFactory(on_hand=5)
    flash_sale(variant, quota=2)
    order = make_order(aisyah, variant=variant, quantity=2)
    with transaction.atomic():
        transitions.expire(order)
    make_order(budi, variant=variant, quantity=2)
    with pytest.raises(flash_sales.FlashSaleSoldOut), transaction.atomic():
        transitions.confirm(order, paid_at=timezone.now())
    assert sold() == 2
    assert Stock.objects.get().reserved == 2


def test_erasure_leaves_no_hash_of_the_phone(aisyah: User) -> None:
    variant = VariantFactory(on_hand=5)
    flash_sale(variant)
    make_order(aisyah, variant=variant)
    with transaction.atomic():
        erasure.anonymise_orders(aisyah, legal_basis="UU PDP")
    assert not FlashSaleBuyer.objects.filter(buyer__startswith="phone:").exists()
    assert FlashSaleTaking.objects.get().phone_key == ""
