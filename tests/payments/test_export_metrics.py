"""The exporter: one process that tells what the database, probes and checks say."""

import threading
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from accounts.clients import kratos
from accounts.clients.kratos import KratosUnavailable
from catalog.models import Stock
from karima import health
from karima.health import Probe
from karima.metrics import exporter
from payments.services.watching import INVARIANTS
from sandbox.kratos import Kratos
from tests.factories import make_order
from tests.karima.test_metrics import TOKEN, WITH_TOKEN

Samples = dict[tuple[str, ...], float]


def samples_of(text: str) -> Samples:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def shown(*collectors: Any) -> Samples:
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    return samples_of(generate_latest(registry).decode())


@pytest.mark.django_db(transaction=True)
def test_invariants_are_shown_when_they_were_checked() -> None:
    found = exporter.Invariants(INVARIANTS)
    assert shown(found) == {}
    make_order()
    Stock.objects.update(on_hand=77)
    found.check()
    samples = shown(found)
    assert samples["karima_invariant_violations", "stock_is_its_ledger"] == 1
    assert samples["karima_invariant_violations", "order_is_paid_once"] == 0
    assert samples["karima_invariant_last_run_timestamp_seconds",] > 1.7e9


@pytest.mark.django_db(transaction=True)
def test_last_check_grows_old_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = exporter.Invariants(INVARIANTS)
    found.check()
    before = shown(found)
    monkeypatch.setitem(connection.settings_dict, "PORT", "9")
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    connection.close()
    found.check()
    assert shown(found) == before


def up() -> str:
    return health.OK


def down() -> str:
    raise ConnectionError


def absent() -> str:
    return health.NOT_CONFIGURED


def test_dependencies_are_one_zero_or_not_there() -> None:
    probes = [Probe("a", up), Probe("b", down), Probe("c", absent)]
    assert shown(exporter.Dependencies(probes)) == {
        ("karima_dependency_up", "a"): 1,
        ("karima_dependency_up", "b"): 0,
    }


def test_kratos_is_up_with_its_database(identity: Kratos) -> None:
    assert kratos.check_ready() == "ok"
    identity.database_down()
    with pytest.raises(KratosUnavailable):
        kratos.check_ready()


@pytest.fixture
def page(settings: Settings) -> Iterator[str]:
    """Give the address of an exporter without collectors."""
    settings.METRICS_TOKEN = TOKEN
    server = exporter.server(CollectorRegistry(), address="127.0.0.1", port=0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/metrics", WITH_TOKEN, 200),
        ("/internal/metrics", WITH_TOKEN, 200),
        ("/internal/metrics", {}, 403),
        ("/internal/metrics", {"Authorization": "Bearer x"}, 403),
        ("/", WITH_TOKEN, 404),
    ],
)
def test_exporter_wants_the_token(
    page: str, path: str, headers: dict[str, str], status: int
) -> None:
    request = urllib.request.Request(page + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert answer.status == status
    except HTTPError as refusal:
        assert refusal.code == status
        refusal.close()


def test_exporter_without_a_token_does_not_start(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    with pytest.raises(CommandError, match="METRICS_TOKEN"):
        call_command("export_metrics")


def test_exporter_says_that_its_port_is_taken(page: str, settings: Settings) -> None:
    port = int(page.rpartition(":")[2])
    with pytest.raises(CommandError, match=f"Port {port}"):
        call_command("export_metrics", "--address", "127.0.0.1", "--port", port)
