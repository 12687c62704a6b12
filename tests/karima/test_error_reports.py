"""Nothing goes to Sentry without a DSN, and nothing about people with one."""

import gzip
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import brotli
import pytest
import sentry_sdk

from karima.error_reports import without_people
from tests.karima.processes import run_python

SECRETS = (
    "aisyah@karima.example", "081234567801", "Mid-server-Ab3dEf6hIj9kLm2n",
    "ory_st_abcdefgh", "rahasia-sekali", "Jl. Dago 100",
)  # fmt: skip
FAIL = """
import logging
import django
from karima.settings import select_settings
select_settings()
django.setup()
import sentry_sdk
from django.test import Client
from karima.urls import dev


def fail(request, name):
    address = "Jl. Dago 100"
    raise ValueError("aisyah@karima.example 081234567801 password=rahasia-sekali")


from django.urls import path
dev.urlpatterns.insert(0, path("api/v1/fail/<str:name>", fail, name="fail"))
client = Client(raise_request_exception=False)
client.get("/api/v1/fail/x?q=Mid-server-Ab3dEf6hIj9kLm2n",
           headers={"Authorization": "Bearer ory_st_abcdefgh", "Host": "127.0.0.1",
                    "Cookie": "ory_kratos_session=rahasia-sekali"})
sentry_sdk.flush(5)
"""

# The SDK takes the best that is installed.
UNPACK: dict[str, Any] = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


class Ear(http.server.BaseHTTPRequestHandler):
    """Takes what an SDK of Sentry sends."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        unpack = UNPACK[self.headers.get("Content-Encoding", "")]
        self.server.heard.append(unpack(body))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def sentry() -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    server.heard = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_without_a_dsn_nothing_is_started() -> None:
    assert not sentry_sdk.get_client().is_active()
    show = FAIL.partition("from django.test")[0]
    done = run_python(
        "-c", show + "print(sentry_sdk.get_client().is_active())", environment={}
    )
    assert done.stdout.split() == ["False"], done.stderr


def test_fault_arrives_without_people_and_secrets(
    sentry: http.server.ThreadingHTTPServer,
) -> None:
    dsn = f"http://key@127.0.0.1:{sentry.server_port}/1"
    environment = {"SENTRY_DSN": dsn, "VERSION": "v9", "CACHE_TYPE": "memory"}
    done = run_python("-c", FAIL, environment=environment)
    assert done.returncode == 0, done.stderr
    heard = b"\n".join(sentry.heard).decode()  # type: ignore[attr-defined]
    events = [json.loads(line) for line in heard.splitlines() if '"exception"' in line]
    assert len(events) == 1, heard
    (event,) = events
    assert event["release"] == "v9"
    assert event["exception"]["values"][-1]["type"] == "ValueError"
    assert event["transaction"] == "/api/v1/fail/{name}"
    assert event["tags"]["request_id"]
    assert "request" not in event
    assert [secret for secret in SECRETS if secret in heard] == []


def test_every_text_of_an_event_is_scrubbed() -> None:
    event: Any = {
        "message": "token=rahasia-sekali",
        "user": {"email": "aisyah@karima.example"},
        "request": {"method": "GET", "url": "https://x/?q=1", "data": "rahasia"},
        "extra": {"body": "rahasia"},
        "exception": {"values": [{"value": "081234567801"}]},
    }
    assert without_people(event, {}) == {
        "message": 'token="[redacted]"',
        "exception": {"values": [{"value": "[phone]"}]},
    }
