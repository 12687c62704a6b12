"""What needs a person: open issues first, closed with what was done about them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import User
from karima.admin_pages import ReadOnlyAdmin
from karima.errors import StoreError
from karima.wib import wib
from payments.admin.badges import ISSUE_BADGES
from payments.admin.payments import link_to_order
from payments.models import PaymentIssue
from payments.services import issues

RESOLVE = "payments.resolve_issue"


class ResolveForm(forms.Form):
    resolution = forms.CharField(
        label="Apa yang sudah dilakukan",
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "autofocus": True}),
        help_text="Misalnya: dana dikembalikan lewat Midtrans, pembeli dihubungi.",
    )


class OpenFilter(admin.SimpleListFilter):
    title = "keadaan"
    parameter_name = "keadaan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("terbuka", "Terbuka"), ("selesai", "Selesai")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[PaymentIssue]
    ) -> QuerySet[PaymentIssue]:
        if self.value() == "terbuka":
            return queryset.filter(resolved_at=None)
        if self.value() == "selesai":
            return queryset.exclude(resolved_at=None)
        return queryset


@admin.register(PaymentIssue)
class PaymentIssueAdmin(ReadOnlyAdmin):
    list_display = ["kind_badge", "order_link", "created", "state_badge"]
    list_filter = [OpenFilter, "kind", "created_at"]
    list_select_related = ["order"]
    search_fields = ["order__number", "subject", "detail"]
    search_help_text = "Nomor pesanan, ID transaksi, atau keterangan"
    ordering = [F("resolved_at").desc(nulls_first=True), "-id"]

    def get_urls(self) -> list[URLPattern]:
        resolve = path(
            "<int:object_id>/resolve/",
            self.admin_site.admin_view(self.resolve_view),
            name="payments_paymentissue_resolve",
        )
        return [resolve, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the issue; the form that closes it posts to a page of its own."""
        issue = self._issue(request, object_id)
        return self._page(request, issue, ResolveForm())

    def resolve_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Close the issue with what was done about it."""
        if not isinstance(request.user, User) or not request.user.has_perm(RESOLVE):
            raise PermissionDenied
        issue = self._issue(request, str(object_id))
        form = ResolveForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, issue, form)
        try:
            issues.resolve(issue, actor=request.user, **form.cleaned_data)
        except StoreError as error:
            self.message_user(request, error.detail, messages.ERROR)
        else:
            self.message_user(request, "Masalah diselesaikan.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:payments_paymentissue_changelist"))

    def _issue(self, request: HttpRequest, object_id: str) -> PaymentIssue:
        if not self.has_view_permission(request):
            raise PermissionDenied
        issue: PaymentIssue | None = self.get_object(request, object_id)
        if issue is None:
            raise Http404
        return issue

    def _page(
        self, request: HttpRequest, issue: PaymentIssue, form: ResolveForm
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": issue.get_kind_display(),
            "opts": self.opts,
            "original": issue,
            "object": issue,
            "issue": issue,
            "badge": ISSUE_BADGES[issue.kind],
            "form": form,
            "may_resolve": request.user.has_perm(RESOLVE) and not issue.resolved_at,
        }
        return TemplateResponse(
            request, "admin/payments/paymentissue/page.html", context
        )

    @display(description="waktu", ordering="id")
    def created(self, issue: PaymentIssue) -> str:
        return wib(issue.created_at)

    @display(description="jenis", ordering="kind", label=ISSUE_BADGES)
    def kind_badge(self, issue: PaymentIssue) -> tuple[str, str]:
        return issue.kind, issue.get_kind_display()

    @display(description="pesanan", ordering="order__number")
    def order_link(self, issue: PaymentIssue) -> SafeString | str:
        return link_to_order(issue.order)

    @display(description="keadaan", label={"terbuka": "danger", "selesai": "success"})
    def state_badge(self, issue: PaymentIssue) -> tuple[str, str]:
        return ("selesai", "Selesai") if issue.resolved_at else ("terbuka", "Terbuka")
