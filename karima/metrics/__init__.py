"""What each process counts of itself, and the format in which Prometheus reads it.

The functions are called where the fact happens. What the database knows (orders, money,
queues) is not counted here but read there, by `manage.py export_metrics`: a count in
memory forgets with its process, and the worker's would be seen by nobody.

Every label has few values: names of routes, scopes and reasons, never anything that a
caller can make up.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector

from karima import metrics_folder

# Before the first metric is made: each process of gunicorn writes to files of its own.
if slot := os.environ.get(metrics_folder.SLOT):
    values.ValueClass = values.MultiProcessValue(lambda: slot)

# Seconds. The objectives are 0.3 for reading and 1.5 for checkout; 30 ends a request.
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 5.0, 10.0, 30.0)

HTTP_REQUESTS = Counter(
    "karima_http_requests_total", "Requests answered", ["route", "method", "status"]
)
HTTP_SECONDS = Histogram(
    "karima_http_request_seconds",
    "Seconds from the first middleware to the answer",
    ["route"],
    buckets=BUCKETS,
)
HTTP_IN_FLIGHT = Gauge(
    "karima_http_in_flight", "Requests being answered now", multiprocess_mode="livesum"
)
DEPLOY = Gauge(
    "karima_deploy_info",
    "The version that a process serves; always 1",
    ["version"],
    multiprocess_mode="livemax",
)
POOL_WAITING = Gauge(
    "karima_db_pool_waiting",
    "Requests that wait for a database connection",
    multiprocess_mode="livesum",
)
POOL_TIMEOUTS = Counter(
    "karima_db_pool_timeouts_total", "Requests that got no database connection in time"
)

WEBHOOKS = Counter(
    "karima_webhook_received_total", "Midtrans's notifications by result", ["result"]
)
BAD_SIGNATURES = Counter(
    "karima_webhook_bad_signature_total", "Notifications that Midtrans did not sign"
)
OVERSELLS = Counter(
    "karima_stock_oversell_prevented_total", "Reservations refused for want of stock"
)
IDEMPOTENCY = Counter(
    "karima_idempotency_total", "Keyed requests by what their key met", ["result"]
)

ACCESS_DENIED = Counter(
    "karima_access_denied_total", "Refusals at the door of the admin", ["code"]
)
CSRF_REFUSED = Counter(
    "karima_csrf_refused_total", "Writes that no page of the shop has sent", ["reason"]
)
AUTH_FAILED = Counter(
    "karima_auth_failed_total", "Credentials of customers that did not hold", ["reason"]
)
RATE_LIMITED = Counter(
    "karima_rate_limited_total", "Requests refused for coming too often", ["scope"]
)

DEPENDENCY_REQUESTS = Counter(
    "karima_dependency_requests_total",
    "Calls to the outside: ok, or the name of the error",
    ["dep", "result"],
)
DEPENDENCY_SECONDS = Histogram(
    "karima_dependency_request_seconds",
    "Seconds that a call to the outside took",
    ["dep"],
    buckets=BUCKETS,
)
BREAKER_OPEN = Gauge(
    "karima_breaker_open",
    "1 while a dependency is left alone for its failures",
    ["dep"],
    multiprocess_mode="livemax",
)


def exposition() -> bytes:
    """Return all that this process and its siblings have counted."""
    if not os.environ.get(metrics_folder.FOLDER):
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return generate_latest(registry)


def request_answered(*, route: str, method: str, status: int, seconds: float) -> None:
    HTTP_REQUESTS.labels(route, method, str(status)).inc()
    HTTP_SECONDS.labels(route).observe(seconds)


def serving(version: str) -> None:
    """Say which version this process serves."""
    DEPLOY.labels(version).set(1)


def pool_stands(*, waiting: int, timeouts: int) -> None:
    """Note how the connection pool stands; `timeouts` since the last time."""
    POOL_WAITING.set(waiting)
    POOL_TIMEOUTS.inc(timeouts)


def notification_received(result: str) -> None:
    WEBHOOKS.labels(result).inc()
    if result == "bad_signature":
        BAD_SIGNATURES.inc()


def oversell_prevented() -> None:
    OVERSELLS.inc()


def idempotency_key_met(result: str) -> None:
    IDEMPOTENCY.labels(result).inc()


def access_denied(code: str) -> None:
    ACCESS_DENIED.labels(code).inc()


def csrf_refused(reason: str) -> None:
    CSRF_REFUSED.labels(reason).inc()


def auth_failed(reason: str) -> None:
    AUTH_FAILED.labels(reason).inc()


def rate_limited(scope: str) -> None:
    RATE_LIMITED.labels(scope).inc()


def breaker_is(dependency: str, *, is_open: bool) -> None:
    BREAKER_OPEN.labels(dependency).set(is_open)


@contextmanager
def asking(dependency: str) -> Iterator[None]:
    """Count and time a call to the outside, by the name of the error it ends with."""
    started = time.perf_counter()
    result = "ok"
    try:
        yield
    except Exception as error:
        result = type(error).__name__
        raise
    finally:
        DEPENDENCY_REQUESTS.labels(dependency, result).inc()
        DEPENDENCY_SECONDS.labels(dependency).observe(time.perf_counter() - started)
