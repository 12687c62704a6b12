"""Orders in every state, made by the shop's own rules at moments in the past."""

import random
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from unittest import mock

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Message, User
from catalog.models import Variant
from orders.models import Order
from orders.services import cart as carts
from orders.services import checkout, idempotency, transitions
from orders.services.checkout import Checkout, Contact, ShippingAddress
from payments.clients.midtrans_notification import TransactionReport
from payments.models import GatewayEvent, PaymentAttempt
from payments.services import applying

COURIERS = ("JNE", "J&T", "SiCepat", "AnterAja")
METHODS = ("bank_transfer", "gopay", "qris", "credit_card", "shopeepay", "echannel")
# Province, city, district, subdistrict, postal code, street.
ADDRESSES = [
    line.split(", ")
    for line in (
        "Jawa Barat, Kota Bandung, Coblong, Dago, 40135, Jl. Ir. H. Juanda 100",
        "DKI Jakarta, Jakarta Selatan, Tebet, Menteng Dalam, 12870, Gang Mawar 7",
        "Jawa Timur, Kota Surabaya, Gubeng, Airlangga, 60286, Jl. Dharmawangsa 12",
        "DI Yogyakarta, Kabupaten Sleman, Depok, Caturtunggal, 55281, Jl. Kaliurang 5",
        "Aceh, Kota Banda Aceh, Kuta Alam, Beurawe, 23124, Jl. T. Iskandar 8",
        "Sulawesi Selatan, Kota Makassar, Panakkukang, Masale, 90231, Jl. Boulevard 3",
    )
]

# How far an order came, and how many days ago it was placed.
PLAN = (
    *(("pending", days) for days in (0, 0, 0)),
    ("waiting", 0),
    ("challenge", 0),
    *(("confirmed", days) for days in (0, 0, 0, 1, 1)),
    *(("processing", days) for days in (1, 1, 2)),
    *(("shipped", days) for days in (2, 2, 3, 3, 4)),
    *(("delivered", days) for days in (4, 5, 5, 6)),
    *(("completed", days) for days in (6, 7, 7, 8, 8, 9, 10, 11, 11, 12, 13, 13)),
    *(("expired", days) for days in (3, 6, 9)),
    *(("cancelled", days) for days in (4, 8)),
    *(("refunded", days) for days in (7,)),
    *(("returned", days) for days in (9,)),
)


@dataclass(frozen=True, slots=True)
class Tale:
    """One order to be told: when it began, who bought it, and how far it came."""

    number: int
    ending: str
    placed_at: datetime
    customer: User
    dice: random.Random

    def at(self, **later: float) -> AbstractContextManager[object]:
        """Return a block in which the shop believes it is that much later.

        History is append-only, so it has to be written with the right times at once.
        """
        moment = min(self.placed_at + timedelta(**later), REAL_NOW())
        return mock.patch.object(timezone, "now", lambda: moment)


REAL_NOW = timezone.now


def add_orders(
    customers: Sequence[User], *, progress: Callable[[int, int], None]
) -> None:
    """Place the demo's orders, unless these customers have ordered before."""
    if Order.objects.filter(customer__in=customers).exists():
        return
    dice = random.Random(2026)  # noqa: S311 demo data, the same every time
    variants = _popular_variants()
    for number, (ending, days) in enumerate(PLAN, 1):
        began = REAL_NOW() - timedelta(days=days, minutes=dice.randint(30, 300))
        customer = customers[number % len(customers)]
        tale = Tale(number, ending, began, customer, dice)
        _tell(tale, dice.sample(variants, k=dice.choice((1, 1, 2, 3))))
        progress(number, len(PLAN))
    # They tell of days long past; nobody is to find them in the inbox today.
    Message.objects.filter(customer__in=customers, state=Message.State.WAITING).update(
        state=Message.State.SENT, tries=1, next_try_at=None, sent_at=F("created_at")
    )


def _popular_variants() -> list[Variant]:
    """Return some variants of which there are plenty, the same ones every time."""
    return list(
        Variant.objects.filter(is_active=True, stock__on_hand__gte=12)
        .select_related("stock", "product")
        .order_by("pk")[:240:5]
    )


