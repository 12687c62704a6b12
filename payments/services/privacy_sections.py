"""What the shop holds about a customer: the table behind every copy of their data.

A test walks from the user's table to all that refers to it, and demands that each is
in `SECTIONS` or, with a reason, in `LEFT_OUT`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import (
    Address,
    ApplicationEvent,
    Consent,
    Message,
    PrivacyRequest,
    ResellerApplication,
    User,
)
from catalog.models import StockAlert, WishlistItem
from orders.models import (
    Cart,
    CartBundle,
    CartLine,
    IdempotencyRecord,
    Order,
    OrderBundle,
    OrderEvent,
    OrderLine,
    Review,
    ReviewPhoto,
    ReviewVote,
    Shipment,
)
from payments.models import (
    GatewayEvent,
    GatewayTransaction,
    PaymentAttempt,
    PaymentIssue,
    Refund,
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a copy.

    `without` are columns that open a door or tell of another person; `along` are
    columns of other tables that make a row readable.
    """

    name: str
    title: str
    rows: Callable[[User], QuerySet[Any]]
    without: frozenset[str] = frozenset()
    along: tuple[str, ...] = ()

    def of(self, customer: User) -> list[Row]:
        """Return the customer's rows, the oldest first."""
        found = self.rows(customer).order_by("pk")
        columns = [
            field.attname
            for field in found.model._meta.concrete_fields
            if field.name not in self.without
        ]
        return list(found.values(*columns, *self.along))


def _events_of(customer: User) -> QuerySet[GatewayEvent]:
    attempts = PaymentAttempt.objects.filter(order__customer=customer)
    transactions = GatewayTransaction.objects.filter(attempt__in=attempts)
    return GatewayEvent.objects.filter(
        Q(provider_order_id__in=attempts.values("provider_order_id"))
        | Q(transaction_id__in=transactions.values("transaction_id"))
    )


