"""Customers and staff, to read: Kratos keeps identities, `staff_add` makes staff."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import ResellerApplication, StaffAuditEntry, StaffIdentity, User
from accounts.services import groups
from accounts.services.roles import TITLES
from karima.admin_pages import ReadOnlyAdmin
from karima.errors import StoreError
from karima.wib import wib

# Roles are a table in the code; a page to edit groups would contradict it.
admin.site.unregister(Group)


@admin.register(User)
class CustomerAdmin(ReadOnlyAdmin):
    list_display = ["name", "email", "phone", "verified", "joined", "order_count"]
    list_filter = ["email_verified", "date_joined"]
    search_fields = ["full_name", "email", "phone"]
    search_help_text = "Nama, e-mail, atau telepon"
    ordering = ["-date_joined"]
    fields = [
        ("full_name", "order_count"),
        ("email", "verified"),
        ("phone", "joined"),
        "kratos_identity_id",
    ]
    readonly_fields = [
        "full_name",
        "order_count",
        "email",
        "verified",
        "phone",
        "joined",
        "kratos_identity_id",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        found: QuerySet[User] = super().get_queryset(request)
        return found.filter(is_staff=False).annotate(placed=Count("orders"))

    @display(description="nama", ordering="full_name")
    def name(self, user: User) -> str:
        return str(user)

    @display(description="e-mail terverifikasi", boolean=True)
    def verified(self, user: User) -> bool:
        return user.email_verified

    @display(description="terdaftar", ordering="date_joined")
    def joined(self, user: User) -> str:
        return wib(user.date_joined)

    @display(description="pesanan", ordering="placed")
    def order_count(self, user: Any) -> SafeString:
        page = reverse("admin:orders_order_changelist")
        return format_html(
            '<a class="text-primary-600" href="{}?customer__id__exact={}">{}</a>',
            page,
            user.pk,
            f"{user.placed} pesanan",
        )


@admin.register(StaffIdentity)
class StaffIdentityAdmin(ReadOnlyAdmin):
    list_display = ["name", "email", "roles", "is_active", "signed_in"]
    list_select_related = ["user"]
    search_fields = ["email", "user__full_name"]
    ordering = ["email"]
    fields = [("name", "email"), ("roles", "is_active"), ("signed_in", "since")]
    readonly_fields = ["name", "email", "roles", "is_active", "signed_in", "since"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffIdentity]:
        found: QuerySet[StaffIdentity] = super().get_queryset(request)
        return found.prefetch_related("user__groups")

    @display(description="nama", ordering="user__full_name")
    def name(self, staff: StaffIdentity) -> str:
        return str(staff.user)

    @display(description="peran")
    def roles(self, staff: StaffIdentity) -> str:
        names = [
            TITLES.get(group.name, group.name) for group in staff.user.groups.all()
        ]
        return ", ".join(names) or "-"

    @display(description="pernah masuk", boolean=True)
    def signed_in(self, staff: StaffIdentity) -> bool:
        return staff.access_sub is not None

    @display(description="sejak")
    def since(self, staff: StaffIdentity) -> str:
        return wib(staff.created_at)


@admin.register(StaffAuditEntry)
class StaffAuditEntryAdmin(ReadOnlyAdmin):
    """What the staff did. Django's own history tells which fields they changed."""

    list_display = ["moment", "email", "action", "method", "path", "status", "ip"]
    list_filter = ["action", "at", "email"]
    search_fields = ["email", "path", "object", "ip", "request_id"]
    search_help_text = "E-mail, alamat, objek, alamat IP, atau nomor permintaan"
    ordering = ["-id"]
    fields = [
        ("moment", "action"),
        ("email", "subject"),
        "reason",
        ("method", "status"),
        ("path", "object"),
        ("ip", "cf_ray"),
        "request_id",
    ]
    readonly_fields = ["moment"]

    @display(description="waktu", ordering="id")
    def moment(self, entry: StaffAuditEntry) -> str:
        return wib(entry.at)


