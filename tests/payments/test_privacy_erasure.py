"""Erasure: what goes, what the law keeps, and that nothing can stop it half-way."""

import dataclasses
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.clients import kratos_admin
from accounts.clients.kratos_http import KratosUnavailable
from accounts.models import (
    Address,
    ApplicationEvent,
    Consent,
    HandoffCode,
    PrivacyRequest,
    ResellerApplication,
    User,
)
from accounts.services import customers, erasure, sessions
from accounts.services.privacy_requests import PrivacyRequestOpen
from accounts.services.sessions import AccountInactive
from catalog.models import StockMovement
from orders.models import Cart, IdempotencyRecord, Order, OrderEvent, OrderLine
from orders.services import transitions
from payments.clients.midtrans_notification import report
from payments.models import GatewayEvent, GatewayTransaction, PaymentAttempt
from payments.services import (
    applying,
    privacy_erasure,
    privacy_export,
    privacy_scrubbing,
)
from payments.services.privacy_erasure import STEPS, ErasureBlocked, erase
from sandbox.kratos import AISYAH, Kratos
from tests.factories import make_order
from tests.fixtures_queue import Jobs
from tests.payments.person import (
    EMAIL,
    LEGAL,
    NAME,
    PAYMENT_TRACES,
    TRACES,
    Person,
    pay,
    tables_with,
    tell,
)

pytestmark = pytest.mark.django_db


class Crash(Exception):
    """Stands for a worker that dies."""


def erased(person: Person) -> PrivacyRequest:
    request = privacy_erasure.request_erasure(person.user)
    erase(request.pk)
    request.refresh_from_db()
    return request


def test_search_finds_the_person_before(person: Person) -> None:
    assert tables_with(*TRACES, *PAYMENT_TRACES) == {
        "accounts_address",
        "accounts_consent",
        "accounts_message",
        "accounts_resellerapplication",
        "accounts_user",
        "catalog_stockalert",
        "orders_order",
        "orders_orderevent",
        "orders_review",
        "payments_gatewayevent",
        "payments_gatewaytransaction",
        "payments_paymentattempt",
        "payments_refund",
    }


def test_nothing_of_the_person_is_left_but_what_the_law_keeps(person: Person) -> None:
    assert erased(person).state == "done"
    assert tables_with(*TRACES, *PAYMENT_TRACES) == LEGAL


def test_books_stay_whole(person: Person) -> None:
    def books() -> list[Any]:
        numbers = [person.delivered.number, person.cancelled.number]
        orders = Order.objects.filter(number__in=numbers).order_by("number")
        amounts = ("number", "status", "payment_status", "grand_total", "placed_at")
        return [
            *orders.values_list(*amounts, "province", "city", "paid_at"),
            *OrderLine.objects.order_by("id").values_list(),
            *OrderEvent.objects.order_by("id").values_list(),
            *StockMovement.objects.order_by("id").values_list(),
            *GatewayTransaction.objects.values_list("transaction_id", "gross_amount"),
        ]

    before = books()
    erased(person)
    assert books() == before


def test_order_names_nobody_and_says_why_it_is_kept(person: Person) -> None:
    erased(person)
    order = Order.objects.get(pk=person.delivered.pk)
    assert (order.contact_name, order.receiver_name) == ("Pengguna dihapus",) * 2
    assert (order.postal_code, order.district, order.subdistrict) == ("", "", "")
    assert (order.city, order.province) == ("Kota Bandung", "Jawa Barat")
    assert "10 tahun" in order.legal_basis
    assert (order.notes, order.address_detail) == ("", "")
    assert order.erased_at is not None


def test_belongings_are_gone_and_consents_stay_without_address(person: Person) -> None:
    erased(person)
    assert not Address.objects.exists()
    assert not Cart.objects.filter(customer=person.user).exists()
    assert not IdempotencyRecord.objects.filter(order__customer=person.user).exists()
    said = Consent.objects.order_by("id").values_list("purpose", "granted", "ip")
    assert set(said) == {("terms", True, None), ("marketing_email", True, None)}


