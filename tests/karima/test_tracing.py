"""Traces: nothing of them unless asked for, and nobody in them."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)

from tests.karima.processes import run_python

OFF = """
import sys
from karima.wsgi import application
# Some libraries import its interface by themselves where it is installed.
ours = ("karima.tracing", "opentelemetry.instrumentation", "opentelemetry.exporter")
print([name for name in sys.modules if name.startswith(ours)])
"""

# One request that finds nothing, one that is refused, one call to the outside.
ON = """
import requests, urllib3
from karima.wsgi import application
from django.test import Client
from opentelemetry import trace
client = Client(headers={"host": "127.0.0.1"})
token = {"Authorization": "Bearer ory_st_rahasia", "User-Agent": "HP Aisyah"}
client.get("/api/v1/products/gamis?utm_source=rahasia", headers=token)
client.get("/api/v1/products?q=rahasia", headers=token)
assert client.get("/health/live", headers={"host": "evil"}).status_code == 400
try:
    requests.get(COLLECTOR + "/v2/KRM-261125-RAHASIA/status?token=rahasia", timeout=5)
    urllib3.PoolManager().request("GET", COLLECTOR + "/sessions/whoami?x=rahasia")
    with trace.get_tracer("shop").start_as_current_span("fails"):
        raise ValueError("rahasia")
except ValueError:
    pass
trace.get_tracer_provider().force_flush()
"""


class Collector(BaseHTTPRequestHandler):
    """An OTLP receiver that keeps what it gets."""

    received: list[bytes]

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        if self.path == "/v1/traces":
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding"):
                raise AssertionError("compressed")
            self.received.append(body)
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[ThreadingHTTPServer]:
    Collector.received = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server
        server.shutdown()


def here(name: str) -> dict[str, str]:
    kept = ("DB_", "REDIS_", "KRATOS_", "MIDTRANS_", "CF_", "APP_ENV")
    found = {k: v for k, v in os.environ.items() if k.startswith(kept)}
    return found | {"DB_NAME": name}


def test_off_nothing_of_it_is_imported() -> None:
    done = run_python("-c", OFF, environment={})
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_without_the_libraries_the_start_says_what_is_missing() -> None:
    hidden = "import sys; sys.modules['opentelemetry'] = None\n"
    there = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    done = run_python("-c", hidden + OFF, environment=there)
    assert done.returncode != 0
    assert "install requirements-otel.txt" in done.stderr


@pytest.mark.django_db
def test_spans_of_requests_queries_and_calls_name_nobody(
    collector: ThreadingHTTPServer,
) -> None:
    address = f"http://127.0.0.1:{collector.server_port}"
    script = ON.replace("COLLECTOR", repr(address))
    environment = here(str(connection.settings_dict["NAME"]))
    environment |= {"OTEL_EXPORTER_OTLP_ENDPOINT": address}
    done = run_python("-c", script, environment=environment)
    assert done.returncode == 0, done.stderr
    assert "rahasia" not in str(Collector.received).lower()
    assert "Aisyah" not in str(Collector.received)
    sent = [ExportTraceServiceRequest.FromString(body) for body in Collector.received]
    spans = [
        span
        for request in sent
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    names = {span.name for span in spans}
    assert "GET api/v1/products/<slug:slug>" in names
    assert "SELECT" in names
    assert "fails" in names
    keys = {attribute.key for span in spans for attribute in span.attributes}
    assert "db.statement" in keys or "db.query.text" in keys
    assert not keys & {"http.url", "url.full", "http.target", "net.peer.ip"}
    traces = {span.trace_id for span in spans if span.name == "SELECT"}
    assert traces <= {span.trace_id for span in spans if span.name != "SELECT"}
