"""Run jobs at the same moment, each on a thread and a connection of its own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection

Result = TypeVar("Result")


def at_once(jobs: Sequence[Callable[[], Result]]) -> list[Result]:
    """Return what every job returned, in their order; all are started together."""
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], Result]) -> Result:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def wait_until_it_waits(job: Future[Any]) -> None:
    """Return when the job waits for a lock, or is done."""
    query = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)"
    with connection.cursor() as cursor:
        while not job.done():
            cursor.execute(query)
            if cursor.fetchone()[0]:
                return
