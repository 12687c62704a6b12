"""Deploy a version under load and go back, and say whether anybody noticed.

    deploy_under_load.py VERSION --url https://api.example --resolve 127.0.0.1:443

It runs deploy.sh with the environment it has (RUNTIME and so on), and asks the shop all
the time: reads, and carts of guests, which stay empty. Failed is a request without an
answer, or with 500 and more; 429 is the limits at work. Exit 0 when none failed.
"""

import argparse
import http.client
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

SCRIPT = Path(__file__).resolve().parents[1] / "deploy.sh"
TIMEOUT_SECONDS = 35
PAUSE_SECONDS = 0.1
# Longer than any deploy; nothing here goes on after it.
LONGEST_SECONDS = 900
REQUESTS = (
    ("GET", "/api/v1/products"),
    ("GET", "/api/v1/cart"),
    ("POST", "/api/v1/cart"),
)


@dataclass
class Seen:
    """What the load has seen."""

    answers: int = 0
    failures: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def ask(self, shop: "Shop", method: str, path: str) -> None:
        """Ask once; a GET again when a kept connection was closed (RFC 9112, 9.3.1)."""
        tries = 2 if method == "GET" else 1
        for left in range(tries - 1, -1, -1):
            try:
                status = shop.ask(method, path)
            except (OSError, http.client.HTTPException) as error:
                shop.close()
                if not left:
                    self.failures.append(f"{method} {path}: {error!r}")
            else:
                if status >= 500:
                    self.failures.append(f"{method} {path}: {status}")
                break
        self.answers += 1


class Shop:
    """A kept connection to the shop, whatever the DNS says."""

    def __init__(self, url: str, resolve: str, authority: str | None) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        self.is_secure = parts.scheme == "https"
        name, _, port = resolve.rpartition(":")
        self.place = (name or self.host, int(port or (443 if self.is_secure else 80)))
        self.context = ssl.create_default_context(cafile=authority)
        self.connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str) -> int:
        """Return the status of an answer that was read to its end."""
        connection = self.connection or self.connect()
        # A POST has a connection of its own: nothing may be sent twice.
        keep = "close" if method == "POST" else "keep-alive"
        connection.request(
            method, path, headers={"Host": self.host, "Connection": keep}
        )
        answer = connection.getresponse()
        answer.read()
        if answer.will_close:
            self.close()
        return answer.status

    def connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(self.host, timeout=TIMEOUT_SECONDS)
        bare = socket.create_connection(self.place, TIMEOUT_SECONDS)
        connection.sock = (
            self.context.wrap_socket(bare, server_hostname=self.host)
            if self.is_secure
            else bare
        )
        self.connection = connection
        return connection

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def run_script(*arguments: str) -> bool:
    """Say whether deploy.sh did what it was asked for."""
    print(f"--- deploy.sh {' '.join(arguments)}", flush=True)
    try:
        done = subprocess.run(
            [str(SCRIPT), *arguments], check=False, timeout=LONGEST_SECONDS / 2
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def load(options: argparse.Namespace, seen: Seen) -> list[threading.Thread]:
    """Start the requests; they end with `seen.stopped`."""

    def go_on(method: str, path: str) -> None:
        shop = Shop(options.url, options.resolve, options.authority)
        while not seen.stopped.is_set():
            seen.ask(shop, method, path)
            seen.stopped.wait(PAUSE_SECONDS)
        shop.close()

    threads = [threading.Thread(target=go_on, args=pair) for pair in REQUESTS]
    for thread in threads:
        thread.start()
    timer = threading.Timer(LONGEST_SECONDS, seen.stopped.set)
    timer.daemon = True
    timer.start()
    return threads


def main(arguments: Sequence[str]) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("version")
    parser.add_argument("--url", required=True, help="the API's public address")
    parser.add_argument(
        "--resolve", default="", metavar="HOST:PORT", help="where the proxy listens"
    )
    parser.add_argument("--authority", help="who signed its certificate, as PEM")
    options = parser.parse_args(arguments)
    seen = Seen()
    threads = load(options, seen)
    try:
        worked = run_script("deploy", options.version) and run_script("rollback")
    finally:
        seen.stopped.set()
        for thread in threads:
            thread.join()
    for failure in seen.failures[:10]:
        print(failure)
    passed = worked and seen.answers > 0 and not seen.failures
    what = "deploy and rollback worked" if worked else "the script failed"
    counts = f"{len(seen.failures)} of {seen.answers} requests failed"
    print(f"{'PASSED' if passed else 'FAILED'}: {what}; {counts}.")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