DECIDE = "accounts.decide_application"
State = ResellerApplication.State
STATE_BADGES = {
    State.OPEN.value: "warning",
    State.APPROVED.value: "success",
    State.REJECTED.value: "danger",
}


class DecideForm(forms.Form):
    reason = forms.CharField(
        label="Alasan penolakan",
        required=False,
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Wajib bila ditolak. Pelanggan membacanya.",
    )


@admin.register(ResellerApplication)
class ResellerApplicationAdmin(ReadOnlyAdmin):
    """Who wants to buy as what; decided on the page of the application."""

    list_display = ["shop_name", "customer", "wanted_group", "filed", "state_badge"]
    list_filter = ["state", "wanted_group", "created_at"]
    list_select_related = ["customer", "wanted_group"]
    search_fields = ["shop_name", "customer__full_name", "customer__email"]
    search_help_text = "Nama toko, nama, atau e-mail pelanggan"
    ordering = [F("decided_at").desc(nulls_first=True), "-id"]

    def get_urls(self) -> list[URLPattern]:
        decide = path(
            "<uuid:object_id>/decide/",
            self.admin_site.admin_view(self.decide_view),
            name="accounts_resellerapplication_decide",
        )
        return [decide, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the application; the form that decides posts to a page of its own."""
        application = self._application(request, object_id)
        return self._page(request, application, DecideForm())

    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Approve or reject, by the button that was pressed."""
        if not isinstance(request.user, User) or not request.user.has_perm(DECIDE):
            raise PermissionDenied
        application = self._application(request, str(object_id))
        form = DecideForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, application, form)
        try:
            said = _decide(application, request, form.cleaned_data["reason"])
        except StoreError as error:
            self.message_user(request, error.detail, messages.ERROR)
        else:
            self.message_user(request, said, messages.SUCCESS)
        page = "admin:accounts_resellerapplication_change"
        return HttpResponseRedirect(reverse(page, args=[application.pk]))

    def _application(self, request: HttpRequest, object_id: str) -> ResellerApplication:
        if not self.has_view_permission(request):
            raise PermissionDenied
        application: ResellerApplication | None = self.get_object(request, object_id)
        if application is None:
            raise Http404
        return application

    def _page(
        self, request: HttpRequest, application: ResellerApplication, form: DecideForm
    ) -> HttpResponse:
        is_open = application.state == State.OPEN
        context = {
            **self.admin_site.each_context(request),
            "title": str(application),
            "opts": self.opts,
            "original": application,
            "application": application,
            "badge": STATE_BADGES[application.state],
            "events": [
                (event, State(event.to_state).label)
                for event in application.events.select_related("actor")
            ],
            "form": form,
            "is_open": is_open,
            "may_decide": is_open and request.user.has_perm(DECIDE),
        }
        template = "admin/accounts/resellerapplication/page.html"
        return TemplateResponse(request, template, context)

    @display(description="diajukan", ordering="id")
    def filed(self, application: ResellerApplication) -> str:
        return wib(application.created_at)

    @display(description="keadaan", ordering="state", label=STATE_BADGES)
    def state_badge(self, application: ResellerApplication) -> tuple[str, str]:
        return application.state, application.get_state_display()


def _decide(application: ResellerApplication, request: HttpRequest, reason: str) -> str:
    """Do what the pressed button says, and return what to tell the member of staff."""
    actor = request.user
    if not isinstance(actor, User):
        raise PermissionDenied
    decision = request.POST.get("decision")
    if decision == "approve":
        groups.approve(application, actor=actor)
        return "Pengajuan disetujui. Pelanggan sudah masuk ke grupnya."
    if decision == "reject":
        groups.reject(application, actor=actor, reason=reason)
        return "Pengajuan ditolak. Pelanggan dapat membaca alasannya."
    raise Http404
