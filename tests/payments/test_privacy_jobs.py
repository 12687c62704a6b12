"""Requests whose worker died go on by themselves; those that cannot wait for staff."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import PrivacyRequest, User
from accounts.services import privacy_requests
from accounts.services.privacy_requests import PrivacyRequestNotFailed
from payments import tasks
from payments.services import privacy_export, privacy_jobs
from tests.fixtures_queue import Jobs
from tests.payments.person import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def stuck(aisyah: User, jobs: Jobs) -> PrivacyRequest:
    """Give a request whose worker was killed in its first try."""
    request = privacy_export.request_export(aisyah)
    privacy_requests.begin(request.pk)
    request.refresh_from_db()
    return request


def later(request: PrivacyRequest) -> time_machine.travel:
    return time_machine.travel(request.next_try_at + timedelta(seconds=1))


def test_stuck_request_is_put_into_the_queue_again(
    stuck: PrivacyRequest, jobs: Jobs
) -> None:
    with later(stuck):
        assert privacy_jobs.continue_overdue() == 1
    assert (
        jobs()
        == [("payments.tasks.build_privacy_export", {"request_id": str(stuck.pk)})] * 2
    )


def test_request_under_way_is_left_alone(stuck: PrivacyRequest, jobs: Jobs) -> None:
    assert privacy_jobs.continue_overdue() == 0
    assert len(jobs()) == 1


def test_request_is_continued_once_for_each_time(stuck: PrivacyRequest) -> None:
    with later(stuck):
        assert privacy_jobs.continue_overdue() == 1
        assert privacy_jobs.continue_overdue() == 0


def test_wait_grows_to_an_hour(stuck: PrivacyRequest) -> None:
    waits = []
    for _ in range(6):
        privacy_requests.begin(stuck.pk)
        stuck.refresh_from_db()
        waits.append(round((stuck.next_try_at - timezone.now()).total_seconds() / 60))
    assert waits == [10, 20, 40, 60, 60, 60]


def test_request_tried_too_often_waits_for_the_staff(
    stuck: PrivacyRequest, jobs: Jobs
) -> None:
    PrivacyRequest.objects.update(tries=privacy_requests.MOST_TRIES)
    with later(stuck):
        privacy_jobs.continue_overdue()
    stuck.refresh_from_db()
    assert stuck.state == "failed"
    assert len(jobs()) == 1
    assert privacy_requests.begin(stuck.pk) is None


def test_tries_end_well_before_the_deadline() -> None:
    waits = [privacy_requests._wait(n + 1) for n in range(privacy_requests.MOST_TRIES)]
    assert sum(waits, timedelta()) < privacy_requests.ANSWER_WITHIN / 2


def test_staff_run_a_failed_request_again(person: Person) -> None:
    request = privacy_export.request_export(person.user)
    PrivacyRequest.objects.update(state="failed", tries=privacy_requests.MOST_TRIES)
    privacy_jobs.run_again(request.pk)
    tasks.build_privacy_export(request_id=str(request.pk))
    request.refresh_from_db()
    assert (request.state, request.tries) == ("done", 1)


def test_request_that_has_not_failed_is_not_run_again(
    stuck: PrivacyRequest, jobs: Jobs
) -> None:
    with pytest.raises(PrivacyRequestNotFailed):
        privacy_jobs.run_again(stuck.pk)
    assert len(jobs()) == 1


def test_failed_request_still_counts_as_open(stuck: PrivacyRequest) -> None:
    PrivacyRequest.objects.update(state="failed")
    with pytest.raises(privacy_requests.PrivacyRequestOpen):
        privacy_export.request_export(stuck.customer)


def test_step_once_finished_keeps_its_time(stuck: PrivacyRequest) -> None:
    privacy_requests.finish_step(stuck, step="one")
    first = stuck.finished_steps["one"]
    privacy_requests.finish_step(stuck, step="one")
    assert stuck.finished_steps == {"one": first}


def test_every_job_names_a_task() -> None:
    known = {tasks.build_privacy_export.name, tasks.erase_customer.name}
    assert set(privacy_jobs.JOBS.values()) == known
