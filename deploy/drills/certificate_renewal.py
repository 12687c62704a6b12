#!/usr/bin/env python3
"""Renew the proxy's certificate again and again under load, and lose no request.

    certificate_renewal.py [--renewals 5]

Needs nginx, envsubst and openssl; touches nothing that runs. It starts an nginx of its
own with the shipped configuration before a small backend, sends it requests on new and
on kept connections from eight clients who check the certificate, and meanwhile makes
and installs new pairs by `make-ca.sh renew` and `install-certificate.sh`. A pair that
does not fit must be refused on the way. Ends with a verdict: 0 passed, 1 failed.
"""

import argparse
import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[1]
HOST = "api.ks-backend.cloud"
CLIENTS = 8
TIMEOUT_SECONDS = 10
# A client keeps its connection for so many requests, then begins a new one.
REQUESTS_PER_CONNECTION = 20


class Backend(BaseHTTPRequestHandler):
    """Answers everything; a POST takes a moment, so that some are in flight."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command == "POST":
            time.sleep(0.05)
        self.send_response_only(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_GET = do_POST = answer

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@dataclass
class Load:
    """What the clients met."""

    port: int
    authority: Path
    over: threading.Event = field(default_factory=threading.Event)
    answered: int = 0
    repeated: int = 0
    failures: list[str] = field(default_factory=list)
    serials: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Send requests until the end is called."""
        while not self.over.is_set():
            try:
                self._use_one_connection()
            except (OSError, http.client.HTTPException) as problem:
                self._note(0, f"{type(problem).__name__}: {problem}")

    def _use_one_connection(self) -> None:
        context = ssl.create_default_context(cafile=str(self.authority))
        connection = http.client.HTTPSConnection(HOST, timeout=TIMEOUT_SECONDS)
        bare = socket.create_connection(("127.0.0.1", self.port), TIMEOUT_SECONDS)
        secure = context.wrap_socket(bare, server_hostname=HOST)
        connection.sock = secure
        serial = str((secure.getpeercert() or {}).get("serialNumber"))
        with self.lock:
            self.serials.add(serial)
        try:
            for number in range(REQUESTS_PER_CONNECTION):
                # What may not be repeated is sent on a new connection.
                method = "POST" if number == 0 else "GET"
                if not self._send(connection, method, is_kept=number > 0):
                    return
        finally:
            connection.close()

    def _send(
        self, connection: http.client.HTTPSConnection, method: str, *, is_kept: bool
    ) -> bool:
        """Send one request; say whether the connection is good for another.

        A server may end a kept connection at any time, also while a request is on its
        way; clients then send a GET again on a new one (RFC 9110, section 9.2.2).
        """
        try:
            connection.request(method, "/api/v1/drill", headers={"Host": HOST})
            response = connection.getresponse()
            response.read()
        except (ConnectionError, http.client.RemoteDisconnected):
            if not is_kept:
                raise
            self.repeated += 1
            return False
        problem = "" if response.status == 200 else f"status {response.status}"
        self._note(1, problem)
        return not (response.will_close or self.over.is_set())

    def _note(self, answered: int, problem: str) -> None:
        with self.lock:
            self.answered += answered
            if problem:
                self.failures.append(problem)


