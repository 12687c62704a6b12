"""The steps of a refund: who may take which, and what each calls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.models import User
from karima.errors import StoreError
from karima.money import format_rupiah
from orders.models import Order
from payments.admin import words
from payments.admin.refund_forms import (
    AccountForm,
    RefundForm,
    TransferForm,
    WithdrawForm,
)
from payments.clients.midtrans import GatewayMisconfigured
from payments.models import Refund
from payments.services import (
    reconciliation,
    refund_sending,
    refund_transfers,
    refunds,
)
from payments.services.refunds import Wish

State, Kind = Refund.State, Refund.Kind
REQUEST = "payments.request_refund"
APPROVE, PAY = "payments.approve_refund", "payments.pay_refund"
CANCEL = "orders.cancel_order"
NOT_SENT_YET = frozenset({Order.Status.CONFIRMED, Order.Status.PROCESSING})
MISCONFIGURED = "Kunci Midtrans toko ini ditolak. Hubungi pengelola sistem."


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who may take it, and when. `form` asks for what it needs."""

    permissions: tuple[str, ...]
    fits: Callable[[Refund, User], bool]
    run: Callable[[Refund, User, Any], None]
    done: str
    form: type[Form] | None = None


def _is_due_by_hand(refund: Refund, user: User) -> bool:
    return (refund.kind, refund.state) == (Kind.MANUAL, State.REQUESTED)


def _may_be_withdrawn(refund: Refund, user: User) -> bool:
    return refund.state == State.WAITING or _is_due_by_hand(refund, user)


def _may_be_approved(refund: Refund, user: User) -> bool:
    return refund.state == State.WAITING and refund.requested_by_id != user.pk


def _wants_account(refund: Refund, user: User) -> bool:
    return refund.kind == Kind.MANUAL and _may_be_withdrawn(refund, user)


def _is_on_its_way(refund: Refund, user: User) -> bool:
    is_by_hand = refund.kind == Kind.MANUAL
    return refund.state in (State.REQUESTED, State.ACCEPTED) and not is_by_hand


def _approve(refund: Refund, user: User, form: Any) -> None:
    refunds.approve(refund.pk, actor=user)
    refund_sending.send(refund.pk)


def _withdraw(refund: Refund, user: User, form: Any) -> None:
    refunds.withdraw(refund.pk, actor=user, why=form.cleaned_data["why"])


def _set_account(refund: Refund, user: User, form: Any) -> None:
    refund_transfers.set_account(refund.pk, form.account)


def _pay(refund: Refund, user: User, form: Any) -> None:
    refund_transfers.record_transfer(
        refund.pk,
        proof=form.cleaned_data["proof"],
        reference=form.cleaned_data["reference"],
        actor=user,
    )


def _check(refund: Refund, user: User, form: Any) -> None:
    reconciliation.poll(refund.transaction.attempt)


STEPS = {
    "approve": Step((APPROVE,), _may_be_approved, _approve, "Disetujui."),
    "withdraw": Step(
        (REQUEST, APPROVE),
        _may_be_withdrawn,
        _withdraw,
        "Pengembalian tidak jadi; jumlahnya bebas lagi.",
        WithdrawForm,
    ),
    "account": Step(
        (REQUEST, PAY), _wants_account, _set_account, "Rekening disimpan.", AccountForm
    ),
    "pay": Step(
        (PAY,),
        _is_due_by_hand,
        _pay,
        "Transfer tercatat dengan buktinya.",
        TransferForm,
    ),
    "check": Step(
        ("payments.view_refund",), _is_on_its_way, _check, "Midtrans sudah ditanya."
    ),
}


def open_to(request: HttpRequest, refund: Refund) -> set[str]:
    """Return the names of the steps that this person may take now."""
    return {name for name, step in STEPS.items() if _is_open(step, request, refund)}


