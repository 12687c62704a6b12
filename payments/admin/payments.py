"""Attempts to be paid and what the gateway told us: to read, never to write."""

import json

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import display

from karima.admin_pages import ReadOnlyAdmin
from karima.money import format_rupiah
from karima.wib import wib
from orders.models import Order
from payments.admin.badges import ATTEMPT_BADGES, OUTCOME_BADGES
from payments.models import GatewayEvent, GatewayTransaction, PaymentAttempt


class TransactionInline(TabularInline):
    """What the customer tried within the attempt."""

    model = GatewayTransaction
    verbose_name = "transaksi"
    verbose_name_plural = "transaksi"
    extra = 0
    can_delete = False
    fields = ["transaction_id", "payment_type", "status", "amount", "paid", "refunded"]
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Whoever may read the attempt may read what it consists of."""
        return request.user.has_perm("payments.view_paymentattempt")

    @display(description="jumlah")
    def amount(self, transaction: GatewayTransaction) -> str:
        return format_rupiah(transaction.gross_amount)

    @display(description="dibayar")
    def paid(self, transaction: GatewayTransaction) -> str:
        return wib(transaction.paid_at)

    @display(description="dikembalikan")
    def refunded(self, transaction: GatewayTransaction) -> str:
        return format_rupiah(transaction.refunded_total)


@admin.register(PaymentAttempt)
class PaymentAttemptAdmin(ReadOnlyAdmin):
    list_display = ["provider_order_id", "order_link", "created", "badge", "total"]
    list_filter = ["state", "created_at"]
    list_select_related = ["order"]
    search_fields = ["provider_order_id", "transactions__transaction_id"]
    search_help_text = "Nomor pesanan, ID Midtrans, atau ID transaksi"
    fields = [
        ("provider_order_id", "order_link"),
        ("state", "total"),
        ("created", "expires"),
        ("next_poll", "polls"),
    ]
    readonly_fields = [
        "provider_order_id",
        "order_link",
        "state",
        "total",
        "created",
        "expires",
        "next_poll",
        "polls",
    ]
    inlines = [TransactionInline]

    @display(description="pesanan", ordering="order__number")
    def order_link(self, attempt: PaymentAttempt) -> SafeString | str:
        return link_to_order(attempt.order)

    @display(description="status", ordering="state", label=ATTEMPT_BADGES)
    def badge(self, attempt: PaymentAttempt) -> tuple[str, str]:
        return attempt.state, attempt.get_state_display()

    @display(description="jumlah", ordering="amount")
    def total(self, attempt: PaymentAttempt) -> str:
        return format_rupiah(attempt.amount)

    @display(description="dibuat", ordering="created_at")
    def created(self, attempt: PaymentAttempt) -> str:
        return wib(attempt.created_at)

    @display(description="batas bayar")
    def expires(self, attempt: PaymentAttempt) -> str:
        return wib(attempt.expires_at)

    @display(description="diperiksa lagi")
    def next_poll(self, attempt: PaymentAttempt) -> str:
        return wib(attempt.next_poll_at)


@admin.register(GatewayEvent)
class GatewayEventAdmin(ReadOnlyAdmin):
    list_display = [
        "received",
        "provider_order_id",
        "source",
        "transaction_status",
        "gross_amount",
        "badge",
    ]
    list_filter = ["outcome", "source", "received_at"]
    search_fields = ["provider_order_id", "transaction_id"]
    search_help_text = "ID Midtrans atau ID transaksi"
    fields = [
        ("provider_order_id", "transaction_id"),
        ("source", "transaction_status"),
        ("received", "processed"),
        "outcome",
        "body_text",
    ]
    readonly_fields = [
        "provider_order_id",
        "transaction_id",
        "source",
        "transaction_status",
        "received",
        "processed",
        "outcome",
        "body_text",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[GatewayEvent]:
        found: QuerySet[GatewayEvent] = super().get_queryset(request)
        is_list = request.resolver_match and request.resolver_match.url_name
        return found.defer("body") if is_list == LIST_NAME else found

    @display(description="waktu", ordering="id")
    def received(self, event: GatewayEvent) -> str:
        return wib(event.received_at)

    @display(description="diproses")
    def processed(self, event: GatewayEvent) -> str:
        return wib(event.processed_at)

    @display(description="hasil", ordering="outcome", label=OUTCOME_BADGES)
    def badge(self, event: GatewayEvent) -> tuple[str, str]:
        return event.outcome, event.get_outcome_display()

    @display(description="isi")
    def body_text(self, event: GatewayEvent) -> SafeString:
        text = json.dumps(event.body, indent=2, ensure_ascii=False, sort_keys=True)
        return format_html('<pre style="white-space:pre-wrap">{}</pre>', text)


LIST_NAME = "payments_gatewayevent_changelist"


def link_to_order(order: Order | None) -> SafeString | str:
    """Return the order's number as a link to its page."""
    if order is None:
        return "-"
    url = reverse("admin:orders_order_change", args=[order.pk])
    return format_html(
        '<a href="{}" class="text-primary-600 whitespace-nowrap">{}</a>', url, order
    )
