"""Put work for the background worker into the queue, as part of a transaction."""

from procrastinate.contrib.django import app


def enqueue(job: str, *, delay_seconds: int = 0, **arguments: str) -> None:
    """Have the worker run a job once the caller's transaction commits.

    Must run in a transaction: the job is a row of the same database, so it exists if
    and only if what it is about does. `job` is the full name of a task. `arguments` are
    kept for days in the queue's tables; they may name a row and say nothing of it.
    """
    schedule = {"seconds": delay_seconds} if delay_seconds else None
    app.configure_task(job, schedule_in=schedule).defer(**arguments)