def _tell(tale: Tale, variants: Sequence[Variant]) -> None:
    with tale.at():
        order = _place(tale, variants)
    paid_at = timedelta(minutes=tale.dice.randint(3, 90))
    with tale.at(seconds=paid_at.total_seconds()):
        _pay(tale, order)
    for step, hours in STEPS.get(tale.ending, ()):
        with tale.at(hours=hours), transaction.atomic():
            step(tale, transitions.lock_order(order.number))
    if tale.ending == "refunded":
        with tale.at(hours=30):
            _report(tale, order, "refund", refunded=order.grand_total)


def _place(tale: Tale, variants: Sequence[Variant]) -> Order:
    cart, _ = carts.open_cart(carts.Shopper(customer=tale.customer))
    for variant in variants:
        carts.add_item(cart, variant=variant, quantity=tale.dice.choice((1, 1, 2)))
    customer, address = tale.customer, tale.dice.choice(ADDRESSES)
    wish = Checkout(
        customer=customer,
        cart_token="",
        contact=Contact(customer.full_name, customer.email, customer.phone),
        address=ShippingAddress(customer.full_name, customer.phone, *address),
    )
    request = idempotency.keyed_request(
        f"demo-order-{tale.number:08d}", scope=f"demo:{customer.pk}", body={}
    )
    return checkout.place_order(wish, request=request).order


STATUSES = {
    "waiting": "pending",
    "challenge": "challenge",
    "expired": "expire",
    "cancelled": "",
    "pending": "",
}


def _pay(tale: Tale, order: Order) -> None:
    status = STATUSES.get(tale.ending, "settlement")
    if status:
        PaymentAttempt.objects.create(
            order=order,
            number=1,
            provider_order_id=f"{order.number}-01",
            amount=order.grand_total,
            state=PaymentAttempt.State.OPEN,
            snap_token=f"demo-{tale.number}",
            expires_at=order.expires_at,
        )
        _report(tale, order, status)


def _report(tale: Tale, order: Order, status: str, *, refunded: int = 0) -> None:
    """Let the books hear of the payment as if the gateway had confirmed it."""
    card = status == "challenge"
    method = "credit_card" if card else METHODS[tale.number % len(METHODS)]
    attempt = order.payment_attempts.get()
    report = TransactionReport(
        order_id=attempt.provider_order_id,
        transaction_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{order.number}")),
        status="capture" if card else status,
        fraud_status="challenge" if card else "accept",
        payment_type=method,
        gross_amount=f"{order.grand_total}.00",
        currency="IDR",
        merchant_id="",
        paid_at=timezone.now(),
        refunded_total=refunded,
        refund_confirmed_at=timezone.now() if refunded else None,
    )
    event = GatewayEvent.objects.create(
        source=GatewayEvent.Source.NOTIFICATION,
        digest=uuid.uuid5(uuid.NAMESPACE_OID, f"{order.number}{status}").hex,
        provider_order_id=attempt.provider_order_id,
        transaction_id=report.transaction_id,
        transaction_status=report.status,
        gross_amount=report.gross_amount,
        body={"transaction_status": report.status, "payment_type": method},
    )
    applying.apply_report(attempt, report, event=event)


def _pack(tale: Tale, order: Order) -> None:
    transitions.start_processing(order, actor=None)


def _ship(tale: Tale, order: Order) -> None:
    courier = tale.dice.choice(COURIERS)
    awb = f"{courier[:3].upper()}{tale.dice.randint(10**9, 10**10)}"
    transitions.ship(order, courier=courier, tracking_number=awb, actor=None)


def _deliver(tale: Tale, order: Order) -> None:
    transitions.deliver(order)


def _complete(tale: Tale, order: Order) -> None:
    transitions.complete(order)


def _expire(tale: Tale, order: Order) -> None:
    transitions.expire(order)


def _cancel(tale: Tale, order: Order) -> None:
    transitions.cancel(order, actor=None, note="Diminta pembeli")


def _return(tale: Tale, order: Order) -> None:
    transitions.record_return(order, actor=None, note="Ukuran tidak cocok")


PACKED = ((_pack, 4.0),)
SENT = (*PACKED, (_ship, 20.0))
ARRIVED = (*SENT, (_deliver, 70.0))
STEPS: dict[str, tuple[tuple[Callable[[Tale, Order], None], float], ...]] = {
    "processing": PACKED,
    "shipped": SENT,
    "delivered": ARRIVED,
    "completed": (*ARRIVED, (_complete, 130.0)),
    "returned": (*ARRIVED, (_return, 120.0)),
    "expired": ((_expire, 24.5),),
    "cancelled": ((_cancel, 2.0),),
    "refunded": ((_cancel, 26.0),),
}
