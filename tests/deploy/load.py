"""Constant, bounded load on the proxy: reads, writes, and requests that take long."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import urllib3

from tests.deploy.proxy import API

# Seconds: nothing here goes on after that, whatever happens.
LONGEST = 60
# Requests a second stay far below what two busy cores can answer.
PAUSE_SECONDS = 0.05
SLOW_SECONDS = 1.5
# Slow ones answer within this, even when the machine is busy.
TIMEOUT = urllib3.Timeout(connect=5, read=20)


@dataclass
class Load:
    """What a run of the load has seen. `carts` are what the shop said it keeps."""

    answers: int = 0
    slow: int = 0
    # Asked again, because an idle connection was closed as the request came.
    repeats: int = 0
    carts: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopped: threading.Event = field(default_factory=threading.Event)

    def ask(
        self, pool: urllib3.HTTPConnectionPool, method: str, path: str, wanted: int
    ) -> urllib3.BaseHTTPResponse | None:
        """Ask without a second try, and write down what came of it.

        But for one: a reloaded nginx may close a kept connection at the moment at which
        it is used. Every client asks again then (RFC 9112, 9.3.1); the caller counts
        what the shop has kept, so that a request with an effect would be found.
        """
        try:
            answer = self.send(pool, method, path)
        except urllib3.exceptions.HTTPError as error:
            self.note(f"{method} {path}: {error!r}")
            return None
        self.note("" if answer.status == wanted else f"{path}: {answer.status}")
        return answer if answer.status == wanted else None

    def send(
        self, pool: urllib3.HTTPConnectionPool, method: str, path: str
    ) -> urllib3.BaseHTTPResponse:
        try:
            return pool.request(method, path, retries=False, timeout=TIMEOUT)
        except urllib3.exceptions.ProtocolError as error:
            if not isinstance(error.args[-1], ConnectionError):
                raise
        with self.lock:
            self.repeats += 1
        return pool.request(method, path, retries=False, timeout=TIMEOUT)

    def note(self, failure: str) -> None:
        with self.lock:
            self.answers += 1
            if failure:
                self.failures.append(failure)

    def browse(self, pool: urllib3.HTTPConnectionPool) -> None:
        # Through the proxy's cache, as visitors do.
        self.ask(pool, "GET", "/api/v1/products", 200)
        self.stopped.wait(PAUSE_SECONDS)

    def read(self, pool: urllib3.HTTPConnectionPool) -> None:
        self.ask(pool, "GET", "/api/v1/cart", 200)
        self.stopped.wait(PAUSE_SECONDS)

    def write(self, pool: urllib3.HTTPConnectionPool) -> None:
        answer = self.ask(pool, "POST", "/api/v1/cart", 201)
        if answer is not None:
            with self.lock:
                self.carts.append(answer.headers["X-Cart-Token"])
        self.stopped.wait(PAUSE_SECONDS)

    def linger(self, pool: urllib3.HTTPConnectionPool) -> None:
        if self.ask(pool, "GET", f"/slow?seconds={SLOW_SECONDS}", 200) is not None:
            with self.lock:
                self.slow += 1


@contextlib.contextmanager
def load(port: int, authority: Path) -> Iterator[Load]:
    """Ask the proxy all the time from five keep-alive connections.

    `authority` is the file of who signed the proxy's certificate.
    """
    seen = Load()
    ends_at = time.monotonic() + LONGEST
    actions = [seen.browse, seen.read, seen.write, seen.write, seen.linger]

    def go_on(number: int) -> None:
        pool = urllib3.HTTPSConnectionPool(
            "127.0.0.1",
            port,
            maxsize=1,
            headers={"Host": API},
            ca_certs=str(authority),
            server_hostname=API,
            assert_hostname=API,
        )
        with contextlib.closing(pool):
            while not seen.stopped.is_set() and time.monotonic() < ends_at:
                actions[number](pool)

    threads = [
        threading.Thread(target=go_on, args=(number,)) for number in range(len(actions))
    ]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        seen.stopped.set()
        for thread in threads:
            thread.join()
