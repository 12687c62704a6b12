"""Every invariant holds in a shop that lives, and each is seen when it is broken."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.models import User
from catalog.models import FlashSaleBuyer, FlashSaleItem, Stock
from catalog.services import prices
from karima import invariants
from karima.invariants import Invariant
from orders.models import Order
from payments.management.commands import check_invariants
from payments.models import GatewayTransaction, PaymentIssue, Refund
from payments.services import charges, expiry, notifications
from payments.services.watching import INVARIANTS
from sandbox.midtrans import Midtrans
from tests.catalog.prices import flash_sale
from tests.factories import (
    BundleFactory,
    ProductImageFactory,
    VariantFactory,
    make_order,
)

BY_NAME = {invariant.name: invariant for invariant in INVARIANTS}
Plant = Callable[[Order], str]
PLANTS: dict[str, Plant] = {}


def execute(sql: str, *parameters: Any) -> None:
    """Write past the shop: without its triggers, and without foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, parameters)
        cursor.execute("SET LOCAL session_replication_role = origin")


def drop_constraint(table: str, name: str) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def breaks(name: str) -> Callable[[Plant], Plant]:
    """Have the function plant what breaks the invariant, and return its subject."""

    def keep(plant: Plant) -> Plant:
        PLANTS[name] = plant
        return plant

    return keep


def sku_of(order: Order) -> str:
    return order.lines.get().sku


def flash_order() -> Order:
    variant = VariantFactory(on_hand=5)
    flash_sale(variant)
    return make_order(variant=variant)


@breaks("prices_are_their_history")
def write_a_price_by_hand(order: Order) -> str:
    variant = order.lines.get().variant
    prices.change_price(variant, price=120_000)
    type(variant).objects.filter(pk=variant.pk).update(price=110_000)
    return variant.sku


@breaks("flash_sales_are_their_takings")
def count_a_quota_by_hand(order: Order) -> str:
    flash_order()
    FlashSaleItem.objects.update(sold=3)
    return f"flash sale item {FlashSaleItem.objects.get().pk}"


@breaks("flash_sale_limits_are_counted")
def forget_a_buyer(order: Order) -> str:
    flash_order()
    FlashSaleBuyer.objects.filter(buyer__startswith="customer:").delete()
    return f"flash sale {FlashSaleItem.objects.get().sale_id}"


@breaks("flash_sales_are_held_by_living_orders")
def expire_without_giving_back(order: Order) -> str:
    number = flash_order().number
    execute("UPDATE orders_order SET status = 'expired' WHERE number = %s", number)
    return number


@breaks("product_has_one_primary_picture")
def take_the_mark_from_a_picture(order: Order) -> str:
    image = ProductImageFactory(product=order.lines.get().variant.product)
    return str(image.product.slug)


@breaks("stock_is_its_ledger")
def write_a_balance_by_hand(order: Order) -> str:
    Stock.objects.filter(variant__sku=sku_of(order)).update(on_hand=77)
    return sku_of(order)


@breaks("stock_is_not_negative")
def reserve_more_than_there_is(order: Order) -> str:
    drop_constraint("catalog_stock", "stock_reserved_within_on_hand")
    Stock.objects.filter(variant__sku=sku_of(order)).update(reserved=99)
    return sku_of(order)


@breaks("stock_reserved_is_orders")
def end_an_order_without_its_stock(order: Order) -> str:
    Order.objects.filter(pk=order.pk).update(status="cancelled")
    return sku_of(order)


@breaks("order_total_is_its_lines")
def change_a_line(order: Order) -> str:
    execute("UPDATE orders_orderline SET unit_price = 1, total = quantity")
    return order.number


@breaks("order_bundle_total_is_its_lines")
def lose_a_part(order: Order) -> str:
    BundleFactory()
    execute(
        "INSERT INTO orders_orderbundle (order_id, bundle_id, name, slug, quantity,"
        " unit_price, total) SELECT o.id, b.id, 'n', 's', 1, 9, 9"
        " FROM orders_order o, catalog_bundle b"
    )
    return order.number


@breaks("idempotency_keys_end")
def let_a_runner_die(order: Order) -> str:
    execute(
        "INSERT INTO orders_idempotencyrecord (id, scope, key, fingerprint, state,"
        " attempt, locked_at, created_at) VALUES (991, 's', 'k', 'f', 'started', 1,"
        " now() - interval '11 minutes', now())"
    )
    return "key 991"


