"""A customer with every kind of trace in the shop, and a search for what is left."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.clients.kratos import Identity
from accounts.models import Address, CustomerGroup, User
from accounts.services import consents, customers, groups, messages
from catalog.services import bundles, stock_alerts, wishlists
from orders.models import Order
from orders.services import cart as carts
from orders.services import cart_bundles, fulfilment, reviews, transitions
from orders.services.erasure import anonymise_orders
from payments.models import (
    GatewayEvent,
    GatewayTransaction,
    PaymentAttempt,
    PaymentIssue,
    Refund,
)
from sandbox.kratos import AISYAH
from tests.factories import (
    BundleFactory,
    CustomerFactory,
    ReviewPhotoFactory,
    StaffFactory,
    VariantFactory,
    make_order,
)

NAME = "Aisyah Putri"
EMAIL = "aisyah@karima.example"
PHONE = "6281234567801"
STREET = "Juanda"
IP = "203.0.113.77"
# What tells of the person, wherever it stands.
TRACES = (NAME, EMAIL, PHONE, STREET, IP, "Coblong", "pagar hijau", "Toko Putri")
CARD, ACCOUNT, TOKEN = "48111111-1114", "888800001111", "snap-token-of-aisyah"
PAYMENT_TRACES = (CARD, ACCOUNT, TOKEN)
# History of the books that nobody can change, with free text of the staff: what
# docs/privacy.md says is left. The person's cancelled order has a note that names her.
LEGAL = {"orders_orderevent"}


@dataclass(frozen=True, slots=True)
class Person:
    """The customer, an order that was delivered, and one that was called off."""

    user: User
    delivered: Order
    cancelled: Order


def settle() -> Person:
    """Make the person. The staff's note on the cancelled order names her."""
    user = customers.sync_user(
        Identity(
            id=UUID(AISYAH),
            schema_id="customer",
            email=EMAIL,
            email_verified=True,
            full_name=NAME,
            phone=f"+{PHONE}",
        )
    )
    put_bundle(user)
    delivered, cancelled = deliver(make_order(user)), make_order(user)
    pay(delivered)
    with transaction.atomic():
        locked = transitions.lock_order(cancelled.number)
        transitions.cancel(locked, actor=StaffFactory(), note=f"{NAME} minta batal")
    Order.objects.filter(pk=delivered.pk).update(notes=f"Titip ke {NAME}")
    leave_traces(user)
    review(user, delivered)
    return Person(user, delivered, cancelled)


def put_bundle(user: User) -> None:
    cart, _ = carts.open_cart(carts.Shopper(customer=user))
    bundle = BundleFactory(parts={VariantFactory(on_hand=5): 1})
    cart_bundles.add(cart, bundle=bundles.find(bundle.slug), quantity=1)


def review(user: User, order: Order) -> None:
    """Write a review that names the person, and mark somebody else's as helpful."""
    own = order.lines.earliest("pk")
    written = reviews.write(user, line_id=own.pk, rating=5, text=f"Cocok untuk {NAME}")
    ReviewPhotoFactory(review=written)
    other = CustomerFactory()
    line = deliver(make_order(other)).lines.get()
    with transaction.atomic():
        anonymise_orders(other, legal_basis="Pembeli lain")
        messages.forget(other)
    theirs = reviews.write(other, line_id=line.pk, rating=4, text="Bagus")
    reviews.publish(theirs.pk, actor=StaffFactory())
    reviews.mark_helpful(user, review_id=theirs.pk, helpful=True)


def leave_traces(user: User) -> None:
    Address.objects.create(
        customer=user,
        receiver_name=NAME,
        phone=f"+{PHONE}",
        province="Jawa Barat",
        city="Kota Bandung",
        district="Coblong",
        subdistrict="Dago",
        postal_code="40135",
        detail=f"Jl. Ir. H. {STREET} No. 100",
        landmark="pagar hijau",
    )
    wish = groups.Wish(
        wanted_group=CustomerGroup.Code.RESELLER,
        shop_name="Toko Putri",
        city="Bandung",
        story=f"Saya {NAME}, menjual kerudung.",
    )
    groups.apply(user, wish=wish)
    consents.answer(user, purpose="marketing_email", granted=True, ip=IP)
    cart, _ = carts.open_cart(carts.Shopper(customer=user))
    carts.add_item(cart, variant=VariantFactory(on_hand=5), quantity=2)
    put_bundle(user)
    gone = VariantFactory()
    wishlists.add(user, variant_id=gone.pk)
    contact = stock_alerts.Contact(email=EMAIL)
    stock_alerts.ask(variant_id=gone.pk, contact=contact, customer=user)


