"""Constant load on the shop through the proxy, as many customers at once."""

import contextlib
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import urllib3

# Seconds: nothing goes on after that, whatever happens.
LONGEST = 600
PAUSE_SECONDS = 0.15
THREADS = 4
TIMEOUT = urllib3.Timeout(connect=5, read=40)


@dataclass
class Load:
    """What came of the requests; `carts` are those that the shop said it keeps."""

    answers: int = 0
    failures: list[str] = field(default_factory=list)
    carts: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopped: threading.Event = field(default_factory=threading.Event)

    def ask(self, pool: urllib3.HTTPSConnectionPool, number: int) -> None:
        """Look at the catalogue, or open a cart, once and without a second try."""
        # Another customer each time: the limits for one are those of production.
        client = {"CF-Connecting-IP": f"100.64.{number // 250 % 250}.{number % 250}"}
        is_cart = number % 2
        method, path = (
            ("POST", "/api/v1/cart") if is_cart else ("GET", "/api/v1/products")
        )
        try:
            answer = pool.request(
                method,
                # Past the proxy's cache: it is the shop that is exchanged.
                path if is_cart else f"{path}?limit={number % 20 + 1}",
                headers={"Host": "api.karima.test", **client},
                retries=False,
                timeout=TIMEOUT,
            )
        except urllib3.exceptions.HTTPError as error:
            self._note(f"{method} {path}: {error!r}")
            return
        is_good = answer.status == (201 if is_cart else 200)
        self._note("" if is_good else f"{method} {path}: {answer.status}")
        if is_cart and is_good:
            with self.lock:
                self.carts.append(answer.headers["X-Cart-Token"])

    def _note(self, failure: str) -> None:
        with self.lock:
            self.answers += 1
            if failure:
                self.failures.append(failure)


@contextlib.contextmanager
def load(port: int, trust: ssl.SSLContext) -> Iterator[Load]:
    """Ask all the time, over keep-alive connections, until the `with` block ends."""
    seen = Load()
    ends_at = time.monotonic() + LONGEST

    def go_on(number: int) -> None:
        pool = urllib3.HTTPSConnectionPool(
            "127.0.0.1",
            port,
            maxsize=1,
            ssl_context=trust,
            server_hostname="api.karima.test",
            assert_hostname="api.karima.test",
        )
        with contextlib.closing(pool):
            while not seen.stopped.wait(PAUSE_SECONDS) and time.monotonic() < ends_at:
                seen.ask(pool, number)
                number += THREADS * 2 + 1

    threads = [threading.Thread(target=go_on, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        seen.stopped.set()
        for thread in threads:
            thread.join()
