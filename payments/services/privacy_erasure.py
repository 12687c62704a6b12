"""Erase a customer: not while goods or money are under way, then step by step.

The law lets a customer be forgotten and has the books kept for ten years: orders stay
without their person, and all else goes. The identity at Kratos goes last, so that a
failure before it leaves nothing that nobody can find again.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import PrivacyRequest, User
from accounts.services import erasure, messages, privacy_requests
from catalog.services import stock_alerts, wishlists
from karima.errors import Conflict
from orders.services import erasure as order_erasure
from orders.services import reviews
from payments.models import PaymentAttempt, PaymentIssue, Refund
from payments.services import privacy_export, privacy_jobs, privacy_scrubbing
from payments.services.pages import LIVE

logger = logging.getLogger(__name__)

# Longer than any request lives (gunicorn ends one after 30 seconds): what a request
# that was let in before the account was closed still writes is written by then.
START_AFTER_SECONDS = 60
UNDER_WAY = (Refund.State.WAITING, Refund.State.REQUESTED, Refund.State.ACCEPTED)


class ErasureBlocked(Conflict):
    """Something must come to its end first; `errors` says what."""

    code = "erasure_blocked"
    title = "Erasure not possible yet"
    detail = "Data Anda belum dapat dihapus karena masih ada urusan yang berjalan."


@dataclass(frozen=True, slots=True)
class Step:
    """One part of an erasure. `run` may be repeated, and run twice at once."""

    name: str
    title: str
    run: Callable[[PrivacyRequest], None]


def request_erasure(customer: User) -> PrivacyRequest:
    """Close the customer's account at once and have it erased.

    Opens its own transaction, in which no order of the customer can begin. Raises
    `ErasureBlocked` and `PrivacyRequestOpen`, with nothing changed.
    """
    with transaction.atomic(durable=True):
        request = privacy_requests.open_request(
            customer,
            kind=PrivacyRequest.Kind.ERASURE,
            delay_seconds=START_AFTER_SECONDS,
        )
        obstacles = list(_obstacles(customer))
        if obstacles:
            raise ErasureBlocked(errors=obstacles)
        erasure.deactivate(customer)
        privacy_jobs.put_into_queue(request, delay_seconds=START_AFTER_SECONDS)
    erasure.forget_sessions(customer)
    return request


def erase(request_id: UUID) -> None:
    """Go through the steps that are not done yet; a step that fails ends the try.

    Opens its own transactions. Raises what the step raises, `KratosUnavailable` above
    all; `privacy_jobs.continue_overdue` goes on later.
    """
    request = privacy_requests.begin(request_id)
    if request is None:
        return
    for position, step in enumerate(STEPS):
        if step.name in request.finished_steps:
            continue
        percent = 100 * position // len(STEPS)
        privacy_requests.start_step(request, step=step.name, percent=percent)
        step.run(request)
        privacy_requests.finish_step(request, step=step.name)
    privacy_requests.finish(request)
    # After a restore of the database only the log knows who has to be erased again.
    logger.info("customer_erased", extra={"user_id": str(request.customer_id)})


def _obstacles(customer: User) -> Iterator[Mapping[str, str]]:
    """Yield what stands in the way, as rows for the customer to read."""
    for number in order_erasure.open_orders(customer).values_list("number", flat=True):
        yield _obstacle("order_open", number, "belum selesai")
    payable = PaymentAttempt.objects.filter(
        order__customer=customer, state__in=LIVE
    ).exclude(order__in=order_erasure.open_orders(customer))
    for number in payable.values_list("order__number", flat=True):
        yield _obstacle("payment_open", number, "masih dapat dibayar")
    owed = order_erasure.orders_to_refund(customer)
    for number in owed.values_list("number", flat=True):
        yield _obstacle("refund_open", number, "menunggu pengembalian dana")
    going = Refund.objects.filter(order__customer=customer, state__in=UNDER_WAY)
    for number in going.exclude(order__in=owed).values_list("order__number", flat=True):
        yield _obstacle("refund_open", number, "dananya sedang dikembalikan")
    issues = PaymentIssue.objects.filter(order__customer=customer, resolved_at=None)
    for number in issues.values_list("order__number", flat=True).distinct():
        yield _obstacle("issue_open", str(number), "pembayarannya masih kami periksa")


def _obstacle(code: str, number: str, reason: str) -> Mapping[str, str]:
    message = f"Pesanan {number} {reason}."
    return {"field": "", "code": code, "message": message, "order_number": number}


def _close_account(request: PrivacyRequest) -> None:
    erasure.deactivate(request.customer)
    erasure.forget_sessions(request.customer)


def _delete_belongings(request: PrivacyRequest) -> None:
    order_erasure.delete_carts(request.customer)
    reviews.remove_all(request.customer)
    wishlists.clear(request.customer)
    stock_alerts.forget(request.customer)
    erasure.delete_belongings(request.customer)
    privacy_export.delete_exports(request.customer)


def _anonymise_orders(request: PrivacyRequest) -> None:
    customer = request.customer
    with transaction.atomic(durable=True):
        order_erasure.anonymise_orders(customer, legal_basis=request.legal_basis)
        # With the orders locked, nothing more is written about them.
        messages.forget(customer)
        privacy_scrubbing.scrub(PaymentAttempt.objects.filter(order__customer=customer))


def _anonymise_customer(request: PrivacyRequest) -> None:
    erasure.anonymise(request.customer)


def _delete_identity(request: PrivacyRequest) -> None:
    erasure.delete_identity(request.customer)


STEPS = (
    Step("close_account", "Menutup akun", _close_account),
    Step("delete_belongings", "Menghapus data pendukung", _delete_belongings),
    Step("anonymise_orders", "Menganonimkan pesanan", _anonymise_orders),
    Step("anonymise_customer", "Menganonimkan pelanggan", _anonymise_customer),
    Step("delete_identity", "Menghapus identitas masuk", _delete_identity),
)
