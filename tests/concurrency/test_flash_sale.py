"""A flash sale of 100 pieces, a limit of 2 each, and 300 buyers at the same moment."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from catalog.models import (
    FlashSale,
    FlashSaleBuyer,
    FlashSaleItem,
    FlashSaleTaking,
    Variant,
)
from catalog.services import flash_plans, flash_sales, stock
from catalog.services.flash_sales import Buyer, FlashLine
from karima.errors import Conflict
from karima.ids import uuid7
from orders.models import Order, OrderLine
from orders.services import cart as carts
from orders.services import checkout, idempotency
from orders.services.checkout import Checkout, Contact
from tests.catalog.prices import flash_sale
from tests.concurrency.at_once import at_once, wait_until_it_waits
from tests.factories import ADDRESS, CustomerFactory, VariantFactory

pytestmark = pytest.mark.django_db(transaction=True)

BUYERS, QUOTA, LIMIT, PRICE = 300, 100, 2, 99_000
# Connections at the same time; more would measure PostgreSQL's limit, not the shop.
AT_ONCE = 30


def crowd(jobs: list[Callable[[], str]]) -> Counter[str]:
    """Return how the jobs ended; at any moment many of them run."""

    def run(job: Callable[[], str]) -> str:
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(run, jobs))


def buying(customer: User, phone: str, *, total: int) -> Callable[[], str]:
    """Return a job that orders the customer's cart at the total that was shown."""
    wish = Checkout(
        customer=customer,
        cart_token="",
        contact=Contact(customer.full_name, customer.email, phone),
        address=ADDRESS,
        expected_total=total,
    )

    def job() -> str:
        key = idempotency.keyed_request(str(uuid7()), scope="test", body={})
        try:
            checkout.place_order(wish, request=key)
        except (Conflict, carts.CartNotFound) as refusal:
            return refusal.code
        return "bought"

    return job


def fill(customer: User, variant: Variant, quantity: int) -> int:
    """Fill a cart and return the total that it shows."""
    cart, _ = carts.open_cart(carts.Shopper(customer=customer))
    carts.add_item(cart, variant=variant, quantity=quantity)
    lines = list(carts.lines_of(cart))
    priced = carts.price(lines, user=customer, at=timezone.now())
    return checkout.order_totals(priced).grand_total


def test_three_hundred_buyers_get_exactly_the_quota() -> None:
    variant = VariantFactory(price=150_000, on_hand=900)
    flash_sale(variant, price=PRICE, quota=QUOTA, limit=LIMIT)
    jobs = []
    for number in range(BUYERS):
        customer = CustomerFactory()
        total = fill(customer, variant, LIMIT)
        jobs.append(buying(customer, f"+62812{number:08}", total=total))
    ended = crowd(jobs)
    assert ended["bought"] == QUOTA // LIMIT
    assert sum(ended.values()) == BUYERS
    assert set(ended) <= {"bought", "total_changed", "flash_sale_sold_out"}
    assert FlashSaleItem.objects.get().sold == QUOTA
    sold = OrderLine.objects.filter(unit_price=PRICE).aggregate(n=Sum("quantity"))["n"]
    assert sold == QUOTA
    assert most_of_one_customer() == LIMIT
    assert list(stock.verify()) == []


def most_of_one_customer() -> int:
    each = Order.objects.values("customer").annotate(pieces=Sum("lines__quantity"))
    return max(each.values_list("pieces", flat=True))


def clicks_of_five() -> Counter[str]:
    """Have five customers click four times each, all at the same moment."""
    flash_sale(VariantFactory(), price=PRICE, quota=QUOTA, limit=LIMIT)
    item = FlashSaleItem.objects.get()

    def taking(customer: User) -> Callable[[], str]:
        def job() -> str:
            line = FlashLine(item.pk, 1, PRICE)
            try:
                with transaction.atomic():
                    flash_sales.take(
                        [line],
                        reference=str(uuid7()),
                        buyer=Buyer(customer),
                        at=timezone.now(),
                    )
            except Conflict as refusal:
                return refusal.code
            return "taken"

        return job

    customers = [CustomerFactory() for _ in range(5)]
    return Counter(at_once([taking(customer) for customer in customers * 4]))


def test_nobody_gets_more_than_the_limit_however_often_they_click() -> None:
    assert clicks_of_five() == {"taken": 10, "flash_sale_limit_reached": 10}
    assert set(FlashSaleBuyer.objects.values_list("quantity", flat=True)) == {LIMIT}
    assert FlashSaleTaking.objects.count() == 10 == FlashSaleItem.objects.get().sold


def test_without_its_guard_people_get_more_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative twin: what the guard of the counter is there for."""
    unguarded = flash_sales._COUNT.replace("%(limit)s", "NULL::integer")
    monkeypatch.setattr(flash_sales, "_COUNT", unguarded)
    assert clicks_of_five() == {"taken": 20}


def test_reading_the_quota_before_writing_it_sells_too_much() -> None:
    """The negative twin: what the quota's single UPDATE is there for."""
    flash_sale(VariantFactory(), quota=10)
    all_have_read = threading.Barrier(20)

    def read_then_write() -> int:
        item = FlashSaleItem.objects.get()
        is_left = item.sold < item.quota
        all_have_read.wait(timeout=30)
        if is_left:
            item.sold += 1
            item.save(update_fields=["sold"])
        return int(is_left)

    assert sum(at_once([read_then_write] * 20)) == 20


def test_two_products_in_opposite_order_do_not_deadlock() -> None:
    first, second = VariantFactory(on_hand=50), VariantFactory(on_hand=50)
    flash_sale(first, second, price=PRICE, quota=10, limit=LIMIT)
    jobs = []
    for number in range(20):
        customer = CustomerFactory()
        for variant in (first, second) if number % 2 else (second, first):
            total = fill(customer, variant, 1)
        jobs.append(buying(customer, f"+62813{number:08}", total=total))
    assert crowd(jobs)["bought"] == 10
    assert [item.sold for item in FlashSaleItem.objects.all()] == [10, 10]


@pytest.mark.parametrize("is_stopped", [True, False])
def test_sale_that_is_changed_and_its_buyers_do_not_deadlock(is_stopped: bool) -> None:
    variant = VariantFactory(on_hand=50)
    sale = flash_sale(variant, price=PRICE, quota=10)
    item = FlashSaleItem.objects.get()
    buyer = Buyer(CustomerFactory(), "+628130000001")

    def change() -> None:
        try:
            if is_stopped:
                flash_plans.stop(sale)
            else:
                sale.ends_at += timedelta(hours=1)
                flash_plans.save(sale)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lines = [FlashLine(item.pk, 1, PRICE)]
            now = timezone.now()
            flash_sales.take(lines, reference="KRM-1", buyer=buyer, at=now)
            job = pool.submit(change)
            wait_until_it_waits(job)
        job.result()
    assert FlashSaleItem.objects.get().sold == 1


def test_second_of_two_sales_planned_at_once_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    variant = VariantFactory()
    flash_sale(variant)
    # What the second one saw: it looked before the first was committed.
    monkeypatch.setattr(flash_plans, "conflicts", lambda *args, **kwargs: [])
    now = timezone.now()
    rival = FlashSale(name="Rival", starts_at=now, ends_at=now + timedelta(hours=1))
    item = FlashSaleItem(variant=variant, price=PRICE, quota=1)
    with pytest.raises(flash_plans.FlashSalesOverlap):
        flash_plans.save(rival, items=[item])
    assert FlashSaleItem.objects.count() == 1
