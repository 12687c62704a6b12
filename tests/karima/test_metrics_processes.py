"""Metrics of the real gunicorn: one page for all processes, however often renewed."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.karima.processes import ROOT
from tests.karima.test_metrics import TOKEN, WITH_TOKEN, promtool

RENEWED_AFTER = 5


class UnixConnection(http.client.HTTPConnection):
    """Http over a socket in the file system, so that no port has to be free."""

    def __init__(self, path: Path) -> None:
        super().__init__("127.0.0.1", timeout=20)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(str(self.path))


@dataclass(frozen=True, slots=True)
class Shop:
    """A gunicorn with two processes that renew themselves after five requests."""

    address: Path
    folder: Path
    process: subprocess.Popen[bytes]

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        connection = UnixConnection(self.address)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def value(self, name: str, **labels: str) -> float:
        """Return the sum of a metric over all its samples with these labels."""
        status, text = self.get("/internal/metrics", WITH_TOKEN)
        assert status == 200
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    address, folder = tmp_path / "shop.sock", tmp_path / "metrics"
    named = {
        "METRICS_TOKEN": TOKEN,
        "PROMETHEUS_MULTIPROC_DIR": str(folder),
        "WEB_CONCURRENCY": "2",
        "DJANGO_SETTINGS_MODULE": "karima.settings.dev",
        "ENV_FILE": os.devnull,
    }
    options = ("--bind", f"unix:{address}", "--max-requests", str(RENEWED_AFTER))
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
            + [*options, "--max-requests-jitter", "0"],
            cwd=ROOT,
            env=os.environ | named,
            stdout=log,
            stderr=log,
        )
    try:
        yield wait_for(Shop(address, folder, process), log=tmp_path / "log")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait_for(shop: Shop, *, log: Path) -> Shop:
    """Return the shop once it answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            shop.get("/health/live")
        except OSError:
            assert shop.process.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.1)
        else:
            return shop


def test_processes_count_together_and_leave_their_counts_to_successors(
    shop: Shop,
) -> None:
    live = {"route": "health-live", "status": "200"}
    before = shop.value("karima_http_requests_total", **live)
    for _ in range(6 * RENEWED_AFTER):
        assert shop.get("/health/live")[0] == 200
    assert shop.value("karima_http_requests_total", **live) == (
        before + 6 * RENEWED_AFTER
    )
    # A process that ends and its successor may overlap, so three slots are in use.
    counters = list(shop.folder.glob("counter_*.db"))
    assert 1 <= len(counters) <= 4
    assert shop.value("karima_deploy_info", version="dev") == 1
    assert (
        promtool("check", "metrics", given=shop.get("/internal/metrics", WITH_TOKEN)[1])
        == ""
    )


def test_page_shows_itself_as_the_only_request_in_flight(shop: Shop) -> None:
    assert shop.value("karima_http_in_flight") == 1
