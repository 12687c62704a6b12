"""Servers that a preflight can be pointed at: web sites with TLS, a careful Redis."""

import contextlib
import datetime
import signal
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from karima.env import from_mapping
from karima.preflight.items import Context, Finding
from karima.preflight.network import Network
from sandbox.engines.binaries import find_redis
from sandbox.engines.processes import spawn, stop
from tests.karima.environments import good_production

Reply = tuple[int, Mapping[str, str], bytes]
Site = Callable[[str, str, Mapping[str, str]], Reply]
SITES = (
    "karima.com",
    "cdn.karima.com",
    "api.karima.com",
    "auth.karima.com",
    "api.ks-backend.cloud",
    "auth.ks-backend.cloud",
    "admin.ks-backend.cloud",
)


def production_context(**changes: Any) -> Context:
    """Return the context of a sound production, with changes."""
    given = {"environment": from_mapping(good_production())}
    return Context(**(given | changes))


def states(findings: Iterator[Finding]) -> list[str]:
    return [finding.state.value for finding in findings]


def local_network(port: int, *hosts: str) -> Network:
    """Return a network in which these names are this machine, https on that port."""
    return Network(
        hosts=dict.fromkeys(hosts, "127.0.0.1"),
        ports={443: port},
        timeout_seconds=5,
    )


def make_certificate(folder: Path, *hosts: str, days: int) -> Path:
    """Write a certificate that is its own CA, and its key, into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "preflight test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=400))
        .not_valid_after(now + datetime.timedelta(days=days, hours=1))
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
    path = folder / "pair.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@contextlib.contextmanager
def serving(site: Site, pair: Path | None = None) -> Iterator[int]:
    """Serve a site, over TLS when there is a certificate; yield the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers.get("Host", "")
            status, headers, body = site(host, self.path, self.headers)
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    server = _Quiet(("127.0.0.1", 0), Handler)
    if pair:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that left during the handshake."""


@contextlib.contextmanager
def running_redis(folder: Path, **options: str) -> Iterator[str]:
    """Run a Redis of its own with these options; yield the path of its socket."""
    program = find_redis()
    assert program
    path = folder / "redis.sock"
    given = {"port": "0", "unixsocket": str(path), "save": "", "dir": str(folder)}
    words = [part for k, v in (given | options).items() for part in (f"--{k}", v)]
    with (folder / "redis.log").open("wb") as output:
        process = spawn(
            [program, *words], output=output, account=None, death_signal=signal.SIGTERM
        )
    try:
        _wait(path, options.get("requirepass"))
        yield str(path)
    finally:
        stop(process, signal.SIGTERM)


def _wait(path: Path, password: str | None) -> None:
    for _ in range(500):
        with (
            contextlib.suppress(redis.RedisError),
            redis.Redis(unix_socket_path=str(path), password=password) as client,
        ):
            client.ping()
            return
        time.sleep(0.01)
    raise AssertionError("Redis did not start")
