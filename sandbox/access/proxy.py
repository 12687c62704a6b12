"""Pass requests on to the shop, with the token that proves who asks.

The client's `Host` is kept, so that Django compares `Origin` with what the browser
sees. Bodies stream in both directions.
"""

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

from flask import Response, request

TOKEN_HEADER = "Cf-Access-Jwt-Assertion"
EMAIL_HEADER = "Cf-Access-Authenticated-User-Email"
CHUNK_BYTES = 64 * 1024
TIMEOUT_SECONDS = 60
HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
# Bodies do not belong to these answers, whatever the upstream's headers say.
BODILESS = {204, 304}


def forward(upstream: str, *, token: str, email: str) -> Response:
    """Return the shop's answer to the present request. Raises OSError."""
    address = urlsplit(upstream)
    connection = http.client.HTTPConnection(
        address.hostname or "127.0.0.1", address.port or 80, timeout=TIMEOUT_SECONDS
    )
    try:
        _send(connection, token=token, email=email)
        answer = connection.getresponse()
    except (OSError, http.client.HTTPException):
        connection.close()
        raise
    response = Response(_body(connection, answer), status=answer.status)
    response.headers.clear()
    for name, value in answer.getheaders():
        if name.lower() not in HOP_BY_HOP:
            response.headers.add(name, value)
    # The first read may never happen, and the connection must close even then.
    response.call_on_close(connection.close)
    return response


def _send(connection: http.client.HTTPConnection, *, token: str, email: str) -> None:
    target = request.environ.get("RAW_URI") or request.full_path.rstrip("?")
    connection.putrequest(
        request.method, target, skip_host=True, skip_accept_encoding=True
    )
    chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    for name, value in request.headers:
        if _passes(name):
            connection.putheader(name, value)
    connection.putheader(TOKEN_HEADER, token)
    connection.putheader(EMAIL_HEADER, email)
    connection.putheader("Connection", "close")
    if chunked:
        connection.putheader("Transfer-Encoding", "chunked")
    has_body = chunked or bool(request.content_length)
    chunks = _request_body() if has_body else None
    connection.endheaders(chunks, encode_chunked=chunked)


def _passes(name: str) -> bool:
    lower = name.lower()
    return lower not in HOP_BY_HOP and not lower.startswith("cf-access-")


def _request_body() -> Iterator[bytes]:
    while chunk := request.stream.read(CHUNK_BYTES):
        yield chunk


def _body(
    connection: http.client.HTTPConnection, answer: http.client.HTTPResponse
) -> Iterator[bytes]:
    try:
        if answer.status in BODILESS:
            return
        while chunk := answer.read1(CHUNK_BYTES):
            yield chunk
    finally:
        connection.close()
