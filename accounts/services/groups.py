"""Customer groups: retail for everybody, the others on application."""

from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import ApplicationEvent, CustomerGroup, ResellerApplication, User
from accounts.services.customers import lock_active
from karima.errors import Conflict, Invalid

State = ResellerApplication.State


class ApplicationOpen(Conflict):
    code = "application_open"
    title = "Application open"
    detail = "Pengajuan Anda yang sebelumnya masih kami periksa."


class GroupHeld(Conflict):
    code = "group_held"
    title = "Group held"
    detail = "Anda sudah berada di grup ini."


class AlreadyDecided(Conflict):
    code = "already_decided"
    title = "Already decided"
    detail = "Pengajuan ini sudah diputuskan."


class ReasonRequired(Invalid):
    code = "reason_required"
    title = "Reason required"
    detail = "Tuliskan alasan penolakan untuk pelanggan."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a customer applies for, and what they say about their shop."""

    wanted_group: CustomerGroup.Code
    shop_name: str
    city: str
    story: str
    social_link: str = ""


def latest_application(customer: User) -> ResellerApplication | None:
    """Return the customer's last application, whatever became of it."""
    return ResellerApplication.objects.filter(customer=customer).first()


def apply(customer: User, *, wish: Wish) -> ResellerApplication:
    """Keep the application of a customer, for the staff to decide.

    Opens its own transaction. Raises `GroupHeld`, and `ApplicationOpen` while another
    one is undecided.
    """
    if customer.group_id == wish.wanted_group:
        raise GroupHeld()
    fields = asdict(wish)
    fields["wanted_group_id"] = fields.pop("wanted_group")
    try:
        with transaction.atomic(durable=True):
            lock_active(customer)
            application = ResellerApplication.objects.create(
                customer=customer, **fields
            )
            _record(application, actor=customer, before="")
    except IntegrityError:
        raise ApplicationOpen() from None
    return application


def approve(application: ResellerApplication, *, actor: User) -> None:
    """Put the customer into the group they applied for.

    Opens its own transaction. Raises `AlreadyDecided`.
    """
    with transaction.atomic(durable=True):
        locked = _decide(application, state=State.APPROVED, actor=actor)
        User.objects.filter(pk=locked.customer_id).update(
            group=locked.wanted_group_id, updated_at=timezone.now()
        )


def reject(application: ResellerApplication, *, actor: User, reason: str) -> None:
    """Turn the application down; the customer reads the reason and may try again.

    Opens its own transaction. Raises `ReasonRequired` and `AlreadyDecided`.
    """
    if not reason.strip():
        raise ReasonRequired()
    with transaction.atomic(durable=True):
        _decide(application, state=State.REJECTED, actor=actor, reason=reason.strip())


def _decide(
    application: ResellerApplication, *, state: State, actor: User, reason: str = ""
) -> ResellerApplication:
    locked = ResellerApplication.objects.select_for_update(of=("self",)).get(
        pk=application.pk
    )
    if locked.state != State.OPEN:
        raise AlreadyDecided()
    before, locked.state, locked.reason = locked.state, state, reason
    locked.decided_at = timezone.now()
    locked.save(update_fields=["state", "reason", "decided_at"])
    _record(locked, actor=actor, before=before)
    return locked


def _record(application: ResellerApplication, *, actor: User, before: str) -> None:
    ApplicationEvent.objects.create(
        application=application,
        from_state=before,
        to_state=application.state,
        actor=actor,
    )


def forget_applicant(customer: User) -> None:
    """Close the customer's open application and empty all of what they told.

    That there were applications, and how they ended, stays. Must run in a transaction.
    """
    mine = ResellerApplication.objects.filter(customer=customer)
    for application in mine.filter(state=State.OPEN):
        _decide(
            application, state=State.REJECTED, actor=customer, reason="Akun dihapus."
        )
    mine.exclude(reason="").update(reason="Dihapus.")
    mine.update(shop_name="-", city="-", story="-", social_link="")
