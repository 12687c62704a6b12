"""Customers and staff in the admin, and the table of roles behind it."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import roles
from tests.factories import CustomerFactory, make_order
from tests.fixtures_staff import StaffClient

pytestmark = pytest.mark.django_db


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", "karima.urls.admin", args=args)


def granted(role: str) -> set[str]:
    permissions = Permission.objects.filter(group__name=role)
    rows = permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


def test_customers_are_listed_without_the_staff(owner: Client) -> None:
    CustomerFactory(full_name="Aisyah Putri")
    response = owner.get(page("accounts_user_changelist"))
    names = [user.full_name for user in response.context["cl"].result_list]
    assert names == ["Aisyah Putri"]


def test_customer_leads_to_the_orders(owner: Client, aisyah: User) -> None:
    order = make_order(aisyah)
    make_order()
    shown = owner.get(page("accounts_user_change", aisyah.pk)).content.decode()
    link = f"{page('orders_order_changelist')}?customer__id__exact={aisyah.pk}"
    assert f'{link}">1 pesanan' in shown
    assert list(owner.get(link).context["cl"].result_list) == [order]


def test_identity_of_a_customer_is_not_edited(owner: Client, aisyah: User) -> None:
    body = {"full_name": "Orang lain", "is_staff": "on"}
    answer = owner.post(page("accounts_user_change", aisyah.pk), body)
    assert answer.status_code == 403
    aisyah.refresh_from_db()
    assert (aisyah.full_name, aisyah.is_staff) == ("Aisyah Putri", False)


def test_staff_are_listed_with_their_role(staff_client: StaffClient) -> None:
    staff_client("warehouse")
    shown = staff_client("owner").get(page("accounts_staffidentity_changelist"))
    assert "Gudang" in shown.content.decode()
    assert "Pemilik" in shown.content.decode()


def test_groups_have_no_page(owner: Client) -> None:
    assert owner.get("/admin/auth/group/").status_code == 404


def test_roles_are_synced_to_the_table_and_back(db: None) -> None:
    call_command("sync_roles", verbosity=0)
    extra = Permission.objects.get(codename="delete_order")
    Group.objects.get(name="cs").permissions.set([extra])
    call_command("sync_roles", verbosity=0)
    for role, names in roles.ROLES.items():
        assert granted(role) == names


def test_unknown_permission_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(roles.ROLES, "cs", frozenset({"orders.fly_order"}))
    with pytest.raises(LookupError, match="fly_order"):
        roles.sync()
    assert not Group.objects.exists()


def test_every_role_has_a_title() -> None:
    assert roles.TITLES.keys() == roles.ROLES.keys()