def test_open_application_is_closed_and_its_history_stays(person: Person) -> None:
    erased(person)
    application = ResellerApplication.objects.get()
    assert (application.state, application.story) == ("rejected", "-")
    assert ApplicationEvent.objects.count() == 2


def test_gateways_words_keep_what_the_books_need(person: Person) -> None:
    erased(person)
    body = GatewayEvent.objects.get().body
    assert body == {
        "order_id": f"{person.delivered.number}-01",
        "transaction_id": f"t-{person.delivered.number}",
        "transaction_status": "settlement",
        "status_code": "200",
        "gross_amount": f"{person.delivered.grand_total}.00",
        "refunds": [{"refund_key": "R1"}],
    }


def test_row_of_the_user_stays_without_the_person(person: Person) -> None:
    erased(person)
    user = User.objects.get(pk=person.user.pk)
    assert (user.full_name, user.email, user.phone) == ("Pengguna dihapus", "", "")
    assert (user.is_active, user.email_verified) == (False, False)
    assert user.erased_at is not None
    assert user.username == person.user.username


def test_identity_is_deleted_last(person: Person, identity: Kratos) -> None:
    erased(person)
    asked = [(row.method, row.path) for row in identity.admin_requests]
    base = f"/admin/identities/{AISYAH}"
    assert asked == [("DELETE", f"{base}/sessions"), ("DELETE", base)]
    assert STEPS[-1].name == "delete_identity"


def test_session_ends_at_once(person: Person, identity: Kratos) -> None:
    login = identity.login(EMAIL)
    assert sessions.resolve_session(token=login.token) == person.user
    privacy_erasure.request_erasure(person.user)
    with pytest.raises(AccountInactive):
        sessions.resolve_session(token=login.token)
    erase(PrivacyRequest.objects.get().pk)
    assert sessions.resolve_session(token=login.token) is None


def test_late_session_does_not_bring_the_person_back(
    person: Person, identity: Kratos
) -> None:
    login = identity.login(EMAIL)
    found = sessions.sign_in(token=login.token)
    assert found is not None
    erased(person)
    assert customers.sync_user(found.session.identity).pk == person.user.pk
    assert tables_with(*TRACES) == LEGAL


def test_update_that_lost_the_race_writes_nothing(person: Person) -> None:
    stale = User.objects.get(pk=person.user.pk)
    User.objects.filter(pk=stale.pk).update(email="lama@karima.example")
    stale.refresh_from_db()
    erased(person)
    customers._update(stale, {"email": EMAIL})
    assert tables_with(EMAIL) == set()


def test_database_refuses_to_name_an_erased_user(person: Person) -> None:
    erased(person)
    with pytest.raises(IntegrityError, match="user_erased_is_nobody"):
        User.objects.filter(pk=person.user.pk).update(email=EMAIL)


def test_new_registration_is_a_new_person(person: Person, identity: Kratos) -> None:
    erased(person)
    identity.add_identity(EMAIL)
    user = sessions.resolve_session(token=identity.login(EMAIL).token)
    assert user is not None
    assert user.pk != person.user.pk
    assert not Order.objects.filter(customer=user).exists()


