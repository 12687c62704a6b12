"""Ask Ory Kratos over HTTP: one answer, or `KratosUnavailable`.

Plain urllib3 on purpose: it keeps no cookies, reads no netrc and follows no redirect.
Kratos re-issues its session cookie on whoami; a client that kept it would answer the
next customer's request as this customer.
"""

import functools
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from karima import metrics, request_id
from karima.breaker import Breaker
from karima.errors import Unavailable

logger = logging.getLogger(__name__)

# Connecting takes 1 ms inside one network; whoami's slowest p99 seen is 0.2 seconds.
CONNECT_SECONDS, READ_SECONDS = 0.5, 2.0
MAX_BODY_BYTES = 256 * 1024
RETRY_AFTER_SECONDS, LONGEST_RETRY_AFTER_SECONDS = 5, 30

# Two, so that a wrong admin address does not shut out the customers.
public_breaker = Breaker(
    dependency="kratos", failures=5, within_seconds=10, open_seconds=5
)
admin_breaker = Breaker(
    dependency="kratos_admin", failures=5, within_seconds=10, open_seconds=5
)


class KratosUnavailable(Unavailable):
    """Nobody can tell who the customer is; not the same as "not signed in"."""

    code = "auth_unavailable"
    detail = "Layanan masuk sedang tidak tersedia. Silakan coba beberapa saat lagi."

    def __init__(self, *, retry_after_seconds: int = RETRY_AFTER_SECONDS) -> None:
        super().__init__(retry_after_seconds=retry_after_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What Kratos said. `headers` ignores upper and lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body's JSON. Raises ValueError when it is none."""
        return json.loads(self.body)


def ask(
    breaker: Breaker,
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    document: object = None,
    max_bytes: int = MAX_BODY_BYTES,
) -> Answer:
    """Return Kratos's answer, whatever its status below 500 but 429.

    `document` is sent as JSON. A longer answer than `max_bytes` counts as none, for the
    breaker too, so no customer may be able to make one. Raises `KratosUnavailable`, at
    once while the breaker is open.
    """
    wait_seconds = breaker.wait_seconds()
    if wait_seconds:
        raise KratosUnavailable(retry_after_seconds=wait_seconds)
    try:
        with metrics.asking("kratos"):
            response, deadline = _send(
                method, url, headers=headers or {}, document=document
            )
            answer = _answer(response, deadline, max_bytes=max_bytes)
    except KratosUnavailable:
        breaker.failed()
        raise
    breaker.answered()
    return answer


def unavailable(
    reason: str, retry_after_seconds: int = RETRY_AFTER_SECONDS
) -> KratosUnavailable:
    """Return the error to raise, and log why."""
    logger.error("kratos_unavailable", extra={"reason": reason})
    return KratosUnavailable(retry_after_seconds=retry_after_seconds)


def _send(
    method: str, url: str, *, headers: Mapping[str, str], document: object
) -> tuple[urllib3.BaseHTTPResponse, float]:
    """Return the answer, whose body is not read yet, and until when it may take."""
    deadline = time.monotonic() + CONNECT_SECONDS + READ_SECONDS
    sent = {
        "Accept": "application/json",
        "User-Agent": "karima-store",
        "X-Request-ID": request_id.current(),
        **headers,
    }
    body = None
    if document is not None:
        sent["Content-Type"] = "application/json"
        body = json.dumps(document).encode()
    try:
        response = _pool().request(
            method,
            url,
            body=body,
            headers=sent,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
    except HTTPError as error:
        raise unavailable("no answer") from error
    return response, deadline


@functools.cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(
        maxsize=16,
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        retries=urllib3.Retry(connect=1, read=0, redirect=0, status=0, other=0),
    )


def _answer(
    response: urllib3.BaseHTTPResponse, deadline: float, *, max_bytes: int
) -> Answer:
    try:
        body = _read(response, deadline, max_bytes=max_bytes)
    finally:
        response.release_conn()
    if response.status == 429:
        raise unavailable("rate limited", _retry_after(response))
    if response.status >= 500:
        raise unavailable(f"status {response.status}")
    return Answer(status=response.status, headers=response.headers, body=body)


def _read(
    response: urllib3.BaseHTTPResponse, deadline: float, *, max_bytes: int
) -> bytes:
    """Return the body, refusing one that is too large or drips in too slowly."""
    body = b""
    try:
        while chunk := response.read1(16 * 1024):
            body += chunk
            if len(body) > max_bytes or time.monotonic() > deadline:
                response.close()
                raise unavailable("body too large or too slow")
    except HTTPError as error:
        raise unavailable("answer broken off") from error
    return body


def _retry_after(response: urllib3.BaseHTTPResponse) -> int:
    given = response.headers.get("Retry-After", "")
    seconds = int(given) if given.isascii() and given.isdigit() else RETRY_AFTER_SECONDS
    return min(max(seconds, 1), LONGEST_RETRY_AFTER_SECONDS)
