"""Load a running shop for some seconds and say how it bears it. Only reads.

Needs nothing but Python. It loads this machine only, unless `--remote` names the host:
a load test of a shop that sells is an outage that one makes oneself.
"""

import argparse
import http.client
import ipaddress
import json
import ssl
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from deploy.reports import write_report

TIMEOUT_SECONDS = 10
MOST_CLIENTS, MOST_SECONDS = 64, 600
LIST = "/api/v1/products"
PATHS = (LIST, f"{LIST}?q=gamis", f"{LIST}?sort=price", "/api/v1/categories", "/health")
# What customers should feel at most, unless --p95-ms says otherwise.
P95_MS = 500.0
LIMITED = 429


@dataclass
class Tally:
    """What the clients met. Times are milliseconds, of answers other than 429."""

    times: list[float] = field(default_factory=list)
    statuses: Counter[int | str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, status: int | str, ms: float) -> None:
        with self.lock:
            self.statuses[status] += 1
            if status != LIMITED:
                self.times.append(ms)

    @property
    def failed(self) -> int:
        """Return how many requests got no answer, or a fault of the server."""
        return sum(
            count
            for status, count in self.statuses.items()
            if isinstance(status, str) or status >= 500
        )

    def percentile(self, percent: int) -> float:
        """Return the time below which that many percent of the answers came."""
        if len(self.times) < 2:
            return self.times[0] if self.times else 0.0
        return statistics.quantiles(self.times, n=100, method="inclusive")[percent - 1]


def is_here(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def connect(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(
            host, port, timeout=TIMEOUT_SECONDS, context=context
        )
    return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)


def client(url: str, paths: Sequence[str], until: float, tally: Tally) -> None:
    """Be one customer: ask one page after the other over one connection."""
    connection, turn = connect(url), 0
    while time.monotonic() < until:
        started = time.monotonic()
        status: int | str
        try:
            connection.request("GET", paths[turn % len(paths)])
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException) as error:
            status = type(error).__name__
            connection.close()
        tally.add(status, (time.monotonic() - started) * 1000)
        turn += 1
    connection.close()


def product_paths(url: str) -> list[str]:
    """Return the pages of some products. Raises OSError when there is no shop."""
    connection = connect(url)
    try:
        connection.request("GET", LIST)
        answer = connection.getresponse()
        results = json.loads(answer.read())["results"]
        return [f"{LIST}/{quote(str(product['slug']))}" for product in results[:10]]
    except (http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        raise OSError(type(error).__name__) from None
    finally:
        connection.close()


def load(url: str, *, clients: int, seconds: float) -> Tally:
    """Return what that many customers at once met in so many seconds."""
    paths, tally = [*PATHS, *product_paths(url)], Tally()
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(
            target=client, args=(url, paths[n % len(paths) :] + paths, until, tally)
        )
        for n in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


def describe(tally: Tally, seconds: float) -> str:
    """Return the numbers in one line."""
    total = sum(tally.statuses.values())
    limited = tally.statuses[LIMITED]
    return (
        f"{total} requests, {total / seconds:.0f} a second, {tally.failed} failed, "
        f"{limited} limited, p50 {tally.percentile(50):.0f} ms, "
        f"p95 {tally.percentile(95):.0f} ms, p99 {tally.percentile(99):.0f} ms"
    )


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="where the API is, such as http://127.0.0.1:8080")
    parser.add_argument("--clients", type=int, default=8, help="customers at once")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--p95-ms", type=float, default=P95_MS, help="slower is a fail")
    parser.add_argument("--remote", default="", help="the host, if it is not this one")
    given = parser.parse_args(arguments)
    host = urlsplit(given.url).hostname or ""
    if not host:
        parser.error("the address must begin with http:// or https://")
    if not is_here(host) and given.remote != host:
        parser.error(f"{host} is not this machine; if you may load it: --remote {host}")
    if not 1 <= given.clients <= MOST_CLIENTS or not 0 < given.seconds <= MOST_SECONDS:
        parser.error(f"at most {MOST_CLIENTS} clients and {MOST_SECONDS} seconds")
    return given


def main(arguments: list[str] | None = None) -> int:
    """Print the numbers and keep them. Exit status 1 when it was too much."""
    given = parse(arguments)
    url = given.url.rstrip("/")
    try:
        tally = load(url, clients=given.clients, seconds=given.seconds)
    except OSError as error:
        print(f"loadtest: {url} does not answer ({type(error).__name__})")
        return 1
    numbers = describe(tally, given.seconds)
    is_fast = bool(tally.times) and tally.percentile(95) <= given.p95_ms
    is_good = is_fast and not tally.failed and not tally.statuses[LIMITED]
    for status, count in sorted(tally.statuses.items(), key=str):
        print(f"  {status}: {count}")
    print(f"loadtest: {'ok' if is_good else 'fail'}: {numbers}")
    if tally.statuses[LIMITED]:
        print("Some requests met the rate limits: load a shop with RATE_LIMITS=off.")
    who = f"{given.clients} clients for {given.seconds:.0f} s: {numbers}"
    write_report("loadtest", is_good=is_good, summary=who)
    return int(not is_good)


if __name__ == "__main__":
    sys.exit(main())
