"""The queue of the background worker, empty at the start of a test that asks for it."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

Jobs = Callable[[], list[tuple[str, dict[str, str]]]]

TABLES = "procrastinate_jobs, procrastinate_periodic_defers, procrastinate_events"


def empty() -> None:
    # Django does not empty them after a test with real commits: they are not its own.
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLES} CASCADE")


@pytest.fixture
def jobs(db: None) -> Jobs:
    """Return a function that gives the jobs in the queue: name and arguments."""
    empty()

    def waiting() -> list[tuple[str, dict[str, str]]]:
        rows = ProcrastinateJob.objects.order_by("id")
        return [(row.task_name, row.args) for row in rows]

    return waiting


@pytest.fixture
def empty_queue(transactional_db: None) -> Iterator[None]:
    """Empty the queue before and after a test whose commits are real."""
    empty()
    yield
    empty()