@breaks("unpaid_orders_end")
def forget_to_expire(order: Order) -> str:
    execute(
        "UPDATE orders_order SET status = 'pending', payment_status = 'unpaid',"
        " expires_at = now() - interval '31 minutes'"
    )
    return order.number


@breaks("order_history_is_legal")
def change_a_status_by_hand(order: Order) -> str:
    Order.objects.filter(pk=order.pk).update(status="completed")
    return order.number


@breaks("paid_order_has_its_money")
def pay_too_little(order: Order) -> str:
    GatewayTransaction.objects.update(gross_amount=1)
    return order.number


@breaks("refunded_order_was_refunded")
def refund_on_paper(order: Order) -> str:
    Order.objects.filter(pk=order.pk).update(payment_status="refunded")
    return order.number


@breaks("money_moves_its_order")
def leave_a_paid_order_waiting(order: Order) -> str:
    Order.objects.filter(pk=order.pk).update(status="pending")
    return order.number


@breaks("paid_order_was_confirmed")
def lose_the_word_of_midtrans(order: Order) -> str:
    execute("UPDATE payments_gatewayevent SET outcome = 'unconfirmed'")
    return order.number


@breaks("money_has_an_order")
def be_paid_for_nothing(order: Order) -> str:
    PaymentIssue.objects.create(
        kind=PaymentIssue.Kind.UNKNOWN_ORDER, subject="KRM-X-01 trx", detail="?"
    )
    return "KRM-X-01 trx"


@breaks("order_is_paid_once")
def be_paid_twice(order: Order) -> str:
    first = GatewayTransaction.objects.get()
    first.pk, first.transaction_id = None, "second"
    first.save(force_insert=True)
    return order.number


@breaks("refund_is_within_payment")
def give_back_too_much(order: Order) -> str:
    drop_constraint(
        "payments_gatewaytransaction", "gateway_transaction_refund_within_amount"
    )
    GatewayTransaction.objects.update(refunded_total=10**9)
    return GatewayTransaction.objects.get().transaction_id


def refund_of(order: Order, **more: Any) -> Refund:
    """Write a refund past the services."""
    paid = GatewayTransaction.objects.get()
    return Refund.objects.create(
        **{
            "order": order,
            "transaction": paid,
            "kind": "gateway",
            "state": "requested",
            "amount": 1,
            "refund_key": f"{order.number}-R01",
            "requested_by": order.customer,
            **more,
        }
    )


@breaks("refunds_are_recorded")
def be_refunded_on_the_quiet(order: Order) -> str:
    GatewayTransaction.objects.update(refunded_total=1)
    return GatewayTransaction.objects.get().transaction_id


@breaks("transfers_are_recorded")
def transfer_without_a_refund(order: Order) -> str:
    GatewayTransaction.objects.update(returned_total=1)
    return GatewayTransaction.objects.get().transaction_id


@breaks("refund_claims_add_up")
def forget_what_is_held(order: Order) -> str:
    refund_of(order)
    return GatewayTransaction.objects.get().transaction_id


@breaks("ended_order_keeps_no_money")
def cancel_and_keep_the_money(order: Order) -> str:
    Order.objects.filter(pk=order.pk).update(status="cancelled")
    return order.number


@breaks("refunds_are_sent")
def send_nothing(order: Order) -> str:
    late = timezone.now() - timedelta(minutes=31)
    return refund_of(order, next_try_at=late).refund_key


@breaks("notifications_are_finished")
def leave_a_notification(order: Order) -> str:
    execute(
        "INSERT INTO payments_gatewayevent (id, source, digest, provider_order_id,"
        " transaction_id, transaction_status, gross_amount, body, outcome, received_at)"
        " VALUES (992, 'notification', 'd', 'KRM-X-01', '', '', '', '{}', 'received',"
        " now() - interval '31 minutes')"
    )
    return "event 992"


@breaks("jobs_are_done")
def let_the_worker_sleep(order: Order) -> str:
    execute(
        "INSERT INTO procrastinate_jobs (id, queue_name, task_name, status,"
        " scheduled_at) VALUES (993, 'default', 'tidur', 'todo',"
        " now() - interval '31 minutes')"
    )
    return "tidur 993"


