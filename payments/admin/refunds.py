"""Refunds as the staff see them: what waits for whom, and the steps of each."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from unfold.decorators import display

from karima import encryption
from karima.admin_pages import ReadOnlyAdmin
from karima.money import format_rupiah
from karima.wib import wib
from payments.admin import refund_steps, words
from payments.admin.badges import REFUND_BADGES
from payments.admin.payments import link_to_order
from payments.admin.refund_forms import AccountForm, TransferForm, WithdrawForm
from payments.models import Refund
from payments.services import refund_transfers
from payments.services.refund_transfers import BankAccount

State, Kind = Refund.State, Refund.Kind

WAITS = {
    "setuju": ("Menunggu persetujuan", Q(state=State.WAITING)),
    "transfer": (
        "Perlu ditransfer",
        Q(state=State.REQUESTED, kind=Kind.MANUAL),
    ),
    "jalan": (
        "Sedang berjalan",
        Q(state__in=[State.REQUESTED, State.ACCEPTED]) & ~Q(kind=Kind.MANUAL),
    ),
}


class WaitFilter(admin.SimpleListFilter):
    title = "menunggu"
    parameter_name = "menunggu"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, title) for name, (title, _) in WAITS.items()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Refund]
    ) -> QuerySet[Refund]:
        _, condition = WAITS.get(self.value() or "", ("", Q()))
        return queryset.filter(condition)


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ["created", "order_link", "total", "kind", "badge", "method"]
    list_filter = [WaitFilter, "state", "kind", "created_at"]
    list_select_related = ["order", "transaction"]
    search_fields = ["order__number", "refund_key", "transaction__transaction_id"]
    search_help_text = "Nomor pesanan, kunci, atau ID transaksi"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        steps = [
            path(
                f"<uuid:object_id>/{name}/",
                view(self.step_view),
                {"name": name},
                name=f"payments_refund_{name}",
            )
            for name in refund_steps.STEPS
        ]
        return [
            path(
                "pesanan/<uuid:order_id>/",
                view(self.request_view),
                name="payments_refund_request",
            ),
            path(
                "<uuid:object_id>/bukti/",
                view(self.proof_view),
                name="payments_refund_proof",
            ),
            *steps,
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the refund; each step posts to an address of its own."""
        return self._page(request, self._refund(request, object_id))

    def step_view(
        self, request: HttpRequest, object_id: UUID, name: str
    ) -> HttpResponse:
        """Take one step and show what has come of it."""
        refund = self._refund(request, str(object_id))
        form = refund_steps.take(request, refund, name)
        if form is not None:
            return self._page(request, refund, **{f"{name}_form": form})
        return refund_steps.back_to(refund)

    def request_view(self, request: HttpRequest, order_id: UUID) -> HttpResponse:
        """Ask for a refund of an order."""
        context = self.admin_site.each_context(request) | {"opts": self.opts}
        return refund_steps.request_page(request, order_id, context=context)

    def proof_view(self, request: HttpRequest, object_id: UUID) -> FileResponse:
        """Give the receipt of a transfer, as a file and never as a page."""
        refund = self._refund(request, str(object_id))
        if not request.user.has_perm("payments.pay_refund"):
            raise PermissionDenied
        if not refund.proof:
            raise Http404
        name = refund.proof.rpartition("/")[2]
        return FileResponse(
            refund_transfers.private_files().open(refund.proof),
            as_attachment=True,
            filename=f"{refund.refund_key}-{name}",
            content_type=refund_transfers.content_type(refund.proof),
        )

    def _refund(self, request: HttpRequest, object_id: str) -> Refund:
        if not self.has_view_permission(request):
            raise PermissionDenied
        refund: Refund | None = self.get_object(request, object_id)
        if refund is None:
            raise Http404
        return refund

    def _page(
        self, request: HttpRequest, refund: Refund, **forms: Any
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": refund.refund_key,
            "opts": self.opts,
            "original": refund,
            "object": refund,
            "refund": refund,
            "badge": REFUND_BADGES[refund.state],
            "method": words.method(refund.transaction.payment_type),
            "account": _account(request, refund),
            "steps": refund_steps.open_to(request, refund),
            "account_form": AccountForm(),
            "pay_form": TransferForm(),
            "withdraw_form": WithdrawForm(),
            **forms,
        }
        return TemplateResponse(request, "admin/payments/refund/page.html", context)

    @display(description="waktu", ordering="created_at")
    def created(self, refund: Refund) -> str:
        return wib(refund.created_at)

    @display(description="pesanan", ordering="order__number")
    def order_link(self, refund: Refund) -> SafeString | str:
        return link_to_order(refund.order)

    @display(description="jumlah", ordering="amount")
    def total(self, refund: Refund) -> str:
        return format_rupiah(refund.amount)

    @display(description="keadaan", ordering="state", label=REFUND_BADGES)
    def badge(self, refund: Refund) -> tuple[str, str]:
        return refund.state, refund.state_text

    @display(description="dibayar dengan")
    def method(self, refund: Refund) -> str:
        return words.method(refund.transaction.payment_type)


def _account(request: HttpRequest, refund: Refund) -> BankAccount | str | None:
    """Return the account for those who pay, and its end for the others."""
    try:
        account = refund_transfers.account_of(refund)
    except encryption.Unreadable:
        return "Rekening tidak dapat dibaca lagi. Isi ulang."
    if account is None or request.user.has_perm("payments.pay_refund"):
        return account
    return f"{account.bank}, berakhiran {account.number[-3:]}"
