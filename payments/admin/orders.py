"""Orders as the staff see them; their state changes by the moves alone."""

import re
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.forms import Form
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import display

from accounts.models import User
from karima.admin_pages import ReadOnlyAdmin
from karima.errors import StoreError
from karima.money import format_rupiah
from karima.wib import wib
from orders.models import Order, OrderLine
from payments.admin.badges import ORDER_BADGES, PAYMENT_BADGES
from payments.admin.moves import BY_NAME, Move
from payments.admin.order_page import order_page
from payments.admin.queues import PARAMETER, QUEUES, QueueFilter, counts
from payments.clients.midtrans import GatewayMisconfigured

# By whether the shop takes real money. The ids of the page are searched for there.
DASHBOARDS = {
    True: "https://dashboard.midtrans.com/",
    False: "https://dashboard.sandbox.midtrans.com/",
}
PHONE = re.compile(r"0[\d\s-]{5,}")
MISCONFIGURED = "Kunci Midtrans toko ini ditolak. Hubungi pengelola sistem."


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = [
        "number_and_customer",
        "placed",
        "status_badge",
        "payment_badge",
        "pieces",
        "total",
        "expires",
    ]
    list_filter = [QueueFilter, "status", "payment_status", "placed_at"]
    list_before_template = "admin/orders/order/queues.html"
    search_fields = [
        "number",
        "contact_name",
        "contact_phone",
        "contact_email",
        "lines__sku",
        "shipment__tracking_number",
    ]
    search_help_text = "Nomor pesanan, nama, telepon, e-mail, SKU, atau resi"
    ordering = ["-placed_at", "-id"]
    actions = ["pack_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by()
        pieces = lines.values("order").annotate(sum=Sum("quantity")).values("sum")
        found: QuerySet[Order] = super().get_queryset(request)
        return found.annotate(pieces=Subquery(pieces))

    def get_urls(self) -> list[URLPattern]:
        moves = [
            path(
                f"<uuid:object_id>/{move.name}/",
                self.admin_site.admin_view(self.move_view),
                {"name": move.name},
                name=f"orders_order_{move.name}",
            )
            for move in BY_NAME.values()
        ]
        return [*moves, *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        """Find a phone as people type it, 0812-..., among those kept as +62812..."""
        if PHONE.fullmatch(search_term):
            search_term = "62" + re.sub(r"\D", "", search_term)[1:]
        return super().get_search_results(request, queryset, search_term)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(
            request, {**(extra_context or {}), "queues": _queue_links(request)}
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the order. There is no form, so there is nothing to post."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        order = self._order(request, object_id)
        return TemplateResponse(
            request,
            "admin/orders/order/page.html",
            self._context(
                request,
                order,
                page=order_page(order, request),
                midtrans_dashboard=DASHBOARDS[settings.MIDTRANS_IS_PRODUCTION],
            ),
        )

    def move_view(
        self, request: HttpRequest, object_id: str, name: str
    ) -> HttpResponse:
        """Take a step: ask for what it needs, then call its service."""
        move = BY_NAME[name]
        if not request.user.has_perm(move.permission):
            raise PermissionDenied
        order = self._order(request, object_id)
        if move.form is None:
            return self._move_at_once(request, order, move)
        form = move.form(request.POST or None)
        if request.method == "POST" and form.is_valid():
            refusal = self._run(request, order, move, form.cleaned_data)
            if not refusal:
                return HttpResponseRedirect(_page_of(order))
            form.add_error(None, refusal)
        return self._form_page(request, order, move, form)

    def _move_at_once(
        self, request: HttpRequest, order: Order, move: Move
    ) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        refusal = self._run(request, order, move, {})
        if refusal:
            self.message_user(request, refusal, messages.ERROR)
        return HttpResponseRedirect(_page_of(order))

    def _run(
        self, request: HttpRequest, order: Order, move: Move, answers: dict[str, Any]
    ) -> str:
        """Return why the step was refused; empty when it is done."""
        try:
            move.run(order, _actor(request), answers)
        except StoreError as error:
            return error.detail
        except GatewayMisconfigured:
            return MISCONFIGURED
        done = move.done.format(number=order.number)
        self.message_user(request, done, messages.SUCCESS)
        return ""

    def _form_page(
        self, request: HttpRequest, order: Order, move: Move, form: Form
    ) -> HttpResponse:
        context = self._context(request, order, move=move, form=form)
        return TemplateResponse(request, "admin/orders/order/move.html", context)

    def _order(self, request: HttpRequest, object_id: str) -> Order:
        if not self.has_view_permission(request):
            raise PermissionDenied
        order = self.get_object(request, str(object_id))
        if order is None:
            raise Http404
        return order

    def _context(
        self, request: HttpRequest, order: Order, **more: Any
    ) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": order.number,
            "opts": self.opts,
            "original": order,
            "object": order,
            "order": order,
            **more,
        }

    def has_pack_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(BY_NAME["pack"].permission)

    @admin.action(description="Mulai kemas", permissions=["pack"])
    def pack_selected(self, request: HttpRequest, chosen: QuerySet[Order]) -> None:
        """Begin to pack each chosen order; those that cannot be packed say why."""
        refusals = []
        for order in chosen.order_by("placed_at"):
            try:
                BY_NAME["pack"].run(order, _actor(request), {})
            except StoreError as error:
                refusals.append(error.detail)
        done = len(chosen) - len(refusals)
        if done:
            text = f"{done} pesanan mulai dikemas."
            self.message_user(request, text, messages.SUCCESS)
        if refusals:
            text = f"{len(refusals)} pesanan tidak dapat dikemas: {' '.join(refusals)}"
            self.message_user(request, text, messages.WARNING)

    @display(description="pesanan dan pembeli", ordering="number", header=True)
    def number_and_customer(self, order: Order) -> list[str]:
        number = format_html('<span class="whitespace-nowrap">{}</span>', order.number)
        return [number, order.contact_name]

    @display(description="waktu pesan", ordering="placed_at")
    def placed(self, order: Order) -> str:
        return wib(order.placed_at)

    @display(description="status", ordering="status", label=ORDER_BADGES)
    def status_badge(self, order: Order) -> tuple[str, str]:
        return order.status, order.get_status_display()

    @display(description="pembayaran", ordering="payment_status", label=PAYMENT_BADGES)
    def payment_badge(self, order: Order) -> tuple[str, str]:
        return order.payment_status, order.get_payment_status_display()

    @display(description="barang", ordering="pieces")
    def pieces(self, order: Any) -> int:
        return order.pieces or 0

    @display(description="total", ordering="grand_total")
    def total(self, order: Order) -> str:
        return format_rupiah(order.grand_total)

    @display(description="batas bayar", ordering="expires_at")
    def expires(self, order: Order) -> str:
        return wib(order.expires_at) if order.status == Order.Status.PENDING else "-"


def _actor(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _page_of(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def _queue_links(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the quick filters, with how many orders wait in each."""
    waiting, current = counts(), request.GET.get(PARAMETER, "")
    links: list[dict[str, Any]] = [
        {"title": "Semua", "query": "", "is_active": not current, "count": None}
    ]
    for queue in QUEUES:
        links.append(
            {
                "title": queue.title,
                "query": f"{PARAMETER}={queue.name}",
                "is_active": current == queue.name,
                "count": waiting[queue.name],
            }
        )
    return links
