"""Customers and staff, to read: Kratos keeps identities, `staff_add` makes staff."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from accounts.models import StaffIdentity, User
from accounts.services.roles import TITLES
from karima.admin_pages import ReadOnlyAdmin
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