def pay(gateway: Midtrans, order: Order) -> None:
    """Pay the order through the shop's own rules."""
    attempt = charges.start_payment(order.number)
    body = gateway.pay(attempt.provider_order_id, "other_qris")
    notifications.receive(json.dumps(body).encode())
    order.refresh_from_db()
    assert order.status == Order.Status.CONFIRMED


def found(invariant: Invariant) -> tuple[str, ...]:
    return invariants.find(invariant).named


@pytest.fixture
def paid_order(gateway: Midtrans, aisyah: User) -> Order:
    order = make_order(aisyah, variant=VariantFactory(on_hand=5))
    pay(gateway, order)
    return order


def test_every_invariant_has_a_violation_to_find() -> None:
    assert set(PLANTS) == set(BY_NAME)
    assert len(BY_NAME) == len(INVARIANTS)


@pytest.mark.django_db
@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda i: i.name)
def test_violation_is_found(invariant: Invariant, paid_order: Order) -> None:
    assert found(invariant) == ()
    subject = PLANTS[invariant.name](paid_order)
    assert found(invariant) == (subject,)


@pytest.mark.django_db
def test_refund_and_expiry_break_nothing(paid_order: Order, gateway: Midtrans) -> None:
    body = gateway.refund(f"{paid_order.number}-01")
    notifications.receive(json.dumps(body).encode())
    unpaid = make_order()
    Order.objects.filter(pk=unpaid.pk).update(expires_at=unpaid.placed_at)
    expiry.expire_due()
    assert {name: found(rule) for name, rule in BY_NAME.items() if found(rule)} == {}


@pytest.mark.django_db
def test_first_violations_are_named_and_all_are_counted() -> None:
    many = Invariant(
        name="many",
        says="Nothing.",
        sql="SELECT 'row ' || n FROM generate_series(10, 60) n WHERE n > %(least)s",
        parameters={"least": 10},
    )
    finding = invariants.find(many)
    assert finding.count == 50
    assert finding.named[0] == "row 11"
    assert len(finding.named) == invariants.NAMED


@pytest.mark.django_db(transaction=True)
def test_command_says_that_all_is_well() -> None:
    make_order()
    said = StringIO()
    call_command("check_invariants", "--json", stdout=said)
    document = json.loads(said.getvalue())
    assert document["ok"] is True
    assert {row["name"] for row in document["invariants"]} == set(BY_NAME)
    assert {row["violations"] for row in document["invariants"]} == {0}


@pytest.mark.django_db(transaction=True)
def test_command_fails_and_names_what_is_broken() -> None:
    order = make_order()
    Stock.objects.update(on_hand=77)
    said = StringIO()
    with pytest.raises(CommandError, match="stock_is_its_ledger") as failure:
        call_command("check_invariants", stdout=said)
    assert failure.value.returncode == 1
    assert f"1 broken  stock_is_its_ledger\n{'':12}{sku_of(order)}\n" in said.getvalue()


@pytest.mark.django_db(transaction=True)
def test_check_can_change_nothing() -> None:
    writes = Invariant(
        name="writes",
        says="Nothing.",
        sql="WITH gone AS (DELETE FROM catalog_color RETURNING id) SELECT id FROM gone",
    )
    reads = Invariant(
        name="reads",
        says="Nothing.",
        sql="SELECT current_setting('transaction_isolation') || ' '"
        " || current_setting('transaction_read_only') || ' '"
        " || current_setting('statement_timeout')",
    )
    assert invariants.check([reads])[0].named == ("repeatable read on 20s",)
    with pytest.raises(DatabaseError):
        invariants.check([writes])


@pytest.mark.django_db(transaction=True)
def test_command_tells_not_looked_from_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sleepy = Invariant(name="sleepy", says="Nothing.", sql="SELECT pg_sleep(9)::text")
    monkeypatch.setattr(invariants, "TIMEOUT_MILLISECONDS", 50)
    monkeypatch.setattr(check_invariants, "INVARIANTS", (sleepy,))
    with pytest.raises(CommandError, match="Not looked at") as failure:
        call_command("check_invariants")
    assert failure.value.returncode == 2