def deliver(order: Order) -> Order:
    staff = StaffFactory()
    with transaction.atomic():
        locked = transitions.lock_order(order.number)
        transitions.confirm(locked, paid_at=timezone.now())
        transitions.set_payment_status(locked, Order.PaymentStatus.PAID)
    fulfilment.pack(order.number, actor=staff)
    fulfilment.ship(
        order.number,
        courier="JNE",
        tracking_number=f"JNE-{order.number}",
        actor=staff,
    )
    fulfilment.deliver(order.number, actor=staff)
    return order


def pay(order: Order) -> GatewayEvent:
    """Put the payment of an order on record, as the gateway tells of it."""
    attempt = PaymentAttempt.objects.create(
        order=order,
        number=1,
        provider_order_id=f"{order.number}-01",
        amount=order.grand_total,
        state=PaymentAttempt.State.PAID,
        snap_token=TOKEN,
        redirect_url=f"https://app.midtrans.example/{TOKEN}",
        expires_at=timezone.now() + timedelta(days=1),
    )
    paid = GatewayTransaction.objects.create(
        attempt=attempt,
        transaction_id=f"t-{order.number}",
        status="settlement",
        rank=60,
        gross_amount=order.grand_total,
        paid_at=timezone.now(),
        instructions={"va_numbers": [{"bank": "bca", "va_number": ACCOUNT}]},
    )
    Refund.objects.create(
        order=order,
        transaction=paid,
        kind=Refund.Kind.MANUAL,
        state=Refund.State.WITHDRAWN,
        amount=1_000,
        refund_key=f"{order.number}-R01",
        reason=f"Permintaan {NAME}",
        requested_by=StaffFactory(),
        bank_account=f"sealed account of {NAME}",
    )
    PaymentIssue.objects.create(
        kind=PaymentIssue.Kind.CHALLENGE,
        subject=f"t-{order.number}",
        order=order,
        detail="Kartu ditahan.",
        resolved_at=timezone.now(),
        resolved_by=StaffFactory(),
    )
    return tell(order)


def tell(order: Order, digest: str = "d") -> GatewayEvent:
    """Keep a notification about the order's payment."""
    return GatewayEvent.objects.create(
        source=GatewayEvent.Source.NOTIFICATION,
        digest=f"{digest}-{order.number}",
        provider_order_id=f"{order.number}-01",
        transaction_id=f"t-{order.number}",
        transaction_status="settlement",
        gross_amount=f"{order.grand_total}.00",
        outcome=GatewayEvent.Outcome.APPLIED,
        body={
            "order_id": f"{order.number}-01",
            "transaction_id": f"t-{order.number}",
            "transaction_status": "settlement",
            "status_code": "200",
            "gross_amount": f"{order.grand_total}.00",
            "masked_card": CARD,
            "va_numbers": [{"bank": "bca", "va_number": ACCOUNT}],
            "metadata": {"nama": NAME},
            "refunds": [{"refund_key": "R1", "reason": f"Retur {NAME}"}],
        },
    )


def tables_with(*texts: str) -> set[str]:
    """Return every table of the database with a row that holds one of the texts."""
    return {
        table
        for table in connection.introspection.table_names()
        if any(_holds(table, text) for text in texts)
    }


def _holds(table: str, text: str) -> bool:
    name = connection.ops.quote_name(table)
    query = f"SELECT EXISTS (SELECT 1 FROM {name} t WHERE t::text ILIKE %s)"  # noqa: S608  names come from the catalogue
    with connection.cursor() as cursor:
        cursor.execute(query, [f"%{text}%"])
        return bool(cursor.fetchone()[0])