SECTIONS = (
    Section(
        "profile",
        "Profil",
        lambda user: User.objects.filter(pk=user.pk),
        without=frozenset({"password", "is_staff", "is_superuser", "last_login"}),
    ),
    Section("addresses", "Alamat", lambda user: Address.objects.filter(customer=user)),
    Section(
        "group_applications",
        "Pengajuan grup",
        lambda user: ResellerApplication.objects.filter(customer=user),
    ),
    Section(
        "group_application_events",
        "Riwayat pengajuan grup",
        lambda user: ApplicationEvent.objects.filter(application__customer=user),
        without=frozenset({"actor"}),
    ),
    Section(
        "consents", "Persetujuan", lambda user: Consent.objects.filter(customer=user)
    ),
    Section(
        "messages",
        "Pesan dari toko",
        lambda user: Message.objects.filter(customer=user),
        without=frozenset({"key", "error"}),
    ),
    Section(
        "carts",
        "Keranjang",
        lambda user: Cart.objects.filter(customer=user),
        without=frozenset({"token_hash"}),
    ),
    Section(
        "cart_lines",
        "Isi keranjang",
        lambda user: CartLine.objects.filter(cart__customer=user),
        along=("variant__sku", "variant__product__name"),
    ),
    Section(
        "cart_bundles",
        "Paket di keranjang",
        lambda user: CartBundle.objects.filter(cart__customer=user),
        along=("bundle__name",),
    ),
    Section("orders", "Pesanan", lambda user: Order.objects.filter(customer=user)),
    Section(
        "order_lines",
        "Isi pesanan",
        lambda user: OrderLine.objects.filter(order__customer=user),
        along=("order__number",),
    ),
    Section(
        "order_bundles",
        "Paket dalam pesanan",
        lambda user: OrderBundle.objects.filter(order__customer=user),
        along=("order__number",),
    ),
    Section(
        "wishlist",
        "Daftar keinginan",
        lambda user: WishlistItem.objects.filter(customer=user),
        along=("variant__sku", "variant__product__name"),
    ),
    Section(
        "stock_alerts",
        "Kabar stok",
        lambda user: StockAlert.objects.filter(customer=user),
        without=frozenset({"token_hash"}),
        along=("variant__sku", "variant__product__name"),
    ),
    Section(
        "reviews",
        "Ulasan",
        lambda user: Review.objects.filter(customer=user),
        without=frozenset({"decided_by"}),
        along=("line__order__number", "product__name"),
    ),
    Section(
        "review_photos",
        "Foto ulasan",
        lambda user: ReviewPhoto.objects.filter(review__customer=user),
        along=("review__product__name",),
    ),
    Section(
        "review_votes",
        "Ulasan yang ditandai membantu",
        lambda user: ReviewVote.objects.filter(customer=user),
        along=("review__product__name",),
    ),
    Section(
        "order_events",
        "Riwayat pesanan",
        lambda user: OrderEvent.objects.filter(order__customer=user),
        without=frozenset({"actor"}),
        along=("order__number",),
    ),
    Section(
        "shipments",
        "Kiriman",
        lambda user: Shipment.objects.filter(order__customer=user),
        along=("order__number",),
    ),
    Section(
        "payment_attempts",
        "Pembayaran",
        lambda user: PaymentAttempt.objects.filter(order__customer=user),
        without=frozenset({"snap_token", "redirect_url"}),
        along=("order__number",),
    ),
    Section(
        "payment_transactions",
        "Transaksi pembayaran",
        lambda user: GatewayTransaction.objects.filter(attempt__order__customer=user),
        along=("attempt__order__number",),
    ),
    Section(
        "payment_events",
        "Kabar dari Midtrans",
        _events_of,
        without=frozenset({"digest"}),
    ),
    Section(
        "payment_issues",
        "Masalah pembayaran",
        lambda user: PaymentIssue.objects.filter(order__customer=user),
        without=frozenset({"resolved_by"}),
        along=("order__number",),
    ),
    Section(
        "refunds",
        "Pengembalian dana",
        lambda user: Refund.objects.filter(order__customer=user),
        # The account is encrypted, and files and keys are the shop's own.
        without=frozenset(
            {
                "requested_by",
                "decided_by",
                "paid_by",
                "request_key",
                "bank_account",
                "proof",
            }
        ),
        along=("order__number", "transaction__transaction_id"),
    ),
    Section(
        "repeated_requests",
        "Catatan permintaan yang diulang",
        lambda user: IdempotencyRecord.objects.filter(
            Q(order__customer=user) | Q(scope=f"checkout:{user.pk}")
        ),
        without=frozenset({"key", "fingerprint"}),
    ),
    Section(
        "privacy_requests",
        "Permintaan privasi",
        lambda user: PrivacyRequest.objects.filter(customer=user),
    ),
)

LEFT_OUT: Mapping[str, str] = {
    "accounts.StaffIdentity": "staff only; a customer is never staff",
    "accounts.ApiKey": "names the staff member who made or revoked a program's key",
    "accounts.BreakGlassLink": "staff only",
    "accounts.HandoffCode": "hashes of sign-in codes; they live a day at most",
    "accounts.StaffAuditEntry": "staff only: its actor is a member of staff",
    "accounts.MessageTemplate": "texts of the shop; names the staff who changed one",
    "admin.LogEntry": "staff only: its user is a member of staff",
    "catalog.ChangeBatch": "names the staff member who changed the catalogue",
    "catalog.ImportFile": "names the staff member who sent a file of goods",
    "catalog.FieldChange": "values of goods, in what a staff member changed",
    "catalog.ImportRow": "lines of goods of such a file",
    "catalog.StockTake": "names the staff members who counted and applied it",
    "catalog.StockTakeLine": "counts of goods, with the staff member who counted",
    "catalog.StockMovement": "its actor is a member of staff; orders name their goods",
}