def take(request: HttpRequest, refund: Refund, name: str) -> Form | None:
    """Take a step; return the form when it has to be filled in again."""
    step, user = STEPS[name], _staff(request)
    if not any(user.has_perm(permission) for permission in step.permissions):
        raise PermissionDenied
    form = step.form(request.POST or None, request.FILES or None) if step.form else None
    if request.method != "POST" or (form is not None and not form.is_valid()):
        return form
    try:
        step.run(refund, user, form)
    except StoreError as error:
        messages.error(request, error.detail)
    except GatewayMisconfigured:
        messages.error(request, MISCONFIGURED)
    else:
        messages.success(request, step.done)
    return None


def back_to(refund: Refund) -> HttpResponseRedirect:
    """Return to the refund's page."""
    return HttpResponseRedirect(
        reverse("admin:payments_refund_change", args=[refund.pk])
    )


def request_page(
    request: HttpRequest, order_id: UUID, *, context: dict[str, Any]
) -> HttpResponse:
    """Show the form of a refund, or write the refund down and send it."""
    user = _staff(request)
    if not user.has_perm(REQUEST):
        raise PermissionDenied
    order = Order.objects.filter(pk=order_id).first()
    if order is None:
        raise Http404
    back = HttpResponseRedirect(reverse("admin:orders_order_change", args=[order.pk]))
    found = refunds.returnables(order)
    if not found:
        # Also when the form was sent twice: what came of it is on the order's page.
        messages.warning(request, refunds.NothingToRefund.detail)
        return back
    may_cancel = order.status in NOT_SENT_YET and user.has_perm(CANCEL)
    form = RefundForm(request.POST or None, found=found, may_cancel=may_cancel)
    if request.method == "POST" and form.is_valid():
        try:
            _ask(request, order, form, user)
        except StoreError as error:
            form.add_error(None, error.detail)
        else:
            return back
    more = {
        "title": f"Kembalikan uang {order.number}",
        "order": order,
        "form": form,
        "found": [(words.method(e.transaction.payment_type), e) for e in found],
    }
    return TemplateResponse(
        request, "admin/payments/refund/request.html", context | more
    )


def _ask(request: HttpRequest, order: Order, form: RefundForm, user: User) -> None:
    answers = form.cleaned_data
    wish = Wish(
        reason=answers["reason"],
        amount=None if answers.get("cancel_order") else answers["amount"],
        transaction_id=answers["transaction_id"],
        by_transfer=answers["by_transfer"],
        account=form.account,
        request_key=answers["request_key"],
    )
    if answers.get("cancel_order"):
        asked = refunds.cancel_and_refund(order.number, wish, actor=user)
    else:
        asked = [refunds.request_refund(order.number, wish, actor=user)]
    for refund in asked:
        try:
            refund_sending.send(refund.pk)
        except GatewayMisconfigured:
            messages.error(request, MISCONFIGURED)
        refund.refresh_from_db()
        _tell(request, refund)


def _tell(request: HttpRequest, refund: Refund) -> None:
    """Say what has become of a refund, in a sentence."""
    amount = format_rupiah(refund.amount)
    if refund.state == State.DENIED:
        messages.error(request, f"{amount} tidak kembali. {refund.failure}")
    elif refund.state == State.WAITING:
        messages.warning(request, f"{amount} menunggu persetujuan orang lain.")
    elif refund.state == State.REQUESTED and refund.kind == Kind.MANUAL:
        messages.warning(request, f"{amount} menunggu ditransfer oleh keuangan.")
    elif refund.state == State.REQUESTED:
        text = f"{amount}: Midtrans belum menjawab. Toko mencoba lagi sendiri."
        messages.warning(request, text)
    else:
        messages.success(request, f"{amount} dikembalikan ke pembeli.")


def _is_open(step: Step, request: HttpRequest, refund: Refund) -> bool:
    user = _staff(request)
    allowed = any(user.has_perm(permission) for permission in step.permissions)
    return allowed and step.fits(refund, user)


def _staff(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
