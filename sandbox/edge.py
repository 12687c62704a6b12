"""A reverse proxy that ends TLS for several host names, as the one in production does.

Its certificate is its own, so a client must be told not to check it. It remembers what
passed through, so that a test can see which requests carried which cookie.
"""

import datetime
import http.client
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TIMEOUT_SECONDS = 30
HOP_BY_HOP = {"connection", "keep-alive", "te", "transfer-encoding", "upgrade"}


@dataclass(frozen=True, slots=True)
class Behind:
    """The server behind, and the host name to call it by; empty: the browser's."""

    url: str
    host: str = ""


# The host decides, then the path.
Route = Callable[[str, str], Behind | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A request that went through. `cookies` are the names of those it carried."""

    method: str
    host: str
    path: str
    origin: str
    cookies: frozenset[str]
    set_cookies: tuple[str, ...]


class Edge:
    """The running proxy. `route` may be changed while it runs."""

    def __init__(self, hosts: Iterable[str]) -> None:
        self.route: Route = lambda host, path: None
        self.passed: list[Passed] = []
        handler = type("Handler", (_Handler,), {"edge": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.context = _context(list(hosts))
        self.port = self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="edge", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    """Ends TLS in each connection's own thread: a slow client stops nobody else."""

    daemon_threads = True
    # A browser's connections stay open; the end must not wait for them.
    block_on_close = False
    context: ssl.SSLContext

    def finish_request(self, request: Any, client_address: Any) -> None:
        try:
            with self.context.wrap_socket(request, server_side=True) as secure:
                super().finish_request(secure, client_address)
        except OSError:
            # The browser has left: a spare connection, or a page that was closed.
            return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    edge: Edge

    def handle_any(self) -> None:
        host = self.headers.get("Host", "").partition(":")[0].lower()
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        behind = self.edge.route(host, self.path)
        if behind is None:
            self.send_error(404)
            return
        answer, content = self._ask(behind, body)
        self._remember(host, answer)
        self._reply(answer, content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = handle_any

    def _ask(
        self, behind: Behind, body: bytes
    ) -> tuple[http.client.HTTPResponse, bytes]:
        headers = {
            name: value
            for name, value in self.headers.items()
            if name.lower() not in HOP_BY_HOP
        }
        headers |= {"X-Forwarded-Proto": "https", "Connection": "close"}
        if behind.host:
            headers["Host"] = behind.host
        address = urlsplit(behind.url).netloc
        connection = http.client.HTTPConnection(address, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def _remember(self, host: str, answer: http.client.HTTPResponse) -> None:
        pairs = self.headers.get("Cookie", "").split(";")
        names = frozenset(pair.strip().partition("=")[0] for pair in pairs if pair)
        self.edge.passed.append(
            Passed(
                method=self.command,
                host=host,
                path=self.path.partition("?")[0],
                origin=self.headers.get("Origin", ""),
                cookies=names,
                set_cookies=tuple(answer.headers.get_all("Set-Cookie") or ()),
            )
        )

    def _reply(self, answer: http.client.HTTPResponse, content: bytes) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        if answer.status not in {204, 304}:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: the tests read `passed`."""


@contextmanager
def run_edge(hosts: Iterable[str]) -> Iterator[Edge]:
    """Run the proxy for the length of a `with` block, on a free port."""
    edge = Edge(hosts)
    try:
        yield edge
    finally:
        edge.stop()


def _context(hosts: list[str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        pair = Path(folder) / "pair.pem"
        pair.write_bytes(_self_signed(hosts))
        context.load_cert_chain(pair)
    return context


def _self_signed(hosts: list[str]) -> bytes:
    """Return a private key and a certificate for the hosts, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