@pytest.mark.parametrize("does_its_work", [False, True])
@pytest.mark.parametrize("step", [step.name for step in STEPS])
def test_crash_in_a_step_is_made_good_by_the_next_try(
    step: str, does_its_work: bool, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(request: PrivacyRequest) -> None:
        if does_its_work:
            real.run(request)
        raise Crash

    real = next(one for one in STEPS if one.name == step)
    broken = dataclasses.replace(real, run=crash)
    swapped = tuple(broken if one.name == step else one for one in STEPS)
    request = privacy_erasure.request_erasure(person.user)
    with monkeypatch.context() as patch:
        patch.setattr(privacy_erasure, "STEPS", swapped)
        with pytest.raises(Crash):
            erase(request.pk)
    request.refresh_from_db()
    assert (request.state, request.step) == ("running", step)
    assert step not in request.finished_steps
    erase(request.pk)
    request.refresh_from_db()
    assert (request.state, request.percent) == ("done", 100)
    assert set(request.finished_steps) == {one.name for one in STEPS}
    assert tables_with(*TRACES, *PAYMENT_TRACES) == LEGAL
    assert kratos_admin.get_identity(UUID(AISYAH)) is None


@pytest.mark.parametrize("step", [step.name for step in STEPS])
def test_every_step_may_be_repeated(step: str, person: Person) -> None:
    request = erased(person)
    run = next(one.run for one in STEPS if one.name == step)
    before = Order.objects.get(pk=person.delivered.pk).erased_at
    run(request)
    assert Order.objects.get(pk=person.delivered.pk).erased_at == before
    assert tables_with(*TRACES, *PAYMENT_TRACES) == LEGAL


def test_finished_erasure_does_nothing_again(person: Person, identity: Kratos) -> None:
    request = erased(person)
    erase(request.pk)
    assert len(identity.admin_requests) == 2
    request.refresh_from_db()
    assert request.tries == 1


def test_kratos_away_loses_nothing_and_is_tried_again(
    person: Person, identity: Kratos
) -> None:
    request = privacy_erasure.request_erasure(person.user)
    identity.faults.set("unavailable", path="/admin")
    with pytest.raises(KratosUnavailable):
        erase(request.pk)
    request.refresh_from_db()
    assert (request.state, request.step) == ("running", "delete_identity")
    assert request.next_try_at > timezone.now()
    assert User.objects.get(pk=person.user.pk).kratos_identity_id is not None
    identity.faults.clear()
    erase(request.pk)
    request.refresh_from_db()
    assert request.state == "done"


def test_identity_that_is_gone_already_is_fine(
    person: Person, identity: Kratos
) -> None:
    identity.delete_identity(EMAIL)
    assert erased(person).state == "done"


@pytest.mark.parametrize(
    ("status", "payment_status", "code"),
    [
        ("pending", "unpaid", "order_open"),
        ("confirmed", "paid", "order_open"),
        ("processing", "paid", "order_open"),
        ("shipped", "paid", "order_open"),
        ("cancelled", "paid", "refund_open"),
        ("returned", "paid", "refund_open"),
        ("expired", "challenge", "refund_open"),
    ],
)
def test_erasure_waits_for_goods_and_money(
    person: Person, status: str, payment_status: str, code: str
) -> None:
    order = make_order(person.user)
    Order.objects.filter(pk=order.pk).update(
        status=status, payment_status=payment_status
    )
    with pytest.raises(ErasureBlocked) as refusal:
        privacy_erasure.request_erasure(person.user)
    [obstacle] = refusal.value.errors
    assert (obstacle["code"], obstacle["order_number"]) == (code, order.number)
    assert not PrivacyRequest.objects.exists()
    assert User.objects.get(pk=person.user.pk).is_active


def test_erasure_waits_for_an_issue(person: Person) -> None:
    person.delivered.payment_issues.update(resolved_at=None, resolved_by=None)
    with pytest.raises(ErasureBlocked) as refusal:
        privacy_erasure.request_erasure(person.user)
    assert refusal.value.errors[0]["code"] == "issue_open"


def test_erasure_waits_for_a_payment_page_that_is_open(person: Person) -> None:
    PaymentAttempt.objects.update(state="open")
    with pytest.raises(ErasureBlocked) as refusal:
        privacy_erasure.request_erasure(person.user)
    assert refusal.value.errors[0]["code"] == "payment_open"


def test_another_customers_order_is_no_obstacle(person: Person) -> None:
    make_order()
    assert erased(person).state == "done"


def test_second_erasure_is_refused_while_one_is_open(person: Person) -> None:
    privacy_erasure.request_erasure(person.user)
    with pytest.raises(PrivacyRequestOpen):
        privacy_erasure.request_erasure(person.user)
    assert PrivacyRequest.objects.count() == 1


def test_closed_account_places_no_order(person: Person) -> None:
    before = Order.objects.count()
    privacy_erasure.request_erasure(person.user)
    with pytest.raises(AccountInactive):
        make_order(person.user)
    assert Order.objects.count() == before
    assert not IdempotencyRecord.objects.filter(state="started").exists()


def test_job_is_in_the_queue_with_the_request(person: Person, jobs: Jobs) -> None:
    request = privacy_erasure.request_erasure(person.user)
    name, arguments = jobs()[-1]
    assert name == "payments.tasks.erase_customer"
    assert arguments == {"request_id": str(request.pk)}


def test_job_waits_until_requests_under_way_have_ended(
    person: Person, jobs: Jobs
) -> None:
    request = privacy_erasure.request_erasure(person.user)
    job = ProcrastinateJob.objects.get()
    assert job.scheduled_at is not None
    wait = job.scheduled_at - request.requested_at
    assert timedelta(seconds=55) < wait < timedelta(seconds=65)


def test_refused_erasure_leaves_no_job(person: Person, jobs: Jobs) -> None:
    make_order(person.user)
    before = jobs()
    with pytest.raises(ErasureBlocked):
        privacy_erasure.request_erasure(person.user)
    assert jobs() == before


def test_copy_of_the_data_goes_too(person: Person, private_files: Any) -> None:
    export = privacy_export.request_export(person.user)
    privacy_export.build_export(export.pk)
    assert list(private_files.rglob("*.zip"))
    erased(person)
    assert not list(private_files.rglob("*.zip"))
    export.refresh_from_db()
    assert export.state == "expired"


def test_copy_under_way_is_not_kept(
    person: Person, private_files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = privacy_export.request_export(person.user)
    gather = privacy_export._gather

    def gather_slowly(request: PrivacyRequest) -> Any:
        data = gather(request)
        erasure.call_off_exports(person.user)
        return data

    monkeypatch.setattr(privacy_export, "_gather", gather_slowly)
    privacy_export.build_export(export.pk)
    assert not list(private_files.rglob("*.zip"))
    export.refresh_from_db()
    assert export.state == "expired"


def test_news_after_the_erasure_is_scrubbed_as_well(person: Person) -> None:
    erased(person)
    tell(person.delivered, digest="late")
    other = make_order()
    pay(other)
    assert "payments_gatewayevent" in tables_with(*PAYMENT_TRACES)
    privacy_scrubbing.scrub_late_news()
    late = GatewayEvent.objects.get(digest=f"late-{person.delivered.number}")
    assert "masked_card" not in late.body
    his = GatewayEvent.objects.get(provider_order_id=f"{other.number}-01")
    assert "masked_card" in his.body


def test_late_money_does_not_revive_an_order_without_a_person(person: Person) -> None:
    order = make_order(person.user)
    with transaction.atomic():
        transitions.expire(transitions.lock_order(order.number))
    event = pay(order)
    erased(person)
    event.refresh_from_db()
    attempt = order.payment_attempts.get()
    applying.apply_report(attempt, report(event.body), event=event)
    order.refresh_from_db()
    assert order.status == "expired"
    issue = order.payment_issues.get(resolved_at=None)
    assert issue.detail == "Data pembeli sudah dihapus. Kembalikan uangnya."


def test_codes_of_the_sign_in_go_too(person: Person) -> None:
    now = timezone.now()
    HandoffCode.objects.create(
        code_hash="h",
        user=person.user,
        session_id=person.user.pk,
        session_expires_at=now,
        expires_at=now + timedelta(seconds=60),
    )
    erased(person)
    assert not HandoffCode.objects.exists()


def test_others_lose_nothing(person: Person) -> None:
    other = make_order()
    erased(person)
    other.refresh_from_db()
    assert other.contact_name == NAME
    assert other.erased_at is None