def script(name: str, *arguments: str, environment: dict[str, str]) -> int:
    """Run one of the scripts that a renewal uses, and return its status."""
    done = subprocess.run(
        [DEPLOY / name, *arguments],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    said = (done.stdout + done.stderr).strip().splitlines()
    print(f"  {name}: {said[-1] if said else done.returncode}")
    return done.returncode


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def start_proxy(folder: Path, backend: int) -> tuple[int, dict[str, str]]:
    """Start nginx in the folder; return its port and the scripts' environment."""
    port = free_port()
    environment = os.environ | {
        "PATH": f"{os.environ['PATH']}:/usr/sbin",
        "TLS_FOLDER": str(folder / "private"),
        "TLS_CA_FOLDER": str(folder / "ca"),
        "PROXY_TLS": str(folder / "private/proxy"),
        "PROXY_FOLDER": str(folder / "proxy"),
        "PROXY_HTTPS_LISTEN": f"127.0.0.1:{port}",
        "PROXY_HTTP_LISTEN": f"127.0.0.1:{free_port()}",
        "PROXY_LOCAL_LISTEN": f"127.0.0.1:{free_port()}",
        "PROXY_BACKEND": f"127.0.0.1:{backend}",
        # The load comes from one address, which the limits would stop.
        "PROXY_CLIENT_RATE": "100000r/s",
        "PROXY_API_RATE": "100000r/s",
    }
    for name, argument in (
        ("tls/make-ca.sh", "proxy"),
        ("nginx/render.sh", str(folder / "proxy")),
    ):
        if script(name, argument, environment=environment):
            raise SystemExit("FAILED: the proxy cannot be prepared")
    where = ["-p", f"{folder}/proxy/", "-c", f"{folder}/proxy/nginx.conf"]
    subprocess.run(["nginx", *where], env=environment, check=True)  # noqa: S607
    return port, environment


def renew(folder: Path, environment: dict[str, str], load: Load) -> bool:
    """Renew once: into a folder of its own, then by the hook. True if all went well."""
    apart = environment | {"TLS_FOLDER": str(folder / "renewal")}
    pair = folder / "renewal/proxy"
    known = len(load.serials)
    steps = script("tls/make-ca.sh", "renew", "proxy", environment=apart)
    hook = [str(pair / "proxy.crt"), str(pair / "proxy.key")]
    steps |= script("tls/install-certificate.sh", *hook, environment=environment)
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while len(load.serials) == known and time.monotonic() < deadline:
        time.sleep(0.05)
    return not steps and len(load.serials) > known


def wrong_pair_is_refused(folder: Path, environment: dict[str, str]) -> bool:
    """Offer a certificate with another's key, as a mistaken copy would."""
    crt, key = folder / "renewal/proxy/proxy.crt", folder / "private/redis/redis.key"
    offered = ("tls/install-certificate.sh", str(crt), str(key))
    return script(*offered, environment=environment) != 0


def drill(folder: Path, renewals: int) -> list[str]:
    """Run the drill and return what went wrong."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port, environment = start_proxy(folder, server.server_port)
    (folder / "renewal").mkdir()
    ca = (folder / "private/ca.pem").read_bytes()
    (folder / "renewal/ca.pem").write_bytes(ca)
    load = Load(port, folder / "private/ca.pem")
    clients = [threading.Thread(target=load.run) for _ in range(CLIENTS)]
    try:
        for client in clients:
            client.start()
        wrong: list[str] = []
        for number in range(1, renewals + 1):
            if not renew(folder, environment, load):
                wrong.append(f"renewal {number} did not reach the clients")
        if not wrong_pair_is_refused(folder, environment):
            wrong.append("a pair that does not belong together was installed")
    finally:
        load.over.set()
        for client in clients:
            client.join()
        pid = int((folder / "proxy/run/nginx.pid").read_text(encoding="ascii"))
        os.kill(pid, signal.SIGQUIT)
        server.shutdown()
    print(
        f"{load.answered} requests answered, {len(load.failures)} failed, "
        f"{load.repeated} sent again because a kept connection had ended, "
        f"{len(load.serials)} certificates seen"
    )
    wrong += sorted(set(load.failures))
    if not load.answered:
        wrong.append("no request was answered")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--renewals", type=int, default=5)
    renewals = parser.parse_args().renewals
    with tempfile.TemporaryDirectory(prefix="karima-drill-") as folder:
        wrong = drill(Path(folder), renewals)
    for line in wrong:
        print(f"  {line}")
    print("FAILED" if wrong else "PASSED: certificates renewed, no request lost")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
