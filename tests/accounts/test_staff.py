"""Letting another Access account take a member of staff's e-mail, by an operator."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import StaffAuditEntry, StaffIdentity, User
from tests.accounts.fixtures_access import enter

pytestmark = pytest.mark.django_db


def rebind(email: str = "citra@karima.example") -> str:
    out = io.StringIO()
    call_command("staff_rebind", email, "--reason", "new mailbox", stdout=out)
    return out.getvalue()


def test_next_account_with_the_email_is_bound(client: Client, citra: User) -> None:
    enter(client)
    assert "The next sign-in of citra@karima.example" in rebind("CITRA@karima.example")
    assert enter(client, sub="access-citra-2").status_code == 200
    assert StaffIdentity.objects.get().access_sub == "access-citra-2"


def test_account_that_was_let_go_does_not_come_back(
    client: Client, citra: User
) -> None:
    """Its token is valid for hours after the mailbox has changed hands."""
    enter(client)
    assert "stays refused" in rebind()
    assert enter(client).status_code == 403
    assert StaffIdentity.objects.get().access_sub is None
    assert enter(client, sub="access-citra-2").status_code == 200
    assert enter(client).status_code == 403


def test_second_call_lets_the_former_account_in_again(
    client: Client, citra: User
) -> None:
    enter(client)
    rebind()
    assert "stays refused" not in rebind()
    assert enter(client).status_code == 200


def test_rebinding_is_in_the_audit(client: Client, citra: User) -> None:
    enter(client)
    rebind()
    entry = StaffAuditEntry.objects.get(action="rebind")
    assert (entry.actor, entry.email) == (citra, "citra@karima.example")
    assert (entry.subject, entry.reason) == ("access-citra", "new mailbox")


@pytest.mark.parametrize("field", ["is_active", "is_staff"])
def test_rebinding_is_for_active_staff(citra: User, field: str) -> None:
    User.objects.update(**{field: False, "is_superuser": False})
    with pytest.raises(CommandError, match="no active member of staff"):
        rebind()
    assert not StaffAuditEntry.objects.exists()


def test_unknown_email_is_not_rebound(citra: User) -> None:
    with pytest.raises(CommandError, match="no active member of staff"):
        rebind("eko@karima.example")
