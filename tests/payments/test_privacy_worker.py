"""The worker itself, as production runs it: from the queue to the finished request."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connections
from procrastinate.contrib.django import app

from accounts.models import PrivacyRequest
from payments.services import privacy_erasure, privacy_export
from sandbox.kratos import Kratos
from tests.payments.person import LEGAL, TRACES, settle, tables_with

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("empty_queue"),
]


def work() -> None:
    """Let a worker do what is in the queue and due.

    In a thread of its own: once a browser test has run, Playwright's event loop lives
    in the main thread, where no second one can start.
    """
    with (
        app.replace_connector(app.connector.get_worker_connector()) as worker,
        ThreadPoolExecutor(max_workers=1) as pool,
    ):
        pool.submit(worker.run_worker, wait=False, listen_notify=False).result()


def test_worker_makes_the_copy_and_erases_the_person(
    identity: Kratos, private_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy_erasure, "START_AFTER_SECONDS", 0)
    # Its threads end with it, and nobody else would close their connections.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    user = settle().user
    privacy_export.request_export(user)
    work()
    assert list(private_files.rglob("*.zip"))
    privacy_erasure.request_erasure(user)
    work()
    said = PrivacyRequest.objects.order_by("id").values_list("kind", "state", "tries")
    assert list(said) == [("export", "expired", 1), ("erasure", "done", 1)]
    assert tables_with(*TRACES) == LEGAL
