"""A server behind the proxy, which remembers what reaches it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: Message
    body: bytes


@dataclass(slots=True)
class Reply:
    """What to answer."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b"{}"


Answering = Callable[[Seen], Reply]


class Upstream:
    """The running server. `answering` decides what it says."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seen: list[Seen] = []
        self.answering: Answering = self.greet
        handler = type("Handler", (_Handler,), {"upstream": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.address = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), daemon=True
        )
        self._thread.start()

    def greet(self, seen: Seen) -> Reply:
        """Say who answers."""
        return Reply(headers=[("X-Answered-By", self.name)])

    def reset(self) -> None:
        self.seen.clear()
        self.answering = self.greet

    def stop(self) -> None:
        """Stop answering and free the port; connections that are open end."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # nginx keeps connections for 4 s; a stopped server must not answer on them.
    timeout = 10
    # One packet an answer: nginx and this would wait for each other's.
    wbufsize = 1 << 16
    upstream: Upstream

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        seen = Seen(self.command, self.path, self.headers, body)
        self.upstream.seen.append(seen)
        reply = self.upstream.answering(seen)
        self.send_response_only(reply.status)
        for name, text in reply.headers:
            self.send_header(name, text)
        if reply.status not in {204, 304}:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD" and reply.status not in {204, 304}:
            self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = handle_any

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: the tests read `seen`."""


@contextmanager
def run_upstream(name: str) -> Iterator[Upstream]:
    """Run a server for the length of a `with` block, on a free port."""
    upstream = Upstream(name)
    try:
        yield upstream
    finally:
        upstream.stop()
